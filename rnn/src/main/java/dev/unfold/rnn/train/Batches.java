package dev.unfold.rnn.train;

import com.google.common.hash.Hashing;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The batches of each epoch. They depend on the number of the epoch alone, so that a training that was interrupted goes on with what it
 * would have gone on with. Batches with a {@code toString} of their own are part of what a checkpoint must agree in.
 *
 * @param <B> what is trained on at a time
 */
@FunctionalInterface
public interface Batches<B> {
    /**
     * Returns the batches of an epoch, in order, as many in each epoch.
     *
     * @param epoch from 1 on
     */
    List<B> of(int epoch);

    /** Returns how much the loss of a batch weighs in the mean over an epoch; 1 unless overridden. */
    default double weight(B batch) {
        return 1;
    }

    /**
     * Returns the same batches in every epoch, each as much as the others; for sequences that are streams, for instance.
     *
     * @throws IllegalArgumentException for none
     */
    static <B> Batches<B> inOrder(List<B> batches) {
        List<B> all = List.copyOf(batches);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("batches: there are none; expected at least one");
        }
        return epoch -> all;
    }

    /**
     * Returns batches of examples that are shuffled anew for each epoch. The last of an epoch may be smaller.
     *
     * @param examples how many there are, at least 1
     * @param size the most examples in a batch, at least 1
     * @param seed of the order
     * @param making makes a batch of the numbers of its examples, from 0 on
     * @param weight how much the loss of a batch weighs, for example as many as it has labels
     * @throws IllegalArgumentException for less than one example, or batches of none
     */
    static <B> Batches<B> shuffled(
            int examples, int size, long seed, Function<int[], B> making, ToDoubleFunction<B> weight) {
        if (examples < 1 || size < 1) {
            throw new IllegalArgumentException(
                    "batches: " + examples + " examples in batches of " + size + "; expected at least one of each");
        }
        return new Batches<>() {
            @Override
            public List<B> of(int epoch) {
                int[] order = order(examples, seed, epoch);
                return new AbstractList<>() {
                    @Override
                    public B get(int number) {
                        int from = number * size;
                        return making.apply(Arrays.copyOfRange(order, from, Math.min(from + size, examples)));
                    }

                    @Override
                    public int size() {
                        return (examples - 1) / size + 1;
                    }
                };
            }

            @Override
            public double weight(B batch) {
                return weight.applyAsDouble(batch);
            }

            @Override
            public String toString() {
                return examples + " examples by " + size + ", shuffled by seed " + seed;
            }
        };
    }

    private static int[] order(int examples, long seed, int epoch) {
        int hash = Hashing.murmur3_32_fixed()
                .newHasher()
                .putLong(seed)
                .putInt(epoch)
                .hash()
                .asInt();
        return new NumpyRandom(hash & Integer.MAX_VALUE).permutation(examples);
    }
}
