package dev.unfold.rnn.train;

import dev.unfold.rnn.model.Weights;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a training has come: with the weights and what optimiser and learner keep, all that going on depends on. */
final class TrainingState {
    /** Those that are finished. */
    List<Epoch> epochs = List.of();
    /** Batches of the present epoch that have been trained on, their losses times weights, and their weights. */
    int batches;

    double lossSum;
    double weightSum;
    double seconds;
    /** The epoch of the best validation, 0 for none. */
    int bestEpoch;

    @Nullable
    Weights best;

    @Nullable
    Score bestScore() {
        return bestEpoch == 0 ? null : epochs.get(bestEpoch - 1).validation();
    }

    /** Measurements behind the best one. */
    long waited() {
        return epochs.stream()
                .skip(bestEpoch)
                .filter(each -> each.validation() != null)
                .count();
    }
}
