package dev.unfold.rnn.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * A range of values with round ticks.
 *
 * @param scale how values are laid along it
 * @param from its first value
 * @param to its last, greater
 * @param ticks ascending, within the range
 */
record Axis(Scale scale, double from, double to, List<Double> ticks) {
    private static final double[] ROUND = {1, 2, 5, 10};
    /** From here on a power of ten is easier to read as such than by its zeros. */
    private static final double LEAST_POWER = 1e5;

    private static final int LEAST_EXPONENT = -323;
    private static final int MOST_EXPONENT = 308;
    /** A range smaller than this share of its values has no ticks that differ. */
    private static final double NO_RANGE = 1e-12;

    /** Returns an axis that ends at round values and holds all that are finite. */
    static Axis over(Scale scale, DoubleStream values, int most) {
        double[] range = range(scale == Scale.LINEAR ? values : values.filter(each -> each > 0));
        return scale == Scale.LINEAR
                ? linear(range[0], range[1], most, true, 0)
                : logarithmic(range[0], range[1], most);
    }

    /** Returns a linear axis that ends where the values do. Over whole numbers, such as epochs, there is no tick between two of them. */
    static Axis within(DoubleStream values, int most) {
        double[] all = values.toArray();
        boolean whole = Arrays.stream(all).allMatch(each -> each == Math.rint(each));
        double[] range = range(Arrays.stream(all));
        return linear(range[0], range[1], most, false, whole ? 1 : 0);
    }

    private static double[] range(DoubleStream values) {
        double[] finite = values.filter(Double::isFinite).toArray();
        return new double[] {
            DoubleStream.of(finite).min().orElse(1),
            DoubleStream.of(finite).max().orElse(1)
        };
    }

    private static Axis linear(double least, double most, int about, boolean round, double leastStep) {
        double size = Math.max(Math.abs(least), Math.abs(most));
        if (most / 2 - least / 2 <= NO_RANGE * size) {
            double room = size == 0 ? 1 : size / 2;
            return linear(least - room, most + room, about, round, leastStep);
        }
        double rough = Math.max(leastStep, most / about - least / about);
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = 10 * power;
        for (double each : ROUND) {
            if (each * power >= rough) {
                step = each * power;
                break;
            }
        }
        double first = Math.floor(least / step);
        double last = Math.ceil(most / step);
        double from = round ? Math.max(-Double.MAX_VALUE, times(first, step)) : least;
        double to = round ? Math.min(Double.MAX_VALUE, times(last, step)) : most;
        List<Double> ticks = new ArrayList<>();
        for (double k = first; k <= last; k++) {
            double tick = times(k, step);
            if (tick >= from && tick <= to) {
                ticks.add(tick + 0.0);
            }
        }
        return new Axis(Scale.LINEAR, from, to, ticks);
    }

    /** A quotient of whole numbers is rounded once: 3 * 0.1 is not 0.3. */
    private static double times(double k, double step) {
        return step < 1 ? k / Math.rint(1 / step) : k * step;
    }

    private static Axis logarithmic(double least, double most, int about) {
        int first = Math.max(LEAST_EXPONENT, (int) Math.floor(Math.log10(least)));
        int last = Math.min(MOST_EXPONENT, Math.max(first + 1, (int) Math.ceil(Math.log10(most))));
        int step = Math.max(1, (last - first + about - 1) / about);
        List<Double> ticks = new ArrayList<>();
        for (int exponent = first; exponent <= last; exponent += step) {
            double power = Double.parseDouble("1e" + exponent);
            ticks.add(power);
            if (last - first == 1 && exponent == first) {
                ticks.add(2 * power);
                ticks.add(5 * power);
            }
        }
        return new Axis(Scale.LOGARITHMIC, ticks.get(0), Double.parseDouble("1e" + last), ticks);
    }

    /** Returns a tick as text: a power of ten that is large or small as such. */
    String text(double tick) {
        return scale == Scale.LOGARITHMIC && tick >= LEAST_POWER ? Numbers.scientific(tick) : Numbers.text(tick);
    }

    /** Returns whether a value has a place on the axis. */
    boolean holds(double value) {
        return Double.isFinite(value) && (scale == Scale.LINEAR || value > 0);
    }

    /** Returns the place of a value, 0 at the start and 1 at the end. */
    double at(double value) {
        double share = scale == Scale.LINEAR
                ? (value / 2 - from / 2) / (to / 2 - from / 2)
                : (Math.log(value) - Math.log(from)) / (Math.log(to) - Math.log(from));
        return Math.min(1, Math.max(0, share));
    }
}
