package dev.unfold.rnn.weights;

import static dev.unfold.rnn.Weighted.joined;
import static dev.unfold.rnn.Weighted.transposed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.StackedCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WeightLayoutTest {
    private static final int SEEDS = 12;

    @TempDir
    private Path folder;

    private final Parameters parameters = new Parameters("net", DType.FLOAT64, new NumpyRandom(1));

    @ParameterizedTest
    @EnumSource
    void what_is_written_should_be_read_to_the_same_bits(WeightLayout layout) {
        for (int seed = 0; seed < SEEDS; seed++) {
            NumpyRandom random = new NumpyRandom(seed);
            DType dtype = seed % 2 == 0 ? DType.FLOAT32 : DType.FLOAT64;
            Unroll unroll = Networks.random(layout, random, dtype);
            Tensor input = Networks.tensor(random, random.randint(1, 5), 2, unroll.inputSize())
                    .to(dtype);
            Tensor output = Networks.outputs(unroll, input);
            Map<String, Tensor> tensors = new LinkedHashMap<>(layout.write(unroll));
            Path file = Networks.write(folder.resolve("w"), tensors);

            Imported imported = Import.of(file).layout(layout).read();
            assertThat(Networks.outputs(imported.unroll(), input).sameBits(output))
                    .as("seed " + seed + " " + unroll.structure())
                    .isTrue();
            assertThat(imported.proven()).isFalse();
            assertThat(imported.became()).containsOnlyKeys(tensors.keySet());
            assertThat(layout.write(imported.unroll()))
                    .as("seed " + seed)
                    .allSatisfy((name, tensor) -> assertThat(tensor.sameBits(Objects.requireNonNull(tensors.get(name))))
                            .isTrue());

            Path model = folder.resolve("model");
            RecurrentFile.write(model, unroll);
            assertThat(Networks.outputs(RecurrentFile.read(model), input).sameBits(output))
                    .as("seed " + seed)
                    .isTrue();
        }
    }

    /** The equations of the systems' documents, over their own tensors, with the positions of their gates spelt out. */
    @ParameterizedTest
    @EnumSource
    void weights_should_compute_what_the_system_says(WeightLayout layout) {
        int d = 3;
        int h = 4;
        int gates = layout.kind().gates().length();
        for (int seed = 0; seed < SEEDS; seed++) {
            NumpyRandom random = new NumpyRandom(100 + seed);
            Tensor w = Networks.tensor(random, gates * h, d);
            Tensor r = Networks.tensor(random, gates * h, h);
            Tensor wb = Networks.tensor(random, gates * h);
            boolean oneBias = layout.origin() == WeightLayout.Origin.KERAS && layout != WeightLayout.KERAS_GRU;
            Tensor rb = oneBias ? Tensor.zeros(DType.FLOAT64, gates * h) : Networks.tensor(random, gates * h);
            Tensor x = Networks.tensor(random, 3, 1, d);
            Map<String, Tensor> file = new LinkedHashMap<>();
            switch (layout.origin()) {
                case PYTORCH -> {
                    file.put("weight_ih_l0", w);
                    file.put("weight_hh_l0", r);
                    file.put("bias_ih_l0", wb);
                    file.put("bias_hh_l0", rb);
                }
                case KERAS -> {
                    file.put("kernel", transposed(w));
                    file.put("recurrent_kernel", transposed(r));
                    file.put("bias", oneBias ? wb : joined(wb, rb).reshape(2, gates * h));
                }
                case ONNX -> {
                    file.put("W", w.reshape(1, gates * h, d));
                    file.put("R", r.reshape(1, gates * h, h));
                    file.put("B", joined(wb, rb).reshape(1, 2 * gates * h));
                }
            }
            Tensor expected = Equations.run(layout, w, r, wb, rb, x, h);
            file.put("replay.input", x);
            file.put("replay.output", expected);
            Imported imported = Import.of(Networks.write(folder.resolve("w"), file))
                    .layout(layout)
                    .read();
            Tensor found = Networks.outputs(imported.unroll(), x);
            for (int i = 0; i < found.size(); i++) {
                assertThat(found.getFlat(i)).as("seed " + seed).isCloseTo(expected.getFlat(i), within(1e-12));
            }
            assertThat(imported.proven()).isTrue();
        }
    }

    @Test
    void a_projection_should_compute_what_the_system_says() {
        int d = 3;
        int h = 4;
        int p = 2;
        for (int seed = 0; seed < SEEDS; seed++) {
            NumpyRandom random = new NumpyRandom(200 + seed);
            Map<String, Tensor> file = new LinkedHashMap<>();
            Tensor x = Networks.tensor(random, 4, 1, d);
            Tensor y = x;
            for (int layer = 0; layer < 2; layer++) {
                Tensor w = Networks.tensor(random, 4 * h, layer == 0 ? d : p);
                Tensor r = Networks.tensor(random, 4 * h, p);
                Tensor wb = Networks.tensor(random, 4 * h);
                Tensor rb = Networks.tensor(random, 4 * h);
                Tensor projection = Networks.tensor(random, p, h);
                file.put("weight_ih_l" + layer, w);
                file.put("weight_hh_l" + layer, r);
                file.put("bias_ih_l" + layer, wb);
                file.put("bias_hh_l" + layer, rb);
                file.put("weight_hr_l" + layer, projection);
                y = Equations.run(WeightLayout.PYTORCH_LSTM, w, r, wb, rb, projection, y, h);
            }
            assertComputes(WeightLayout.PYTORCH_LSTM, file, x, y, "seed " + seed);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"KERAS_LSTM", "KERAS_GRU", "ONNX_LSTM", "ONNX_GRU"})
    void two_layers_both_ways_should_compute_what_the_system_says(WeightLayout layout) {
        int h = 2;
        int width = layout.kind().gates().length() * h;
        boolean oneBias = layout == WeightLayout.KERAS_LSTM;
        for (int seed = 0; seed < SEEDS; seed++) {
            NumpyRandom random = new NumpyRandom(300 + seed);
            Map<String, Tensor> file = new LinkedHashMap<>();
            Tensor x = Networks.tensor(random, 4, 1, 3);
            Tensor y = x;
            for (int layer = 0; layer < 2; layer++) {
                int d = layer == 0 ? 3 : 2 * h;
                List<Tensor> w = List.of(Networks.tensor(random, width, d), Networks.tensor(random, width, d));
                List<Tensor> r = List.of(Networks.tensor(random, width, h), Networks.tensor(random, width, h));
                List<Tensor> wb = List.of(Networks.tensor(random, width), Networks.tensor(random, width));
                List<Tensor> rb = oneBias
                        ? List.of(Tensor.zeros(DType.FLOAT64, width), Tensor.zeros(DType.FLOAT64, width))
                        : List.of(Networks.tensor(random, width), Networks.tensor(random, width));
                String begin = "layers/" + layer + "/";
                if (layout.origin() == WeightLayout.Origin.ONNX) {
                    file.put(
                            begin + "W",
                            joined(w.get(0).reshape(width * d), w.get(1).reshape(width * d))
                                    .reshape(2, width, d));
                    file.put(
                            begin + "R",
                            joined(r.get(0).reshape(width * h), r.get(1).reshape(width * h))
                                    .reshape(2, width, h));
                    file.put(
                            begin + "B",
                            joined(joined(wb.get(0), rb.get(0)), joined(wb.get(1), rb.get(1)))
                                    .reshape(2, 2 * width));
                } else {
                    for (int way = 0; way < 2; way++) {
                        String below = begin + (way == 0 ? "forward_layer/" : "backward_layer/");
                        file.put(below + "kernel", transposed(w.get(way)));
                        file.put(below + "recurrent_kernel", transposed(r.get(way)));
                        file.put(
                                below + "bias",
                                oneBias
                                        ? wb.get(way)
                                        : joined(wb.get(way), rb.get(way)).reshape(2, width));
                    }
                }
                Tensor back = Equations.run(layout, w.get(1), r.get(1), wb.get(1), rb.get(1), Equations.reversed(y), h);
                y = Equations.sideBySide(
                        Equations.run(layout, w.get(0), r.get(0), wb.get(0), rb.get(0), y, h),
                        Equations.reversed(back));
            }
            assertComputes(layout, file, x, y, "seed " + seed);
        }
    }

    private void assertComputes(
            WeightLayout layout, Map<String, Tensor> weights, Tensor x, Tensor expected, String what) {
        Imported imported = Import.of(Networks.write(folder.resolve("w"), weights))
                .layout(layout)
                .read();
        Tensor found = Networks.outputs(imported.unroll(), x);
        assertThat(found.shape()).as(what).isEqualTo(expected.shape());
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.getFlat(i)).as(what).isCloseTo(expected.getFlat(i), within(1e-12));
        }
    }

    @Test
    void one_bias_should_become_the_first_of_two() {
        VanillaCell cell = new VanillaCell(parameters, 2, 3);
        cell.parameters().get(2).value().fill(0.5);
        Map<String, Tensor> tensors = WeightLayout.PYTORCH_RNN.write(Unroll.dynamic(cell));
        assertThat(tensors.get("bias_ih_l0")).hasToString("float64 [3] {0.5, 0.5, 0.5}");
        assertThat(tensors.get("bias_hh_l0")).hasToString("float64 [3] {0.0, 0.0, 0.0}");
        assertThat(Objects.requireNonNull(tensors.get("weight_ih_l0")).get(2, 1))
                .isEqualTo(cell.parameters().get(0).value().get(1, 2));
    }

    @Test
    void what_a_layout_has_no_place_for_should_be_refused() {
        assertRefused(
                WeightLayout.PYTORCH_LSTM,
                new LstmCell(parameters.below("a"), 2, 3, LstmCell.options().withPeepholes()),
                "weights: cell 'net.a' has peepholes, which no layout of weights here has a place for; make the network without");
        assertRefused(
                WeightLayout.PYTORCH_LSTM,
                new LstmCell(parameters.below("b"), 2, 3, LstmCell.options().cellClip(2)),
                "clips its state");
        GruCell before = new GruCell(parameters.below("c"), 2, 3, GruCell.Variant.RESET_BEFORE);
        assertRefused(
                WeightLayout.PYTORCH_GRU, before, "the unroll is of the kind GRU_RESET_BEFORE; PYTORCH_GRU holds GRU");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightLayout.of(WeightLayout.Origin.PYTORCH, Unroll.dynamic(before)))
                .withMessage(
                        "weights: PYTORCH has no cell GRU_RESET_BEFORE; expected one of [LSTM, GRU, RNN, RNN_RELU]");
        assertRefused(
                WeightLayout.KERAS_LSTM,
                new LstmCell(parameters.below("d"), 2, 3, LstmCell.options().projection(2)),
                "has a projection, which KERAS has not");
        assertRefused(
                WeightLayout.ONNX_RNN,
                new VanillaCell(parameters.below("e"), 2, 3, Activation.SIGMOID, true),
                "has sigmoid as its activation");
        VanillaCell f = new VanillaCell(parameters.below("f"), 2, 2);
        assertRefused(
                WeightLayout.ONNX_RNN,
                new DropoutCell(
                        parameters.below("drop"), f, DropoutCell.options().output(0.5)),
                "is a DropoutCell; expected an LstmCell, GruCell or VanillaCell that is not wrapped");
        assertRefused(
                WeightLayout.ONNX_RNN,
                StackedCell.withSkips(2, i -> new VanillaCell(parameters.below("skip" + i), i == 0 ? 2 : 5, 3)),
                "has skip connections");
        assertRefused(
                WeightLayout.PYTORCH_RNN,
                StackedCell.of(2, i -> new VanillaCell(parameters.below("wide" + i), 2 + i, 3 + i)),
                "PyTorch has one size for all");
        assertRefused(
                WeightLayout.KERAS_RNN,
                StackedCell.of(2, i -> new VanillaCell(parameters.below("g" + i), 3, 3, Activation.TANH, i == 0)),
                "some cells have a bias and some have none");
        VanillaCell g = new VanillaCell(parameters.below("g"), 2, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightLayout.KERAS_RNN.write(Unroll.bidirectional(f, g, Merge.SUM)))
                .withMessageContaining("merged by SUM");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightLayout.KERAS_RNN.write(Unroll.dynamic(f).reversed()))
                .withMessageContaining("expected one cell that goes forwards");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightLayout.KERAS_RNN.write(
                        Unroll.stacked(List.of(Unroll.dynamic(f), Unroll.dynamic(before)))))
                .withMessageContaining("expected one kind");
    }

    private static void assertRefused(WeightLayout layout, Cell cell, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layout.write(Unroll.dynamic(cell)))
                .withMessageContaining(why);
    }

    @ParameterizedTest
    @EnumSource
    void should_write_the_gates_of_a_cell_as_those_of_an_unroll_of_it(WeightLayout layout) {
        for (int seed = 0; seed < SEEDS; seed++) {
            NumpyRandom random = new NumpyRandom(seed);
            Network network = new Network(layout.kind(), true, false, 3, List.of(new Network.Size(4, 0)));
            Unroll unroll = Networks.of(network, random, DType.FLOAT32);
            Cell cell = Network.cells(unroll.structure()).get(0).get(0);
            Map<String, Tensor> expected = layout.write(unroll);
            Map<String, Tensor> gates = layout.writeGates(cell);
            String message = "seed " + seed + ": %s";
            assertThat(gates).containsOnlyKeys(expected.keySet());
            expected.forEach((name, tensor) -> assertThat(tensor.sameBits(Objects.requireNonNull(gates.get(name))))
                    .as(message, name)
                    .isTrue());
        }
    }

    @Test
    void should_write_zeros_for_the_forget_gate_of_coupled_gates() {
        LstmCell cell = new LstmCell(
                parameters, 1, 2, LstmCell.options().withCoupledGates().withPeepholes());
        Tensor w = cell.parameters().get(0).value();
        for (int j = 0; j < 6; j++) {
            w.setFlat(j, 1 + j);
        }
        // Ours i, g, o; there i, o, f, c.
        Tensor there = WeightLayout.ONNX_LSTM.writeGates(cell).get("W");
        assertThat(Objects.requireNonNull(there).toDoubles()).containsExactly(1, 2, 5, 6, 0, 0, 3, 4);
    }

    @Test
    void should_refuse_gates_that_are_others() {
        GruCell gru = new GruCell(parameters, 2, 3, GruCell.Variant.RESET_AFTER);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightLayout.ONNX_GRU_RESET_BEFORE.writeGates(gru))
                .withMessage("weights: cell 'net' is a GruCell; expected one with the gates of GRU_RESET_BEFORE");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightLayout.KERAS_LSTM.writeGates(new LstmCell(
                        parameters.below("p"), 2, 3, LstmCell.options().projection(1))))
                .withMessageContaining("cell 'net.p' has a projection");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightLayout.ONNX_LSTM.writeGates(new LstmCell(
                        parameters.below("n"), 2, 3, LstmCell.options().withLayerNorm())))
                .withMessageContaining("layer normalisation");
    }
}
