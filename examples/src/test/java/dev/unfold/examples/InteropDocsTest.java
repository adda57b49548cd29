package dev.unfold.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.io.Safetensors;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import dev.unfold.rnn.weights.Import;
import dev.unfold.rnn.weights.Imported;
import dev.unfold.rnn.weights.RecurrentFile;
import dev.unfold.rnn.weights.WeightLayout;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code that docs/interop.md shows, compiled and run. */
class InteropDocsTest {
    @TempDir
    private Path folder;

    private final Parameters parameters = new Parameters("mine", DType.FLOAT32, new NumpyRandom(1));
    private final Unroll mine = Unroll.bidirectional(
            new LstmCell(parameters.below("a"), 3, 4), new LstmCell(parameters.below("b"), 3, 4), Merge.CONCAT);
    private final Tensor inputs =
            Tensor.of(new NumpyRandom(2).randn(5 * 2 * 3), 5, 2, 3).to(DType.FLOAT32);

    private Tensor outputs(Unroll unroll) {
        return unroll.over(Graph.inference(), inputs).outputs().value();
    }

    @Test
    void what_the_page_shows_should_run() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        WeightLayout.PYTORCH_LSTM.write(mine).forEach((name, tensor) -> tensors.put("encoder." + name, tensor));
        tensors.put("replay.input", inputs);
        tensors.put("replay.output", outputs(mine));
        Path file = folder.resolve("lstm.safetensors");
        new Safetensors(tensors, Map.of()).write(file);

        // tag::import[]
        Imported imported = Import.of(file)
                .layout(WeightLayout.PYTORCH_LSTM)
                .prefix("encoder.")
                .read();
        System.out.println(imported.proven() + " " + imported.became());
        Unrolled run = imported.unroll().over(Graph.inference(), inputs); // [T, N, D]
        // end::import[]
        assertThat(imported.proven()).isTrue();
        assertThat(run.outputs().value().sameBits(outputs(mine))).isTrue();

        mine.parameters().forEach(each -> each.value().fill(0));
        // tag::into[]
        Import.of(file).layout(WeightLayout.PYTORCH_LSTM).prefix("encoder.").into(mine);
        // end::into[]
        assertThat(outputs(mine).sameBits(run.outputs().value())).isTrue();

        // tag::export[]
        Map<String, Tensor> weights = WeightLayout.KERAS_LSTM.write(mine);
        new Safetensors(weights, Map.of()).write(folder.resolve("keras.safetensors"));
        // end::export[]
        assertThat(weights).containsKeys("forward_layer/kernel", "backward_layer/bias");

        Path model = folder.resolve("lstm.model");
        RecurrentFile.write(model, mine);
        // tag::model[]
        Unroll lstm = RecurrentFile.read(model);
        // end::model[]
        assertThat(outputs(lstm).sameBits(run.outputs().value())).isTrue();
    }
}
