package dev.unfold.examples.convert;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import dev.unfold.examples.CommandRun;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.io.Safetensors;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.weights.Import;
import dev.unfold.rnn.weights.RecurrentFile;
import dev.unfold.rnn.weights.WeightLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvertCommandTest {
    private static final NumpyRandom RANDOM = new NumpyRandom(5);

    @TempDir
    private Path folder;

    private final Unroll unroll = Unroll.dynamic(
            new GruCell(new Parameters("net", DType.FLOAT32, RANDOM), 2, 3, GruCell.Variant.RESET_AFTER));
    private final Tensor input = Tensor.of(RANDOM.randn(5 * 2 * 2), 5, 2, 2).to(DType.FLOAT32);

    private Path path(String name) {
        return folder.resolve(name);
    }

    @BeforeEach
    void write() {
        unroll.parameters().forEach(each -> {
            for (int i = 0; i < each.value().size(); i++) {
                each.value().setFlat(i, RANDOM.nextGaussian());
            }
        });
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        WeightLayout.PYTORCH_GRU.write(unroll).forEach((name, tensor) -> tensors.put("rnn." + name, tensor));
        tensors.put("head", Tensor.zeros(DType.FLOAT32, 2));
        new Safetensors(tensors, Map.of()).write(path("weights"));
        Map<String, Tensor> replay = Map.of("replay.input", input, "replay.output", outputs(unroll));
        new Safetensors(replay, Map.of()).write(path("replay"));
    }

    private Tensor outputs(Unroll of) {
        return of.over(Graph.inference(), input).outputs().value();
    }

    private CommandRun run(String line) {
        return CommandRun.of(line.replace("@", folder + "/").split(" ", -1));
    }

    @Test
    void weights_should_become_a_model_and_weights_again() {
        CommandRun there =
                run("convert --from pytorch --cell gru --prefix rnn. --replay @replay --save @model @weights");
        assertThat(there.errLines()).isEmpty();
        assertThat(there.exitCode()).isZero();
        assertThat(there.out())
                .contains("rnn.weight_ih_l0  rnn.w\n")
                .contains("rnn.bias_hh_l0    added to rnn.b, the candidate's rnn.bun\n")
                .contains("head              left out\n")
                .contains("weights: 2 features in, 3 out, 57 parameters\n")
                .contains("proven: 30 numbers replayed, greatest difference ")
                .doesNotContain("not proven");
        assertThat(outputs(RecurrentFile.read(path("model"))).sameBits(outputs(unroll)))
                .isTrue();

        CommandRun back = run("convert --to keras --weights @keras @model");
        assertThat(back.exitCode()).isZero();
        Unroll again =
                Import.of(path("keras")).layout(WeightLayout.KERAS_GRU).read().unroll();
        assertThat(outputs(again).sameBits(outputs(unroll))).isTrue();
    }

    @Test
    void a_long_name_should_not_make_lines_long() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        WeightLayout.PYTORCH_GRU.write(unroll).forEach((name, tensor) -> tensors.put("rnn." + name, tensor));
        tensors.put("long".repeat(500), Tensor.zeros(DType.FLOAT32, 1));
        new Safetensors(tensors, Map.of()).write(path("long"));
        CommandRun run = run("convert --from pytorch --cell gru --prefix rnn. --save @model @long");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(200));
        assertThat(run.out()).contains("longlong");
    }

    @Test
    void weights_should_become_a_network_of_onnx_by_way_of_a_model() throws IOException {
        CommandRun direct = run("convert --from pytorch --cell gru --prefix rnn. --onnx @direct.onnx @weights");
        assertThat(direct.errLines()).isEmpty();
        assertThat(direct.exitCode()).isZero();
        run("convert --from pytorch --cell gru --prefix rnn. --save @model @weights");
        CommandRun later = run("convert --onnx @net.onnx @model");
        assertThat(later.errLines()).isEmpty();
        assertThat(later.exitCode()).isZero();
        assertThat(Files.readAllBytes(path("net.onnx"))).isEqualTo(Files.readAllBytes(path("direct.onnx")));

        OnnxMl.GraphProto graph = graph("net.onnx");
        assertThat(names(graph.getInputList())).containsExactly("input", "lengths");
        assertThat(names(graph.getOutputList())).containsExactly("output", "last", "final.h");
        List<OnnxMl.NodeProto> operators = graph.getNodeList().stream()
                .filter(node -> node.getOpType().equals("GRU"))
                .toList();
        assertThat(operators).hasSize(1);
        Map<String, Tensor> expected = WeightLayout.ONNX_GRU.write(unroll);
        List<String> names = List.of("W", "R", "B");
        for (int i = 0; i < names.size(); i++) {
            String given = operators.get(0).getInput(1 + i);
            OnnxMl.TensorProto tensor = graph.getInitializerList().stream()
                    .filter(each -> each.getName().equals(given))
                    .findFirst()
                    .orElseThrow();
            ByteBuffer numbers = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            Tensor weights = Objects.requireNonNull(expected.get(names.get(i)));
            for (int j = 0; j < weights.size(); j++) {
                assertThat(numbers.getFloat()).isEqualTo((float) weights.getFlat(j));
            }
            assertThat(numbers.hasRemaining()).isFalse();
        }
    }

    @Test
    void a_network_of_onnx_should_take_in_a_state_and_no_lengths_if_asked_to() throws IOException {
        RecurrentFile.write(path("model"), unroll);
        CommandRun run = run("convert --no-lengths --initial-state --onnx @net.onnx @model");
        assertThat(run.exitCode()).isZero();
        assertThat(names(graph("net.onnx").getInputList())).containsExactly("input", "initial.h");
    }

    private OnnxMl.GraphProto graph(String name) throws IOException {
        return OnnxMl.ModelProto.parseFrom(Files.readAllBytes(path(name))).getGraph();
    }

    private static List<String> names(List<OnnxMl.ValueInfoProto> values) {
        return values.stream().map(OnnxMl.ValueInfoProto::getName).toList();
    }

    @Test
    void what_is_not_proven_should_be_said() {
        CommandRun run =
                run("convert --from pytorch --cell gru --prefix rnn. --precision float64 --save @model @weights");
        assertThat(run.out()).contains("not proven: ").contains("float64 [2, 9]");
    }

    @Test
    void weights_that_give_out_something_else_should_leave_no_file() {
        CommandRun asKeras = run("convert --from keras --cell gru --prefix rnn. --save @model @weights");
        assertThat(asKeras.exitCode()).isEqualTo(1);
        assertThat(asKeras.errLines()).singleElement().asString().contains("is not of the layout KERAS_GRU");
        unroll.parameters().get(1).value().setFlat(0, 9);
        new Safetensors(Map.of("replay.input", input, "replay.output", outputs(unroll)), Map.of())
                .write(path("replay"));
        CommandRun wrong =
                run("convert --from pytorch --cell gru --prefix rnn. --replay @replay --save @model @weights");
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.errLines()).singleElement().asString().contains("the weights do not give out what is stored");
        assertThat(Files.exists(path("model"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--from pytorch --save @m @weights | --from and --cell go together",
                "--cell gru --save @m @weights | --from and --cell go together",
                "--prefix rnn. --save @m @weights | --prefix has no effect without --from",
                "--from keras --cell gru @weights | nothing is to be written",
                "--to keras @weights | --to and --weights go together",
                "--from torch --cell gru --save @m @weights | 'torch' is none of pytorch, keras, onnx",
                "--from keras --cell gated --save @m @w | 'gated' is none of lstm, gru, gru-reset-before, rnn, rnn-relu",
                "--save @no/m @weights | --save: the folder of",
                "--save @m --to onnx --weights @m @weights | --save and --weights name one file",
                "--save @m --onnx @m @weights | --save and --onnx name one file",
                "--save @m --to onnx --weights @w --onnx @./w @weights | --weights and --onnx name one file",
                "--from keras --cell gru --precision float64 --onnx @o @weights | --precision has no effect on --onnx",
                "--onnx @no/m @weights | --onnx: the folder of",
                "--save @m --initial-state @weights | --initial-state has no effect without --onnx",
                "--save @m --no-lengths @weights | --no-lengths has no effect without --onnx",
                "--save @m | Missing required parameter"
            })
    void bad_usage_should_be_refused(String options, String complaint) {
        CommandRun run = run("convert " + options);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.errLines()).singleElement().asString().contains(complaint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--from pytorch --cell gru-reset-before --save @m @weights | PYTORCH has no cell GRU_RESET_BEFORE",
                "--save @m @weights | expected a file of the kind 'unfold-recurrent'",
                "--from pytorch --cell gru --save @m @lost | there is no such file"
            })
    void what_cannot_be_read_should_be_refused(String options, String complaint) {
        CommandRun run = run("convert " + options);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errLines()).singleElement().asString().contains(complaint);
    }
}
