package dev.unfold.examples.mnist;

import com.google.common.collect.ImmutableMap;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.ReportOption;
import dev.unfold.rnn.train.Schedule;
import dev.unfold.rnn.train.TrainingOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code demo}: three cells, trained and evaluated on the embedded digits. */
@Command(
        name = "demo",
        description =
                "Train a vanilla cell, an LSTM and a user-written cell on embedded digits and evaluate them, in under two"
                        + " minutes.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
public final class DemoCommand implements Runnable {
    private static final List<CellKind> CELLS = List.of(CellKind.VANILLA, CellKind.LSTM, CellKind.MGU);
    private static final int HIDDEN = 128;
    private static final int EPOCHS = 4;
    private static final int BATCH = 32;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private ReportOption page = new ReportOption();

    @Override
    public void run() {
        common.check();
        page.check(common, null);
        common.tellEnvironment();
        MnistReport report = new MnistReport(common, 1);
        MnistData data = MnistData.embedded();
        MnistParts parts = MnistParts.of(data, MnistParts.toLearnFrom(data));
        List<MnistResult> results = new ArrayList<>();
        for (CellKind cell : CELLS) {
            results.add(report.train(settings(cell, data.train()), parts));
        }
        Map<String, Object> settings = ImmutableMap.of("hidden", HIDDEN, "epochs", EPOCHS, "batch", BATCH);
        report.write("demo", settings, results);
        Map<String, Object> all = new LinkedHashMap<>(common.settings());
        all.putAll(settings);
        page.write(common, "demo", all, new DigitsPage(parts, results)::add);
    }

    private MnistSettings settings(CellKind cell, Digits digits) {
        return new MnistSettings(
                new NetworkSettings(cell, digits.rows(), digits.columns(), HIDDEN, 1, false, 1, common.dtype()),
                OptimizerKind.ADAM,
                cell.learningRate(HIDDEN),
                TrainingOptions.epochs(EPOCHS).schedule(Schedule.linear()).keepLast(),
                BATCH,
                0,
                1,
                common.seed(),
                common.isStatic(),
                common.threads());
    }
}
