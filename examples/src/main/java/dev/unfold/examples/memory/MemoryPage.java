package dev.unfold.examples.memory;

import com.google.common.collect.ImmutableMap;
import dev.unfold.rnn.report.Bars;
import dev.unfold.rnn.report.Block;
import dev.unfold.rnn.report.Curve;
import dev.unfold.rnn.report.DataTable;
import dev.unfold.rnn.report.LineChart;
import dev.unfold.rnn.report.Recordings;
import dev.unfold.rnn.report.ReportPage;
import dev.unfold.rnn.report.Scale;
import dev.unfold.rnn.report.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What was measured of memory, as sections of a page.
 *
 * @param curves of the points
 * @param points all that were measured
 * @param refused what is said of budgets that are not workable
 */
record MemoryPage(MemoryCurves curves, List<Point> points, List<String> refused) {
    /** Appends the sections. */
    void add(ReportPage page, Trial.Settings settings) {
        String swept = curves.swept();
        Case most = curves.mostCase();
        List<List<String>> rows = Table.rows(swept, points);
        List<String> recommended =
                Recommendation.of(swept, points, Runtime.getRuntime().maxMemory());
        page.section("Recommendation", Text.paragraphs(String.join("\n\n", recommended)))
                .section("Memory and time by " + swept, memory(), time())
                .section(
                        "Memory over a training step",
                        Recordings.memory(
                                "Bytes by use, " + swept + " " + most.value(),
                                curves.most().stream()
                                        .collect(ImmutableMap.toImmutableMap(Point::mode, Point::measured))))
                .section("Time against memory", budgets())
                .section(
                        "What was measured",
                        new DataTable("All cases and modes", rows.get(0), rows.subList(1, rows.size())))
                .section(
                        "How the plan is run",
                        Recordings.explanation(
                                "The plan, " + swept + " " + most.value(), Trial.explain(most, settings)));
    }

    private Block memory() {
        return over(
                "Peak of memory in training",
                "MiB",
                curves.modes().stream()
                        .flatMap(mode -> Stream.of(
                                curves.curve(mode + ", measured", mode, each -> each.peak() / MemoryCurves.MEGA),
                                curves.curve(
                                        mode + ", predicted",
                                        mode,
                                        each -> each.predicted().peak().total() / MemoryCurves.MEGA)))
                        .toList());
    }

    private Block time() {
        return over(
                "Time of a training step",
                "milliseconds",
                curves.modes().stream()
                        .map(mode -> curves.curve(mode, mode, Point::milliseconds))
                        .toList());
    }

    private Block over(String title, String quantity, List<Curve> figures) {
        return curves.ofNumbers()
                ? new LineChart(
                        title,
                        curves.swept(),
                        quantity,
                        Scale.LINEAR,
                        figures.stream().map(curves::line).toList())
                : new Bars(title, quantity, curves.values(), figures);
    }

    private List<Block> budgets() {
        List<Block> blocks = new ArrayList<>();
        if (curves.hasBudgets()) {
            String title = "Within budgets, " + curves.swept() + " "
                    + curves.mostCase().value();
            blocks.add(new LineChart(
                    title, "peak in MiB", "milliseconds a training step", Scale.LINEAR, curves.budgets()));
        }
        if (!refused.isEmpty()) {
            List<List<String>> rows = refused.stream().map(List::of).toList();
            blocks.add(new DataTable("Budgets that are not workable", List.of("which, and why"), rows));
        }
        return blocks;
    }
}
