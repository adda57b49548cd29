package dev.unfold.rnn.report;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Numbers in a row, such as one for each epoch.
 *
 * @param name what the legend calls it
 * @param values in their order
 */
public record Curve(String name, List<Double> values) {
    /** Copies the list. */
    public Curve {
        values = List.copyOf(values);
    }

    /** Returns the line over 1, 2, 3 and so on. */
    public Line line() {
        List<Double> x = IntStream.rangeClosed(1, values.size())
                .mapToObj(each -> (double) each)
                .toList();
        return new Line(name, x, values);
    }
}
