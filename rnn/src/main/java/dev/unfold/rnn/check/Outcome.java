package dev.unfold.rnn.check;

import dev.unfold.graph.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What came of a run, by name. */
record Outcome(Map<String, Tensor> values) {
    Tensor get(String name) {
        return Objects.requireNonNull(values.get(name), name);
    }

    /** Says where the first bit is not as expected, and what else is not; empty where all is. */
    Optional<String> differenceFrom(Outcome expected) {
        if (!values.keySet().equals(expected.values.keySet())) {
            return Optional.of("expected " + expected.values.keySet() + ", got " + values.keySet());
        }
        List<String> differing = values.keySet().stream()
                .filter(name -> !get(name).sameBits(expected.get(name)))
                .toList();
        if (differing.isEmpty()) {
            return Optional.empty();
        }
        String first = differing.get(0);
        String where = first + difference(expected.get(first), get(first));
        return Optional.of(
                differing.size() == 1
                        ? where
                        : where + " (as well: " + String.join(", ", differing.subList(1, differing.size())) + ")");
    }

    private static String difference(Tensor expected, Tensor actual) {
        if (actual.dtype() != expected.dtype() || !actual.shape().equals(expected.shape())) {
            return ": expected " + expected + ", got " + actual;
        }
        int position = 0;
        while (Double.doubleToRawLongBits(expected.getFlat(position))
                == Double.doubleToRawLongBits(actual.getFlat(position))) {
            position++;
        }
        return Arrays.toString(expected.shape().index(position)) + ": expected " + expected.getFlat(position) + ", got "
                + actual.getFlat(position);
    }
}
