package dev.unfold.examples.memory;

import dev.unfold.examples.report.OutputFiles;
import dev.unfold.examples.report.Plots;
import dev.unfold.graph.MemoryReport.Moment;
import dev.unfold.rnn.report.Curve;
import dev.unfold.rnn.report.Line;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Pictures of what was measured: bytes and time over what is swept, and bytes over the course of a training step. */
final class MemoryPlots {
    private final MemoryCurves curves;

    MemoryPlots(MemoryCurves curves) {
        this.curves = curves;
    }

    void write(Path folder) {
        OutputFiles.makeFolder(folder);
        over(
                folder.resolve("bytes.png"),
                "Peak of memory in training",
                "MiB",
                point -> point.peak() / MemoryCurves.MEGA);
        over(folder.resolve("time.png"), "Time of a training step", "milliseconds", Point::milliseconds);
        timeline(folder.resolve("timeline.png"));
        if (curves.hasBudgets()) {
            budgets(folder.resolve("budgets.png"));
        }
    }

    private void over(Path file, String title, String quantity, ToDoubleFunction<Point> figure) {
        List<Curve> figures = curves.modes().stream()
                .map(mode -> curves.curve(mode, mode, figure))
                .toList();
        if (curves.ofNumbers()) {
            List<Line> lines = figures.stream().map(curves::line).toList();
            Plots.lines(file, title, curves.swept(), quantity, lines);
        } else {
            Plots.bars(file, title, curves.swept(), quantity, curves.values(), figures);
        }
    }

    private void budgets(Path file) {
        String title = "Time against memory within budgets, " + most();
        Plots.lines(file, title, "peak of memory in training, MiB", "milliseconds a training step", curves.budgets());
    }

    private String most() {
        return curves.swept() + " " + curves.mostCase().value();
    }

    private void timeline(Path file) {
        List<Line> lines = curves.most().stream()
                .map(each -> line(each, each.of().steps()))
                .toList();
        Plots.lines(file, "Memory over a training step, " + most(), "step forward, then backward", "MiB", lines);
    }

    /** Forward from 0 to T, backward on to 2 T; moments outside of steps lie where the step before them does. */
    private static Line line(Point point, int steps) {
        List<Double> x = new ArrayList<>();
        List<Double> y = new ArrayList<>();
        double at = 0;
        for (Moment each : point.measured().moments()) {
            if (each.step() >= 0) {
                at = each.backward() ? 2 * steps - each.step() : each.step() + 1;
            }
            x.add(at);
            y.add(each.total() / MemoryCurves.MEGA);
        }
        if (x.size() == 1) {
            x.add(2.0 * steps);
            y.add(y.get(0));
        }
        return new Line(point.mode(), x, y);
    }
}
