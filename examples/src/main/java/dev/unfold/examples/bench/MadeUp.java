package dev.unfold.examples.bench;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.stream.IntStream;

/** Made-up data, drawn as NumPy draws them and from one seed, so that all runs have the same. */
public final class MadeUp {
    private static final int SEED = 7;

    private final NumpyRandom random;
    private final DType dtype;

    /** Makes the data of workloads. */
    MadeUp() {
        this(SEED, DType.FLOAT32);
    }

    /**
     * Makes other data.
     *
     * @param dtype of what is no whole number
     */
    public MadeUp(int seed, DType dtype) {
        this.random = new NumpyRandom(seed);
        this.dtype = dtype;
    }

    /** Returns lengths of sequences, uniform between two, both of which occur. */
    public int[] lengths(int count, int shortest, int longest) {
        return IntStream.range(0, count)
                .map(i -> random.randint(shortest, longest + 1))
                .toArray();
    }

    /**
     * Returns log-normal lengths of sequences, at least 1.
     *
     * @param median that half of them do not reach
     * @param spread the standard deviation of their logarithms
     * @param longest at which they are cut off
     */
    public int[] longTailedLengths(int count, double median, double spread, int longest) {
        return IntStream.range(0, count)
                .map(i -> (int) Math.max(
                        1, Math.min(longest, Math.rint(median * Math.exp(spread * random.nextGaussian())))))
                .toArray();
    }

    /** Returns some of the given lengths, drawn with replacement. */
    public int[] lengthsAmong(int[] given, int count) {
        return IntStream.range(0, count)
                .map(i -> given[random.randint(0, given.length)])
                .toArray();
    }

    /** Returns whole numbers from 0 to one below a limit: words, tags, classes. */
    public Tensor choices(int limit, int... dims) {
        Tensor made = Tensor.zeros(DType.INT32, dims);
        for (int i = 0; i < made.size(); i++) {
            made.setFlat(i, random.randint(0, limit));
        }
        return made;
    }

    /** Returns numbers from 0 to 1: pixels. */
    public Tensor pixels(int... dims) {
        Tensor made = Tensor.zeros(dtype, dims);
        for (int i = 0; i < made.size(); i++) {
            made.setFlat(i, random.nextDouble());
        }
        return made;
    }
}
