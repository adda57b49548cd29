package dev.unfold.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.examples.cell.MinimalGatedCell;
import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.report.ReportPage;
import dev.unfold.rnn.report.RunReport;
import dev.unfold.rnn.report.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of {@code docs/reports.md}. */
class ReportsDocsTest {
    @TempDir
    private Path folder;

    @Test
    void should_show_a_network_of_ones_own() throws IOException {
        Parameters parameters = new Parameters("signs", DType.FLOAT32, new NumpyRandom(1));
        SequenceClassifier classifier =
                new SequenceClassifier(parameters.below("output"), new MinimalGatedCell(parameters, 2, 8), 3);
        Tensor inputs =
                Tensor.of(new NumpyRandom(2).randn(12 * 4 * 2), 12, 4, 2).to(DType.FLOAT32);
        Tensor labels = Tensor.of(new int[] {0, 1, 2, 0}, 4);
        Path file = folder.resolve("mgu.html");
        // tag::run[]
        ReportPage page = new ReportPage("Minimal gated unit");
        page.section("Settings", new Settings("Network", Map.of("hidden", 8)));
        RunReport.of(
                        "MGU",
                        classifier.unroll(),
                        (graph, way) -> classifier.unrolled(way).loss(graph, inputs, labels))
                .addTo(page);
        page.write(file);
        // end::run[]
        assertThat(Files.readString(file))
                .contains("MGU: graph", "All 12 steps, as they are recorded", "One step, as the plan replays it")
                .contains("MGU: memory", "MGU: gradient flow", "How far L(11) reaches back");
    }
}
