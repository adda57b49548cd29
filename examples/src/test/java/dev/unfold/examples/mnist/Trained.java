package dev.unfold.examples.mnist;

import dev.unfold.graph.DType;
import dev.unfold.rnn.train.Schedule;
import dev.unfold.rnn.train.TrainingOptions;

/** Usual settings of small trainings. */
final class Trained {
    private Trained() {}

    /** One layer, one way, no dropout. */
    static NetworkSettings rows(CellKind cell, int steps, int pixels, int hidden, DType dtype) {
        return new NetworkSettings(cell, steps, pixels, hidden, 1, false, 1, dtype);
    }

    /** Adam on a straight line, the last weights, seed 1. */
    static MnistSettings settings(NetworkSettings network, int epochs, int batch, double learningRate) {
        return new MnistSettings(
                network,
                OptimizerKind.ADAM,
                learningRate,
                TrainingOptions.epochs(epochs).schedule(Schedule.linear()).keepLast(),
                batch,
                0,
                Double.POSITIVE_INFINITY,
                1,
                false,
                1);
    }

    /** All that is there to learn from. */
    static MnistParts parts(MnistData data) {
        return MnistParts.of(data, MnistParts.toLearnFrom(data));
    }
}
