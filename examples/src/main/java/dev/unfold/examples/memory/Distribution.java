package dev.unfold.examples.memory;

import dev.unfold.examples.bench.MadeUp;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Made-up lengths of sequences. */
enum Distribution {
    /** All are the longest. */
    EQUAL,
    /** From one step to the longest, all as likely. */
    UNIFORM,
    /** Log-normal, most far shorter than the longest, at which they are cut off. */
    LONG_TAILED;

    private static final double SPREAD = 0.75;
    /** The share of the longest that half of the lengths do not reach. */
    private static final double MEDIAN = 0.25;

    int[] draw(MadeUp data, int count, int longest) {
        return switch (this) {
            case EQUAL -> {
                int[] lengths = new int[count];
                Arrays.fill(lengths, longest);
                yield lengths;
            }
            case UNIFORM -> data.lengths(count, 1, longest);
            case LONG_TAILED -> data.longTailedLengths(count, MEDIAN * longest, SPREAD, longest);
        };
    }

    static List<String> names() {
        return Arrays.stream(values()).map(Distribution::toString).toList();
    }

    /** Returns the one of a name. */
    static Distribution named(String name) {
        return Arrays.stream(values())
                .filter(each -> each.toString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the name that users give. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
