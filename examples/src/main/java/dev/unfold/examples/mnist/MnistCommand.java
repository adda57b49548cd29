package dev.unfold.examples.mnist;

import com.google.common.collect.ImmutableSet;
import dev.unfold.examples.cli.CheckpointOption;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.ReportOption;
import dev.unfold.examples.data.DataException;
import dev.unfold.rnn.train.History;
import dev.unfold.rnn.train.TrainingLoop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mnist}: a recurrent classifier of handwritten digits, whose pixels are cut into steps. */
@Command(
        name = "mnist",
        description = "Train a recurrent classifier of handwritten digits, rows of pixels as steps.",
        subcommands = PredictCommand.class,
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
public final class MnistCommand implements Runnable {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private NetworkOptions network = new NetworkOptions();

    @Mixin
    private LearningOptions learning = new LearningOptions();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Folder with the four IDX files of MNIST, gzipped or not (default: an embedded sample of 6,000"
                            + " training and 1,000 test images).")
    private @Nullable Path data;

    @Option(
            names = "--cell",
            defaultValue = "vanilla",
            description =
                    "The recurrent cell: vanilla, gru (resets before the product), gru-after, lstm, lstm-peephole, lstm-layernorm or mgu"
                            + " (default ${DEFAULT-VALUE}).")
    private CellKind cell = CellKind.VANILLA;

    @Option(
            names = "--compare",
            split = ",",
            paramLabel = "CELL",
            description =
                    "Train several cells with the same other settings, and compare them: --compare vanilla,gru,lstm.")
    private List<CellKind> compared = new ArrayList<>();

    @Option(
            names = "--fraction",
            defaultValue = "1",
            description =
                    "Share of the images to learn from that is used; those for validation, 1 in 12, are apart and stay"
                            + " (default ${DEFAULT-VALUE}).")
    private double fraction;

    @Option(
            names = "--report-every",
            paramLabel = "EPOCHS",
            defaultValue = "1",
            description = "Epochs between printed lines (default ${DEFAULT-VALUE}).")
    private int reportEvery;

    @Option(
            names = "--save",
            paramLabel = "FILE",
            description = "Write the trained model to this file, for mnist predict.")
    private @Nullable Path save;

    @Mixin
    private CheckpointOption checkpoints = new CheckpointOption();

    @Mixin
    private ReportOption page = new ReportOption();

    private Map<String, Object> settings = Map.of();

    @Override
    public void run() {
        check();
        MnistData digits = read();
        int used = (int) Math.round(fraction * MnistParts.toLearnFrom(digits));
        common.require(
                used >= 1,
                "--fraction",
                fraction,
                "a share that leaves at least 1 of " + MnistParts.toLearnFrom(digits) + " images to learn from");
        List<MnistSettings> runs = cells().stream()
                .map(each -> learning.settings(common, network.settings(common, each, digits.train())))
                .toList();
        MnistParts parts = MnistParts.of(digits, used);
        common.tellEnvironment();
        settings = settings(runs);
        MnistReport out = new MnistReport(common, reportEvery);
        List<MnistResult> results = runs.stream()
                .map(each -> out.train(each, parts, loop -> run(loop, parts)))
                .toList();
        if (save != null) {
            DigitFile.write(save, results.get(0).network());
        }
        out.write("mnist", settings, results);
        page.write(common, "mnist", allSettings(), new DigitsPage(parts, results)::add);
    }

    private History run(TrainingLoop<DigitBatch> loop, MnistParts parts) {
        Map<String, Object> all = allSettings();
        if (checkpoints.isGiven()) {
            // The same data may be at another path by then, and other data at this one.
            all.put("data", parts.sha256());
        }
        return checkpoints.run(loop, all);
    }

    private Map<String, Object> allSettings() {
        Map<String, Object> all = new LinkedHashMap<>(common.settings());
        all.putAll(settings);
        return all;
    }

    private void check() {
        common.check();
        network.check(common);
        learning.check(common);
        common.require(fraction > 0 && fraction <= 1, "--fraction", fraction, "a number above 0 and at most 1");
        common.require(reportEvery >= 1, "--report-every", reportEvery, "at least 1");
        common.refuseIf(
                common.quiet() && common.isGiven("--report-every"),
                "--report-every has no effect with --quiet; leave out one of them");
        common.checkFile("--save", Optional.ofNullable(save));
        page.check(common, save);
        checkpoints.check(common, Optional.ofNullable(save));
        if (!compared.isEmpty()) {
            common.refuseIf(checkpoints.isGiven(), "--checkpoints holds one training; leave out --compare or it");
            common.refuseIf(save != null, "--save takes one model; leave out --compare or it");
            common.refuseIf(
                    common.isGiven("--cell"),
                    "--cell has no effect with --compare, which names the cells; leave it out");
            boolean several =
                    compared.size() > 1 && ImmutableSet.copyOf(compared).size() == compared.size();
            common.require(several, "--compare", names(), "several cells, each once");
        }
    }

    private MnistData read() {
        MnistData digits = data == null ? MnistData.embedded() : MnistData.read(data);
        int there = digits.train().count();
        if (there < 2) {
            throw new DataException(data + ": holds " + there
                    + " training image; expected at least 2, one to learn from and one to validate with");
        }
        return digits;
    }

    private List<CellKind> cells() {
        return compared.isEmpty() ? List.of(cell) : compared;
    }

    private String names() {
        return compared.stream().map(CellKind::toString).collect(Collectors.joining(","));
    }

    private Map<String, Object> settings(List<MnistSettings> runs) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("data", data == null ? "embedded" : data.toString());
        MnistSettings first = runs.get(0);
        if (runs.size() == 1) {
            settings.put("cell", cell.toString());
        } else {
            settings.put("compare", names());
        }
        NetworkOptions.put(settings, first.network());
        Map<String, Double> rates = new LinkedHashMap<>();
        runs.forEach(each -> rates.put(each.network().cell().toString(), each.learningRate()));
        learning.put(settings, runs.size() == 1 ? first.learningRate() : rates);
        settings.put("fraction", fraction);
        return settings;
    }
}
