package dev.unfold.rnn.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.primitives.Doubles;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.Golden;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.io.WeightsFileException;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers of PyTorch with what they gave out, as a file of weights. */
class GoldenImportTest {
    private static final Map<String, String> REPLAY = Map.of(
            "x",
            "replay.input",
            "y",
            "replay.output",
            "h0",
            "replay.h_0",
            "c0",
            "replay.c_0",
            "hn",
            "replay.h_n",
            "cn",
            "replay.c_n");

    @TempDir
    private Path folder;

    private static Map<String, Tensor> tensors(Golden golden, DType dtype) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : golden.tensorNames()) {
            if (name.matches("(weight|bias)_[ih]h_l.*")) {
                tensors.put(name, golden.tensor(name).to(dtype));
            } else if (REPLAY.containsKey(name)) {
                tensors.put(
                        Objects.requireNonNull(REPLAY.get(name)),
                        golden.tensor(name).to(dtype));
            }
        }
        if (golden.hasConfig("lengths")) {
            int[] lengths = golden.configInts("lengths");
            tensors.put("replay.lengths", Tensor.of(lengths, lengths.length));
        }
        return tensors;
    }

    private Imported read(Map<String, Tensor> tensors, WeightLayout layout) {
        return Import.of(Networks.write(folder.resolve("weights"), tensors))
                .layout(layout)
                .read();
    }

    @ParameterizedTest
    @CsvSource({
        "rnn_tanh, PYTORCH_RNN",
        "rnn_relu, PYTORCH_RNN_RELU",
        "rnn_tanh_variable_lengths, PYTORCH_RNN",
        "rnn_tanh_variable_lengths_bidirectional, PYTORCH_RNN",
        "gru, PYTORCH_GRU",
        "gru_bidirectional_two_layers, PYTORCH_GRU",
        "gru_variable_lengths, PYTORCH_GRU",
        "gru_variable_lengths_bidirectional, PYTORCH_GRU",
        "lstm, PYTORCH_LSTM",
        "lstm_bidirectional, PYTORCH_LSTM",
        "lstm_two_layers, PYTORCH_LSTM",
        "lstm_variable_lengths, PYTORCH_LSTM",
        "lstm_variable_lengths_bidirectional, PYTORCH_LSTM"
    })
    void layers_of_pytorch_should_be_read_and_proven(String name, WeightLayout layout) {
        Golden golden = Golden.load(name);
        Imported imported = read(tensors(golden, DType.FLOAT64), layout);

        Imported.Proof proof = Objects.requireNonNull(imported.proof());
        assertThat(imported.proven()).isTrue();
        assertThat(proof.difference()).isLessThan(1e-12);
        assertThat(proof.numbers()).isGreaterThan(20);
        if (!golden.hasTensor("h0")) {
            Lengths lengths = golden.hasConfig("lengths") ? Lengths.of(golden.configInts("lengths")) : Lengths.full();
            Tensor y = imported.unroll()
                    .over(Graph.inference(), golden.tensor("x"), lengths)
                    .outputs()
                    .value();
            Golden.assertClose(golden.tensor("y"), y, 1e-10);
        }
        assertThat(imported.unroll().parameters())
                .allSatisfy(each -> assertThat(each.dtype()).isEqualTo(DType.FLOAT64));

        Imported single = read(tensors(golden, DType.FLOAT32), layout);
        assertThat(single.proven()).isTrue();
        assertThat(single.unroll().parameters())
                .allSatisfy(each -> assertThat(each.dtype()).isEqualTo(DType.FLOAT32));
    }

    @ParameterizedTest
    @CsvSource({
        "rnn_tanh, PYTORCH_RNN_RELU, RNN",
        "rnn_relu, PYTORCH_RNN, RNN_RELU",
        "lstm, ONNX_LSTM, LSTM with gates in the order ifgo",
        "gru, ONNX_GRU, GRU with gates in the order rzn",
        "gru, ONNX_GRU_RESET_BEFORE, GRU with gates in the order rzn"
    })
    void weights_that_are_taken_for_others_should_be_refused(String name, WeightLayout wrong, String right) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(tensors(Golden.load(name), DType.FLOAT64));
        if (wrong.origin() == WeightLayout.Origin.ONNX) {
            // Correct in all but the order of gates.
            for (String matrix : new String[] {"weight_ih_l0", "weight_hh_l0"}) {
                Tensor w = Objects.requireNonNull(tensors.remove(matrix));
                tensors.put(
                        matrix.startsWith("weight_ih") ? "W" : "R",
                        w.reshape(1, w.shape().dim(0), w.shape().dim(1)));
            }
            double[] first =
                    Objects.requireNonNull(tensors.remove("bias_ih_l0")).toDoubles();
            double[] second =
                    Objects.requireNonNull(tensors.remove("bias_hh_l0")).toDoubles();
            tensors.put("B", Tensor.of(Doubles.concat(first, second), 1, 2 * first.length));
        }

        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> read(tensors, wrong))
                .withMessageContaining("the weights do not give out what is stored: taken for ")
                .withMessageContaining("'replay.")
                .withMessageContaining("it would be met by [" + right);
    }

    @ParameterizedTest
    @CsvSource({"lstm, 0, 1", "lstm, 1, 2", "lstm, 2, 3", "gru, 0, 1", "gru, 1, 2"})
    void two_gates_that_change_places_should_be_refused(String name, int a, int b) {
        Map<String, Tensor> tensors = tensors(Golden.load(name), DType.FLOAT32);
        tensors.forEach((tensor, value) -> {
            if (tensor.startsWith("weight") || tensor.startsWith("bias")) {
                int block = value.size() / (name.equals("lstm") ? 4 : 3);
                Tensor before = value.copy();
                value.copyRun(before, a * block, b * block, block);
                value.copyRun(before, b * block, a * block, block);
            }
        });
        WeightLayout layout = name.equals("lstm") ? WeightLayout.PYTORCH_LSTM : WeightLayout.PYTORCH_GRU;

        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> read(tensors, layout))
                .withMessageContaining("allowed are")
                .withMessageContaining("[step, row, feature]");
    }

    @ParameterizedTest
    @CsvSource({"bias_ih_l0", "bias_hh_l0", "weight_hh_l0"})
    void one_wrong_number_should_be_refused(String name) {
        Map<String, Tensor> tensors = tensors(Golden.load("gru"), DType.FLOAT64);
        Tensor tensor = Objects.requireNonNull(tensors.get(name));
        tensor.setFlat(12, tensor.getFlat(12) + 1e-6);
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> read(tensors, WeightLayout.PYTORCH_GRU))
                .withMessageContaining("the usual causes are");
    }

    @ParameterizedTest
    @CsvSource({"lstm_bidirectional, PYTORCH_LSTM"})
    void an_unroll_should_take_the_weights_or_stay_as_it_is(String name, WeightLayout layout) {
        Map<String, Tensor> tensors = tensors(Golden.load(name), DType.FLOAT64);
        Path file = Networks.write(folder.resolve("weights"), tensors);
        Imported made = Import.of(file).layout(layout).read();
        Unroll own = Networks.of(
                new Network(RecurrentKind.LSTM, true, true, 3, List.of(new Network.Size(4, 0))),
                new NumpyRandom(1),
                DType.FLOAT64);
        Imported into = Import.of(file).layout(layout).into(own);
        assertThat(into.unroll()).isSameAs(own);
        assertThat(into.proven()).isTrue();
        for (int i = 0; i < own.parameters().size(); i++) {
            assertThat(own.parameters()
                            .get(i)
                            .value()
                            .sameBits(made.unroll().parameters().get(i).value()))
                    .isTrue();
        }
        Unroll smaller = Networks.of(
                new Network(RecurrentKind.LSTM, true, true, 3, List.of(new Network.Size(3, 0))),
                new NumpyRandom(1),
                DType.FLOAT64);
        assertThatExceptionOfType(WeightsFileException.class)
                .isThrownBy(() -> Import.of(file).layout(layout).into(smaller))
                .withMessageContaining("expected those of the unroll");
    }
}
