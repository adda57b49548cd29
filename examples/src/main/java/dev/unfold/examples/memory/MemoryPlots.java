package dev.unfold.examples.memory;

import dev.unfold.examples.report.OutputFiles;
import dev.unfold.examples.report.Plots;
import dev.unfold.graph.MemoryReport.Moment;
import dev.unfold.rnn.report.Curve;
import dev.unfold.rnn.report.Line;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** Pictures of what was measured: bytes and time over what is swept, and bytes over the course of a training step. */
final class MemoryPlots {
    private static final double MEGA = 1 << 20;

    private final MemoryCommand.Sweep sweep;
    /** Those without a budget. */
    private final List<Point> points;

    private final List<Point> bounded;
    private final List<String> modes;

    MemoryPlots(MemoryCommand.Sweep sweep, List<Point> points) {
        this.sweep = sweep;
        this.points = points.stream().filter(each -> each.within() == null).toList();
        this.bounded = points.stream().filter(each -> each.within() != null).toList();
        this.modes = points.stream().map(Point::mode).distinct().toList();
    }

    void write(Path folder) {
        OutputFiles.makeFolder(folder);
        over(folder.resolve("bytes.png"), "Peak of memory in training", "MiB", point -> point.peak() / MEGA);
        over(folder.resolve("time.png"), "Time of a training step", "milliseconds", Point::milliseconds);
        timeline(folder.resolve("timeline.png"));
        if (!bounded.isEmpty()) {
            budgets(folder.resolve("budgets.png"));
        }
    }

    private void over(Path file, String title, String quantity, ToDoubleFunction<Point> figure) {
        List<Curve> curves = new ArrayList<>();
        List<Line> lines = new ArrayList<>();
        for (String mode : modes) {
            List<Point> own = of(mode);
            List<Double> figures = own.stream().map(figure::applyAsDouble).toList();
            curves.add(new Curve(mode, figures));
            if (sweep != MemoryCommand.Sweep.LENGTHS) {
                lines.add(new Line(
                        mode,
                        own.stream()
                                .map(each -> Double.valueOf(each.of().value()))
                                .toList(),
                        figures));
            }
        }
        if (sweep == MemoryCommand.Sweep.LENGTHS) {
            List<String> labels =
                    of(modes.get(0)).stream().map(each -> each.of().value()).toList();
            Plots.bars(file, title, sweep.toString(), quantity, labels, curves);
        } else {
            Plots.lines(file, title, sweep.toString(), quantity, lines);
        }
    }

    /** Returns the points of a mode; numbers that are swept ascend. */
    private List<Point> of(String mode) {
        Comparator<Point> order = Comparator.comparingInt(each -> sweep == MemoryCommand.Sweep.LENGTHS
                ? 0
                : Integer.parseInt(each.of().value()));
        return points.stream()
                .filter(each -> each.mode().equals(mode))
                .sorted(order)
                .toList();
    }

    /** Returns the case that took up most, among points without a budget. */
    static Case most(List<Point> points) {
        return points.stream()
                .max(Comparator.comparingLong(Point::peak))
                .orElseThrow()
                .of();
    }

    /** Draws what shrinking budgets cost. */
    private void budgets(Path file) {
        Case most = most(points);
        List<Line> lines = new ArrayList<>();
        for (String mode : modes) {
            List<Point> own = Stream.concat(points.stream(), bounded.stream())
                    .filter(each -> each.of().equals(most) && each.mode().equals(mode))
                    .sorted(Comparator.comparingLong(Point::peak))
                    .toList();
            lines.add(new Line(
                    mode,
                    own.stream().map(each -> each.peak() / MEGA).toList(),
                    own.stream().map(Point::milliseconds).toList()));
        }
        String title = "Time against memory within budgets, " + sweep + " " + most.value();
        Plots.lines(file, title, "peak of memory in training, MiB", "milliseconds a training step", lines);
    }

    private void timeline(Path file) {
        Case most = most(points);
        List<Line> lines = points.stream()
                .filter(each -> each.of().equals(most))
                .map(each -> line(each, most.steps()))
                .toList();
        String title = "Memory over a training step, " + sweep + " " + most.value();
        Plots.lines(file, title, "step forward, then backward", "MiB", lines);
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
            y.add(each.total() / MEGA);
        }
        if (x.size() == 1) {
            x.add(2.0 * steps);
            y.add(y.get(0));
        }
        return new Line(point.mode(), x, y);
    }
}
