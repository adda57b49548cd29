package dev.unfold.examples.memory;

import dev.unfold.graph.MemoryReport.Moment;
import dev.unfold.graph.MemoryUse;
import dev.unfold.rnn.report.Curve;
import dev.unfold.rnn.report.DataTable;
import dev.unfold.rnn.report.Recordings;
import dev.unfold.rnn.report.ReportPage;
import dev.unfold.rnn.report.StackedArea;
import dev.unfold.rnn.report.StackedArea.Panel;
import dev.unfold.rnn.report.Text;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What was measured of memory, as sections of a page.
 *
 * @param swept what differs from case to case
 * @param points all that were measured
 * @param refused what is said of budgets that are not workable
 */
record MemoryPage(String swept, List<Point> points, List<String> refused) {
    /** Appends the sections. */
    void add(ReportPage page, Trial.Settings settings) {
        Case most = MemoryPlots.most(points);
        List<Point> shown = points.stream()
                .filter(each -> each.of().equals(most) && each.within() == null)
                .toList();
        List<List<String>> rows = Table.rows(swept, points);
        List<String> recommended = new ArrayList<>(
                Recommendation.of(swept, points, Runtime.getRuntime().maxMemory()));
        recommended.addAll(refused);
        page.section("Recommendation", Text.paragraphs(String.join("\n\n", recommended)))
                .section(
                        "Memory over a training step",
                        new StackedArea(
                                "Bytes by use, " + swept + " " + most.value(),
                                "event",
                                "bytes",
                                shown.stream().map(MemoryPage::panel).toList()))
                .section(
                        "What was measured",
                        new DataTable("All cases and modes", rows.get(0), rows.subList(1, rows.size())))
                .section(
                        "How the plan is run",
                        Recordings.explanation(
                                "The plan, " + swept + " " + most.value(), Trial.explain(most, settings)));
    }

    private static Panel panel(Point point) {
        List<Moment> moments = point.measured().moments();
        return new Panel(
                point.mode(),
                Arrays.stream(MemoryUse.values())
                        .map(use -> new Curve(
                                Point.name(use),
                                moments.stream()
                                        .map(each -> (double) each.bytes(use))
                                        .toList()))
                        .toList());
    }
}
