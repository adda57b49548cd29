package dev.unfold.tribuo.onnx;

import static dev.unfold.tribuo.onnx.Batches.SIZES;
import static dev.unfold.tribuo.onnx.Batches.parameters;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl;
import com.google.common.base.Splitter;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.model.LanguageModel;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.model.SequenceTagger;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole models in ONNX Runtime and here, and what their files say. */
class OnnxModelsTest {
    private static final int SYMBOLS = 11;
    private final Parameters p = parameters(21);
    private final Random random = new Random(21);

    private Tensor symbols(int steps, int rows) {
        Tensor symbols = Tensor.zeros(DType.INT32, steps, rows);
        for (int i = 0; i < symbols.size(); i++) {
            symbols.setFlat(i, random.nextInt(SYMBOLS));
        }
        return symbols;
    }

    private static Map<String, Tensor> with(String name, Tensor value, DetachedState left) {
        Map<String, Tensor> expected = new LinkedHashMap<>(Map.of(name, value));
        left.values().forEach((field, state) -> expected.put("final." + field, state));
        return expected;
    }

    @Test
    void should_write_a_classifier(@TempDir Path folder) throws IOException {
        Unroll unroll = Unroll.bidirectional(
                new LstmCell(p.below("forward"), 4, 6), new OwnCells.MinimalGated(p.below("back"), 4, 5), Merge.CONCAT);
        SequenceClassifier classifier = new SequenceClassifier(p.below("output"), unroll, 3);
        Batches.shake(classifier.parameters(), 21);
        Path file = folder.resolve("classifier.onnx");
        // tag::write[]
        OnnxExport.of(classifier).documentation("Three classes of sequences.").write(file);
        // end::write[]
        OnnxMl.ModelProto model;
        try (InputStream in = Files.newInputStream(file)) {
            model = OnnxMl.ModelProto.parseFrom(in);
        }
        assertThat(model.getDocString()).isEqualTo("Three classes of sequences.");
        try (OnnxRun run = new OnnxRun(model);
                Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
            for (int[] size : SIZES) {
                Tensor input = Batches.random(random, size[0], size[1], 4);
                Tensor lengths = Batches.lengths(random, size[0], size[1]);
                Tensor logits = classifier
                        .logits(Graph.inference(), input, Lengths.of(lengths))
                        .value();
                DetachedState left = unroll.over(Graph.inference(), input, Lengths.of(lengths))
                        .finalState();
                OnnxRun.assertSame(
                        run.run(Map.of("input", input, "lengths", lengths)), with("logits", logits, left), "logits");
            }
        }
    }

    @Test
    void should_write_a_tagger_with_its_embedding() {
        Embedding embedding = new Embedding(p.below("embedding"), SYMBOLS, 4);
        Unroll unroll = Unroll.bidirectional(
                new GruCell(p.below("a"), 4, 6, GruCell.Variant.RESET_AFTER),
                new GruCell(p.below("b"), 4, 6, GruCell.Variant.RESET_AFTER),
                Merge.AVERAGE);
        SequenceTagger tagger = new SequenceTagger(p.below("output"), unroll, 5);
        Batches.shake(tagger.parameters(), 22);
        // tag::reading[]
        OnnxExport export = OnnxExport.of(tagger).reading(SYMBOLS, embedding::of);
        // end::reading[]
        try (OnnxRun run = new OnnxRun(export)) {
            for (int[] size : SIZES) {
                Tensor symbols = symbols(size[0], size[1]);
                Tensor lengths = Batches.lengths(random, size[0], size[1]);
                Graph graph = Graph.inference();
                Tensor logits = tagger.logits(embedding.of(graph.input(symbols)), Lengths.of(lengths))
                        .value();
                DetachedState left = unroll.over(embedding.of(graph.input(symbols)), Lengths.of(lengths))
                        .finalState();
                OnnxRun.assertSame(
                        run.run(Map.of("input", symbols, "lengths", lengths)), with("logits", logits, left), "logits");
            }
        }
    }

    @Test
    void should_write_a_language_model_that_goes_on() {
        LanguageModel model = new LanguageModel(p, SYMBOLS, Unroll.dynamic(new LstmCell(p.below("rnn"), 4, 6)));
        Batches.shake(model.parameters(), 23);
        Tensor symbols = symbols(9, 3);
        LanguageModel.Run whole = model.over(Graph.inference().input(symbols));
        try (OnnxRun run = new OnnxRun(OnnxExport.of(model).withInitialState().withoutLengths())) {
            Map<String, Tensor> state = Map.of(
                    "initial.h", Tensor.zeros(DType.FLOAT32, 3, 6), "initial.c", Tensor.zeros(DType.FLOAT32, 3, 6));
            for (int t = 0; t < 9; t++) {
                Map<String, Tensor> inputs = new LinkedHashMap<>(state);
                inputs.put("input", symbols.slice(t, t + 1));
                Map<String, Tensor> outputs = run.run(inputs);
                OnnxRun.assertSame(
                        Map.of(
                                "logits",
                                Objects.requireNonNull(outputs.get("logits")).at(0)),
                        Map.of("logits", whole.logits().value().at(t)),
                        "step " + t);
                state = Map.of(
                        "initial.h", Objects.requireNonNull(outputs.get("final.h")),
                        "initial.c", Objects.requireNonNull(outputs.get("final.c")));
            }
        }
    }

