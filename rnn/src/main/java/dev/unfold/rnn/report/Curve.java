package dev.unfold.rnn.report;

import java.util.List;

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
}
