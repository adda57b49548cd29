package dev.unfold.examples.bench;

import dev.unfold.examples.cli.CommonOptions.UnrollMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A workload that has been timed.
 *
 * @param rates units per second, ascending
 * @param limit floating-point operations per second that a thread could reach; 0 where it is not known
 * @param alone the median rate on one thread, timed right before; 0 where it was not
 * @param bytes that the work needed
 */
record Measured(Workload workload, Setup setup, List<Double> rates, double limit, double alone, long bytes) {
    /** Repetitions of figures that may be told without saying how many there were. */
    static final int FULL_RUN = 7;
    /** Figures that stand on a line without their names: workload, unit, median. */
    private static final int WITHOUT_NAME = 3;

    /** Returns the figures by the names that reports use. */
    Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        UnrollMode mode = setup.mode();
        double first = workload.figure(rates.get(0));
        double last = workload.figure(rates.get(rates.size() - 1));
        figures.put("workload", workload.name());
        figures.put("unit", workload.unit());
        figures.put("median", workload.figure(median()));
        figures.put("threads", setup.threads());
        figures.put("mode", mode == null ? "none" : lowerCase(mode));
        figures.put("min", Math.min(first, last));
        figures.put("max", Math.max(first, last));
        if (limit > 0 && workload.operations() > 0) {
            figures.put("share_of_peak", workload.operations() * median() / (limit * setup.threads()));
        }
        if (workload.tellsBytes()) {
            figures.put("bytes", bytes);
        }
        if (rates.size() < FULL_RUN) {
            figures.put("repetitions", rates.size());
        }
        if (isTime()) {
            figures.put("better", "less");
        }
        if (alone > 0) {
            figures.put("speedup", median() / alone);
        }
        return figures;
    }

    /** Returns the median of the units per second. */
    double median() {
        return Timing.median(rates);
    }

    /** Returns whether figures are times and not rates. */
    private boolean isTime() {
        return workload.figure(2) < workload.figure(1);
    }

    /** Returns the figures on a line: workload, unit and median, then the rest by name. */
    String line() {
        List<String> named = new ArrayList<>();
        figures().forEach((name, figure) -> named.add(name + "=" + shown(figure)));
        String first = named.subList(0, WITHOUT_NAME).stream()
                .map(each -> each.substring(each.indexOf('=') + 1))
                .collect(Collectors.joining(" "));
        return "BENCH unfold " + first + " " + String.join(" ", named.subList(WITHOUT_NAME, named.size()));
    }

    private static String shown(Object figure) {
        if (figure instanceof Double number) {
            return String.format(Locale.ROOT, number < 1 ? "%.3f" : number < 100 ? "%.2f" : "%.1f", number);
        }
        return String.valueOf(figure);
    }

    private static String lowerCase(UnrollMode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }

    /** Returns modes as they are told. */
    static List<String> lowerCase(List<UnrollMode> modes) {
        return modes.stream().map(Measured::lowerCase).toList();
    }
}
