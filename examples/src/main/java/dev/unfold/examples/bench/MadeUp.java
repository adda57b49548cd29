package dev.unfold.examples.bench;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.stream.IntStream;

/** Made-up data, drawn as NumPy draws them and from one seed, so that all runs have the same. */
final class MadeUp {
    private static final int SEED = 7;

    private final NumpyRandom random = new NumpyRandom(SEED);

    /** Returns lengths of sequences, uniform between two, both of which occur. */
    int[] lengths(int count, int shortest, int longest) {
        return IntStream.range(0, count)
                .map(i -> random.randint(shortest, longest + 1))
                .toArray();
    }

    /** Returns whole numbers from 0 to one below a limit: words, tags, classes. */
    Tensor choices(int limit, int... dims) {
        Tensor made = Tensor.zeros(DType.INT32, dims);
        for (int i = 0; i < made.size(); i++) {
            made.setFlat(i, random.randint(0, limit));
        }
        return made;
    }

    /** Returns numbers from 0 to 1: pixels. */
    Tensor pixels(int... dims) {
        Tensor made = Tensor.zeros(DType.FLOAT32, dims);
        for (int i = 0; i < made.size(); i++) {
            made.setFlat(i, random.nextDouble());
        }
        return made;
    }
}
