package dev.unfold.examples.memory;

import dev.unfold.examples.mnist.CellKind;
import java.util.Arrays;
import java.util.List;

/**
 * Sizes to be measured, and the lengths of the sequences in each batch.
 *
 * @param value of what is swept, as it was given
 * @param hidden H
 * @param input D, numbers in a step
 * @param distribution what the lengths are like
 * @param lengths by batch, each of as many rows
 */
record Case(String value, CellKind cell, int hidden, int input, String distribution, List<int[]> lengths) {
    int rows() {
        return lengths.get(0).length;
    }

    /** Returns the steps of the longest sequence. */
    int steps() {
        return lengths.stream().mapToInt(Case::longest).max().orElse(0);
    }

    static int longest(int[] lengths) {
        return Arrays.stream(lengths).max().orElse(0);
    }

    /** Whether no sequence is shorter than another. */
    boolean isWhole() {
        return lengths.stream().flatMapToInt(Arrays::stream).allMatch(each -> each == steps());
    }

    /** Returns which share of the steps of the rows of all batches is padding. */
    double paddingShare() {
        long words =
                lengths.stream().flatMapToInt(Arrays::stream).asLongStream().sum();
        long padded = lengths.stream()
                .mapToLong(each -> (long) longest(each) * each.length)
                .sum();
        return 1 - (double) words / padded;
    }
}
