package dev.unfold.tribuo;

import dev.unfold.graph.Tensor;
import java.util.List;

/** Examples as numbers, of which batches are made. */
interface Samples {
    /** Stands for a label in padding. */
    int NO_LABEL = -1;

    /** Stands for a label that the model cannot give. */
    int UNKNOWN_LABEL = -2;

    /** Returns the number of steps of each sample. */
    int[] lengths();

    /**
     * Returns a batch of some samples, with as many steps as the longest has.
     *
     * @param epoch the number of the epoch in training, from 1 on; 0 for samples as they are
     * @return what the network takes in, the labels last
     */
    Tensor[] batch(List<Integer> samples, int epoch);

    /** Returns tensors of the greatest shapes that batches of so many rows have. */
    Tensor[] greatest(int rows);

    /** Returns these samples as training sees them. */
    default Samples drawnBy(long seed) {
        return this;
    }
}
