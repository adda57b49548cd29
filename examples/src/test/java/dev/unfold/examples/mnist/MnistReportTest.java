package dev.unfold.examples.mnist;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.graph.DType;
import dev.unfold.rnn.train.Epoch;
import dev.unfold.rnn.train.History;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class MnistReportTest {
    @TempDir
    private Path data;

    @TempDir
    private Path folder;

    @Command(name = "command")
    private static final class CommandWithOptions {
        @Mixin
        private final CommonOptions common = new CommonOptions();
    }

    @Test
    void should_report_several_cells_side_by_side() throws IOException {
        StringWriter out = new StringWriter();
        MnistReport report = report(out);
        List<MnistResult> results = new ArrayList<>();
        for (CellKind cell : List.of(CellKind.VANILLA, CellKind.MGU)) {
            results.add(report.train(settings(cell), Trained.parts(MnistData.read(DigitFolder.write(data, 6, 4)))));
        }
        report.write("demo", ImmutableMap.of("hidden", 4), results);

        assertThat(out.toString()).contains("vanilla, hidden size 4", "mgu, hidden size 4", "plots in", "figures in");
        assertThat(folder.toFile().list())
                .contains("loss.png", "accuracy.png", "confusion-vanilla.png", "confusion-mgu.png", "report.json")
                .hasSize(4 + results.size() - 1);
        JsonObject json = JsonParser.parseString(Files.readString(folder.resolve("report.json")))
                .getAsJsonObject();
        assertThat(json.getAsJsonObject("settings").keySet())
                .containsExactly("seed", "threads", "precision", "unroll", "hidden");
        JsonObject figures = json.getAsJsonObject("results");
        JsonObject first = figures.getAsJsonArray("runs").get(0).getAsJsonObject();
        assertThat(figures.getAsJsonArray("runs")).hasSize(2);
        assertThat(first.keySet())
                .allSatisfy(key -> assertThat(figures.get(key)).isEqualTo(first.get(key)));
        assertThat(figures.getAsJsonArray("runs")
                        .get(1)
                        .getAsJsonObject()
                        .get("cell")
                        .getAsString())
                .isEqualTo("mgu");
    }

    @Test
    void should_leave_out_what_was_not_measured() throws IOException {
        MnistReport report = report(new StringWriter());
        MnistResult whole =
                report.train(settings(CellKind.MGU), Trained.parts(MnistData.read(DigitFolder.write(data, 6, 4))));
        Epoch epoch = whole.history().epochs().get(0);
        Epoch bare = new Epoch(1, epoch.learningRate(), epoch.trainLoss(), null, null, 1);
        for (History history : List.of(
                new History(List.of(), 0, 0), new History(List.of(bare), 0, 1), new History(List.of(bare), 1, 1))) {
            MnistResult result = new MnistResult(
                    whole.settings(), whole.network(), history, whole.evaluation(), whole.weightsSha256());
            assertThat(result.figures())
                    .doesNotContainKeys("dev_accuracy", "dev_hits")
                    .containsKey("test_accuracy");
            assertThat(result.trainSeconds()).isEqualTo(history.epochs().size());
        }
    }

    private MnistReport report(StringWriter out) {
        CommandWithOptions command = new CommandWithOptions();
        new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .parseArgs("--json", folder.resolve("report.json").toString(), "--plots", folder.toString());
        return new MnistReport(command.common, 1);
    }

    private static MnistSettings settings(CellKind cell) {
        return Trained.settings(
                Trained.rows(cell, DigitFolder.ROWS, DigitFolder.COLUMNS, 4, DType.FLOAT32), 1, 4, 0.01);
    }
}
