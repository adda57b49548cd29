package dev.unfold.rnn.report;

import java.util.List;

/**
 * A line through points.
 *
 * @param name what the legend calls it
 * @param x ascending
 * @param y as many
 */
public record Line(String name, List<Double> x, List<Double> y) {
    /** Copies the lists. */
    public Line {
        x = List.copyOf(x);
        y = List.copyOf(y);
    }
}