    @Test
    void should_say_what_it_is_and_what_comes_of_a_small_batch() {
        for (boolean lengths : new boolean[] {true, false}) {
            LanguageModel model = new LanguageModel(
                    parameters(1).below("model"),
                    SYMBOLS,
                    Unroll.stacked(List.of(
                            Unroll.dynamic(new LstmCell(parameters(2), 4, 6)),
                            Unroll.dynamic(new OwnCells.MinimalGated(parameters(3), 6, 5)))));
            OnnxExport export = OnnxExport.of(model).withInitialState().producer("us");
            OnnxMl.ModelProto written = (lengths ? export : export.withoutLengths()).model();
            assertThat(written.getProducerName()).isEqualTo("us");
            assertThat(written.getOpsetImport(0).getVersion()).isEqualTo(17);
            assertThat(written.getIrVersion()).isEqualTo(8);
            Map<String, String> metadata = new LinkedHashMap<>();
            written.getMetadataPropsList().forEach(each -> metadata.put(each.getKey(), each.getValue()));
            assertThat(metadata)
                    .containsEntry(
                            "unfold.cells",
                            "rnn: " + LstmCell.class.getName() + ", rnn: " + OwnCells.MinimalGated.class.getName())
                    .containsEntry("unfold.precision", "float32")
                    .containsKey("unfold.version");
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            metadata.forEach((key, text) -> {
                if (key.startsWith("unfold.parity.")) {
                    String name = key.substring("unfold.parity.".length());
                    boolean isInput = name.startsWith("initial.") || name.equals("input") || name.equals("lengths");
                    (isInput ? inputs : outputs).put(name, told(text, !name.contains(".") && isInput));
                }
            });
            assertThat(inputs).hasSize(written.getGraph().getInputCount());
            try (OnnxRun run = new OnnxRun(written)) {
                OnnxRun.assertSame(run.run(inputs), outputs, "parity");
            }
        }
    }

    private static Tensor told(String text, boolean isInteger) {
        int end = text.indexOf(']');
        int[] shape = Splitter.on(", ")
                .splitToStream(text.substring(1, end))
                .mapToInt(Integer::parseInt)
                .toArray();
        Tensor value = Tensor.zeros(isInteger ? DType.INT32 : DType.FLOAT32, shape);
        List<String> numbers = Splitter.on(' ').splitToList(text.substring(end + 2));
        for (int i = 0; i < numbers.size(); i++) {
            value.setFlat(i, Double.parseDouble(numbers.get(i)));
        }
        return value;
    }

    @Test
    void should_narrow_float64_and_say_so() {
        Parameters wide = new Parameters("rnn", DType.FLOAT64, new NumpyRandom(5));
        Unroll unroll = Unroll.stacked(List.of(
                Unroll.dynamic(new LstmCell(wide.below("0"), 4, 6)),
                Unroll.dynamic(new OwnCells.MinimalGated(wide.below("1"), 6, 5))));
        OnnxMl.ModelProto model = OnnxExport.of(unroll).model();
        assertThat(model.getMetadataPropsList().stream().map(OnnxMl.StringStringEntryProto::getValue))
                .contains("float64, narrowed to float32");
        Tensor input = Batches.random(random, 5, 3, 4);
        Tensor lengths = Tensor.of(new int[] {5, 0, 1}, 3);
        try (OnnxRun run = new OnnxRun(model)) {
            OnnxRun.assertSame(
                    run.run(Map.of("input", input, "lengths", lengths)),
                    Batches.expected(unroll, input.to(DType.FLOAT64), Lengths.of(lengths)),
                    "float64");
        }
    }

    @Test
    void should_write_the_same_bytes_again() {
        Unroll unroll = Unroll.dynamic(new OwnCells.MinimalGated(p, 4, 5));
        assertThat(OnnxExport.of(unroll).model().toByteArray())
                .isEqualTo(OnnxExport.of(unroll).model().toByteArray());
    }

    @Test
    void should_refuse_states_and_settings_that_do_not_fit() {
        Unroll unroll = Unroll.dynamic(new LstmCell(p, 4, 6));
        DetachedState two =
                DetachedState.of("h", Tensor.zeros(DType.FLOAT32, 2, 6)).with("c", Tensor.zeros(DType.FLOAT32, 2, 6));
        assertThatThrownBy(() -> OnnxExport.of(unroll.from(two)).model())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a state begins a batch of as many rows as it has");
        assertThatThrownBy(() -> OnnxExport.of(unroll).opset(13)).hasMessage("onnx: opset is 13; expected 14 to 21");
        assertThatThrownBy(() -> OnnxExport.of(unroll).reading(0, x -> x)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> OnnxExport.of(unroll).readingBags(0, (x, y) -> x))
                .hasMessage("onnx: there are 0 features to read; expected at least 1");
        assertThatThrownBy(() -> OnnxExport.of(unroll).metadata("unfold.cells", ""))
                .hasMessageContaining("expected a name that does not begin with unfold.");
    }
}
