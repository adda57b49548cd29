package dev.unfold.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl;
import com.google.gson.Gson;
import com.oracle.labs.mlrg.olcut.provenance.io.ProvenanceSerializationException;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.tribuo.onnx.OnnxRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.ONNXExportable;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.sequence.SequenceExample;

/** Models of Tribuo in ONNX Runtime and here, given what the metadata of their files ask for. */
class ModelsAsOnnxTest {
    @TempDir
    private Path folder;

    private static RecurrentOptions small(CellKind cell) {
        return new RecurrentOptions()
                .cell(cell)
                .hiddenSize(7)
                .layers(2)
                .bidirectional(true)
                .dropout(0.2)
                .recurrentDropout(0.2)
                .inputDropout(0.1)
                .epochs(2)
                .precision(cell == CellKind.GRU ? Precision.FLOAT64 : Precision.FLOAT32);
    }

    private static Map<String, String> metadata(OnnxMl.ModelProto model) {
        Map<String, String> metadata = new HashMap<>();
        model.getMetadataPropsList().forEach(each -> metadata.put(each.getKey(), each.getValue()));
        return metadata;
    }

    private static List<String> names(Map<String, String> metadata, String key) {
        return List.of(new Gson().fromJson(metadata.get(key), String[].class));
    }

    private static void assertProvenance(Map<String, String> metadata, ModelProvenance expected)
            throws ProvenanceSerializationException {
        String text = Objects.requireNonNull(metadata.get(ONNXExportable.PROVENANCE_METADATA_FIELD));
        assertThat(ONNXExportable.SERIALIZER.deserializeAndUnmarshal(text)).isEqualTo(expected);
    }

    private static Tensor probabilities(Map<String, Tensor> outputs) {
        Tensor logits = Objects.requireNonNull(outputs.get("logits"));
        return Ops.softmax(Graph.inference().input(logits)).value();
    }

    private static void assertSame(Prediction<Label> expected, List<String> labels, Tensor scores, String what) {
        assertThat(labels)
                .containsExactlyInAnyOrderElementsOf(expected.getOutputScores().keySet());
        for (int k = 0; k < labels.size(); k++) {
            Label label = Objects.requireNonNull(expected.getOutputScores().get(labels.get(k)));
            assertThat(scores.getFlat(k)).as(what + ": " + labels.get(k)).isEqualTo(label.getScore(), within(1e-5));
        }
    }

    @ParameterizedTest
    @EnumSource
    void should_classify_grids(CellKind cell) throws IOException, ProvenanceSerializationException {
        List<Example<Label>> seen = new ArrayList<>(Images.examples(1, 30));
        // A pixel that training never sees must be left out.
        seen.replaceAll(each -> {
            List<Feature> some = new ArrayList<>();
            each.forEach(feature -> some.add(feature));
            some.removeIf(feature -> feature.getName().equals(Images.name(6)));
            return new ArrayExample<>(each.getOutput(), some);
        });
        RecurrentClassifierModel model = new RecurrentClassifierTrainer(small(cell), Images.ROWS, Images.COLUMNS, 3)
                .train(Images.dataset("seen", seen));
        Path file = folder.resolve("images.onnx");
        // tag::classifier[]
        model.onnx().write(file);
        // end::classifier[]
        OnnxMl.ModelProto onnx = OnnxMl.ModelProto.parseFrom(Files.readAllBytes(file));
        Map<String, String> metadata = metadata(onnx);
        assertProvenance(metadata, model.getProvenance());
        int[] grid = new Gson().fromJson(metadata.get("tribuo.grid"), int[].class);
        assertThat(grid).containsExactly(Images.ROWS, Images.COLUMNS, 0);
        List<String> features = names(metadata, "tribuo.features");
        assertThat(features).hasSize(Images.ROWS * Images.COLUMNS - 1);

        List<Example<Label>> examples = Images.examples(2, 9);
        Tensor input = Tensor.zeros(DType.FLOAT32, grid[0], examples.size(), grid[1]);
        for (int row = 0; row < examples.size(); row++) {
            for (Feature feature : examples.get(row)) {
                int place = Integer.parseInt(feature.getName()) - grid[2];
                double value = features.contains(feature.getName()) ? feature.getValue() : 0;
                input.set(value, place / grid[1], row, place % grid[1]);
            }
        }
        try (OnnxRun run = new OnnxRun(onnx)) {
            Tensor scores = probabilities(run.run(Map.of("input", input)));
            for (int row = 0; row < examples.size(); row++) {
                assertSame(
                        model.predict(examples.get(row)),
                        names(metadata, "tribuo.labels"),
                        scores.at(row),
                        cell + " image " + row);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void should_tag_sequences(CellKind cell) throws IOException, ProvenanceSerializationException {
        RecurrentSequenceModel model = new RecurrentSequenceTrainer(small(cell), 6, 1).train(Sentences.dataset(1, 40));
        Path file = folder.resolve("tagger.onnx");
        // tag::tagger[]
        model.onnx().write(file);
        // end::tagger[]
        OnnxMl.ModelProto onnx = OnnxMl.ModelProto.parseFrom(Files.readAllBytes(file));
        Map<String, String> metadata = metadata(onnx);
        assertProvenance(metadata, model.getProvenance());
        List<String> features = names(metadata, "tribuo.features");

        List<SequenceExample<Label>> sentences = new ArrayList<>(Sentences.examples(2, 6));
        sentences.add(new SequenceExample<>(List.of(
                Sentences.blank("NOUN"),
                Sentences.example("VERB", "word=can", -0.7),
                Sentences.example("DET", "never seen", 3))));
        int steps = sentences.stream().mapToInt(SequenceExample::size).max().orElseThrow();
        for (int most : new int[] {2, 5}) {
            Tensor indices = Tensor.zeros(DType.INT32, steps, sentences.size(), most);
            Tensor values = Tensor.zeros(DType.FLOAT32, steps, sentences.size(), most);
            Tensor lengths = Tensor.zeros(DType.INT32, sentences.size());
            for (int row = 0; row < sentences.size(); row++) {
                lengths.set(sentences.get(row).size(), row);
                for (int t = 0; t < sentences.get(row).size(); t++) {
                    int at = 0;
                    for (Feature feature : sentences.get(row).get(t)) {
                        int number = features.indexOf(feature.getName());
                        if (number >= 0) {
                            indices.set(number, t, row, at);
                            values.set(feature.getValue(), t, row, at++);
                        }
                    }
                }
            }
            try (OnnxRun run = new OnnxRun(onnx)) {
                Tensor scores =
                        probabilities(run.run(Map.of("indices", indices, "values", values, "lengths", lengths)));
                for (int row = 0; row < sentences.size(); row++) {
                    List<Prediction<Label>> expected = model.predict(sentences.get(row));
                    for (int t = 0; t < expected.size(); t++) {
                        String what = cell + " sentence " + row + " step " + t + " of bags of " + most;
                        List<String> labels = names(metadata, "tribuo.labels");
                        assertSame(expected.get(t), labels, scores.at(t).at(row), what);
                    }
                }
            }
        }
    }
}
