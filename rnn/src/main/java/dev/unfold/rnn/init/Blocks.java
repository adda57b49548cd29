package dev.unfold.rnn.init;

import dev.unfold.graph.Tensor;
import org.apache.commons.math3.random.RandomGenerator;

/** Fills blocks of equally many columns of a matrix, each by itself, from the left. */
final class Blocks implements Initializer {
    private final int count;
    private final Initializer each;

    Blocks(int count, Initializer each) {
        this.count = count;
        this.each = each;
    }

    @Override
    public void fill(Tensor target, RandomGenerator random) {
        int rows = Initializers.checkMatrix("blocks", target).shape().dim(0);
        int columns = target.shape().dim(1);
        if (columns % count != 0) {
            throw new IllegalArgumentException("blocks: the tensor is " + target.shape() + "; expected columns in "
                    + count + " equal blocks, and " + columns + " is no multiple of " + count);
        }
        int width = columns / count;
        Tensor block = Tensor.zeros(target.dtype(), rows, width);
        for (int i = 0; i < count; i++) {
            each.fill(block, random);
            for (int row = 0; row < rows; row++) {
                target.copyRun(block, row * width, row * columns + i * width, width);
            }
        }
    }
}
