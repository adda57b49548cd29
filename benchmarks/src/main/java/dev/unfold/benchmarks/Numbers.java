package dev.unfold.benchmarks;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.NumpyRandom;

/** Random data. */
final class Numbers {
    private Numbers() {}

    /** Returns standard normal float32 numbers. */
    static Tensor random(int... dims) {
        Tensor made = Tensor.zeros(DType.FLOAT32, dims);
        Initializers.normal(0, 1).fill(made, new NumpyRandom(1));
        return made;
    }
}
