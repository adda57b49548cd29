package dev.unfold.rnn.train;

import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.optim.Optimizer;
import dev.unfold.rnn.train.Schedule.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Trains: epoch after epoch, batch after batch, at the rate of a schedule; measures behind epochs, stops when validation becomes no better,
 * and leaves the best weights.
 *
 * <pre>{@code
 * TrainStep step = new TrainStep(optimizer, 1, seed);
 * History history = new TrainingLoop<>(
 *                 optimizer,
 *                 Batches.shuffled(images, 32, seed, this::batch, Batch::size),
 *                 batch -> step.run(graph -> classifier.loss(graph, batch.inputs(), batch.labels())),
 *                 TrainingOptions.epochs(12).schedule(Schedule.cosine()).patience(3))
 *         .validation(this::validate)
 *         .run();
 * }</pre>
 *
 * <p>For one thread, and one training.
 *
 * @param <B> what is trained on at a time
 */
public final class TrainingLoop<B> {
    private final Optimizer optimizer;
    private final Batches<B> batches;
    private final Learner<B> learner;
    private final TrainingOptions options;
    private final double rate;
    private TrainingListener listener = new TrainingListener() {};
    private @Nullable Supplier<Score> training;
    private @Nullable Supplier<Score> validation;
    private @Nullable Checkpoints checkpoints;
    private @Nullable Checkpoint checkpoint;
    private TrainingState state = new TrainingState();
    private int batchesOfEpoch;
    private boolean begun;
    private volatile boolean stopped;

    /**
     * Makes a loop.
     *
     * @param optimizer makes the updates; its present rate is that to which the schedule gives factors
     * @param batches of each epoch
     * @param learner makes an update of a batch
     */
    public TrainingLoop(Optimizer optimizer, Batches<B> batches, Learner<B> learner, TrainingOptions options) {
        this.optimizer = optimizer;
        this.batches = batches;
        this.learner = learner;
        this.options = options;
        this.rate = optimizer.learningRate();
    }

    /** Measures the model on data that it does not learn from; this tells when to stop, and which weights are best. */
    public TrainingLoop<B> validation(Supplier<Score> measure) {
        validation = measure;
        return this;
    }

    /** Measures the model on training data too, as it is behind an epoch and without what is random in training. */
    public TrainingLoop<B> training(Supplier<Score> measure) {
        training = measure;
        return this;
    }

    /** Writes how far training has come, so that {@link #resume()} can go on from there. */
    public TrainingLoop<B> checkpoints(Checkpoints value) {
        checkpoints = value;
        return this;
    }

    /** Tells how it goes. */
    public TrainingLoop<B> listener(TrainingListener value) {
        listener = value;
        return this;
    }

    /**
     * Ends the training behind the present update; any thread, or the listener, may ask for it. The best weights so far are put back, and
     * the loop can be resumed from its checkpoint.
     */
    public void stop() {
        stopped = true;
    }

    /**
     * Trains.
     *
     * @return how it went
     * @throws DivergedException where a loss is not a finite number; the message names epoch and batch. The weights are those before it
     * @throws dev.unfold.rnn.io.WeightsFileException where a checkpoint cannot be written
     * @throws IllegalStateException where options ask for a validation that there is none of, the loop has run, or there is a checkpoint,
     *     which would be lost
     */
    public History run() {
        begin();
        if (checkpoints != null && Files.exists(checkpoints.last())) {
            throw new IllegalStateException("training loop: " + checkpoints.last()
                    + " holds a training; go on with it by resume(), or name another folder");
        }
        return guarded(() -> {});
    }

    /**
     * Goes on with the training of the last checkpoint, to the weights, to the last bit, that it would have come to if it had not been
     * interrupted; begins one where there is no checkpoint. There may be more epochs than before, and another patience; schedules that end
     * with the last epoch then go on at the rate that they have for that number, and a validation that was made because an epoch was the last
     * one stays.
     *
     * @return how it went, from the beginning
     * @throws DivergedException as {@link #run()}
     * @throws dev.unfold.rnn.io.WeightsFileException where the file is damaged, or its parameters are not those of the optimiser, which the
     *     message names; nothing is changed then
     * @throws IllegalArgumentException where the training there has other settings or has come further; nothing is changed then
     * @throws IllegalStateException as {@link #run()}, and where there is no place for checkpoints
     */
    public History resume() {
        begin();
        if (checkpoints == null || checkpoint == null) {
            throw new IllegalStateException("training loop: nothing to go on from; name a folder by checkpoints(...)");
        }
        Checkpoint kept = checkpoint;
        Path last = checkpoints.last();
        return guarded(() -> {
            if (Files.exists(last)) {
                state = kept.read(options.epochs());
                kept.writeBest(state);
                listener.resumed(history(0));
            }
        });
    }

    /** Trains behind a preparation, and leaves rate and folder as they were, whatever happens. */
    private History guarded(Runnable preparation) {
        try {
            if (checkpoint != null) {
                checkpoint.open();
            }
            preparation.run();
            return train();
        } finally {
            optimizer.learningRate(rate);
            if (checkpoint != null) {
                checkpoint.close();
            }
        }
    }

    private void begin() {
        if (begun) {
            throw new IllegalStateException("training loop: it has run; make another one");
        }
        begun = true;
        batchesOfEpoch = batches.of(1).size();
        if (validation == null && (options.patience() > 0 || options.schedule().readsValidation())) {
            throw new IllegalStateException("training loop: "
                    + (options.patience() > 0 ? "patience is " + options.patience() : "the schedule goes by validation")
                    + ", and nothing is validated; say how by validation(...)");
        }
        if (checkpoints != null) {
            Map<String, String> settings = new LinkedHashMap<>();
            settings.put("optimizer", optimizer.toString());
            settings.put("learning rate", Double.toString(rate));
            settings.put("batches of an epoch", Integer.toString(batchesOfEpoch));
            settings.put("epochs between measurements", Integer.toString(options.measureEvery()));
            settings.put("monitor", options.monitor() + " by " + options.leastGain());
            putNamed(settings, "schedule", options.schedule());
            putNamed(settings, "batches", batches);
            checkpoint = new Checkpoint(checkpoints, optimizer, learner.carried(), settings);
        }
    }

    /** Puts down what something says of itself, where it says more than any object does. */
    private static void putNamed(Map<String, String> settings, String what, Object described) {
        String text = described.toString();
        if (!text.endsWith("@" + Integer.toHexString(described.hashCode()))) {
            settings.put(what, text);
        }
    }

    private History train() {
        while (!stopped && state.epochs.size() < options.epochs() && !givenUp()) {
            epoch(state.epochs.size() + 1);
        }
        Weights best = options.keepsBest() ? state.best : null;
        if (best != null) {
            best.restore();
        }
        int last = state.batches == 0 ? state.epochs.size() : 0;
        return history(best == null ? last : state.bestEpoch);
    }

    private History history(int keptEpoch) {
        return new History(state.epochs, keptEpoch, updates());
    }

    private boolean givenUp() {
        return options.patience() > 0 && state.bestEpoch > 0 && state.waited() >= options.patience();
    }

    private long updates() {
        return (long) state.epochs.size() * batchesOfEpoch + state.batches;
    }

    private void epoch(int epoch) {
        long start = System.nanoTime();
        List<B> all = batches.of(epoch);
        if (all.size() != batchesOfEpoch) {
            throw new IllegalStateException("training loop: epoch " + epoch + " has " + all.size()
                    + " batches and the first has " + batchesOfEpoch + "; expected as many in each");
        }
        if (state.batches == 0) {
            learner.beginEpoch();
        }
        while (state.batches < all.size()) {
            B batch = all.get(state.batches);
            Progress progress = new Progress(updates(), batchesOfEpoch, options.epochs(), state.epochs);
            // A rate of 0 is none to an optimiser.
            optimizer.learningRate(
                    Math.max(Double.MIN_VALUE, rate * options.schedule().factor(progress)));
            double loss = update(batch, epoch);
            double weight = batches.weight(batch);
            state.lossSum += loss * weight;
            state.weightSum += weight;
            state.batches++;
            listener.updated(epoch, state.batches, loss);
            boolean inside = state.batches < all.size();
            if (inside && (stopped || isDue())) {
                save(state.seconds + secondsSince(start));
            }
            if (inside && stopped) {
                return;
            }
        }
        finish(epoch, start);
    }

    private boolean isDue() {
        return checkpoints != null && checkpoints.everyUpdates() > 0 && updates() % checkpoints.everyUpdates() == 0;
    }

    private void save(double seconds) {
        if (checkpoint != null) {
            checkpoint.write(state, seconds);
        }
    }

    private static double secondsSince(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private double update(B batch, int epoch) {
        try {
            return learner.update(batch);
        } catch (DivergedException exception) {
            throw new DivergedException("training stopped in epoch " + epoch + ", batch " + (state.batches + 1) + ": "
                    + exception.getMessage());
        }
    }

    private void finish(int number, long start) {
        boolean measured = number % options.measureEvery() == 0 || number == options.epochs();
        Score validated = measured ? score(validation, number) : null;
        Epoch epoch = new Epoch(
                number,
                optimizer.learningRate(),
                state.lossSum / state.weightSum,
                measured ? score(training, number) : null,
                validated,
                state.seconds + secondsSince(start));
        Score best = state.bestScore();
        List<Epoch> epochs = new ArrayList<>(state.epochs);
        epochs.add(epoch);
        // Which copyOf then takes as it is, at every update.
        state.epochs = List.copyOf(epochs);
        if (validated != null && validated.count() > 0 && (best == null || options.isBetter(validated, best))) {
            state.bestEpoch = number;
            state.best = Weights.copyOf(optimizer.parameters());
        }
        state.batches = 0;
        state.lossSum = 0;
        state.weightSum = 0;
        state.seconds = 0;
        save(0);
        if (checkpoint != null && state.bestEpoch == number) {
            checkpoint.writeBest(state);
        }
        listener.finished(epoch);
    }

    private static @Nullable Score score(@Nullable Supplier<Score> measure, int epoch) {
        if (measure == null) {
            return null;
        }
        Score score;
        try {
            score = measure.get();
        } catch (DivergedException exception) {
            throw new DivergedException(
                    "training stopped behind epoch " + epoch + ", in measuring: " + exception.getMessage());
        }
        if (score.count() > 0 && !Double.isFinite(score.loss())) {
            throw new DivergedException("training stopped behind epoch " + epoch + ", in measuring: the loss is "
                    + score.loss() + "; lower the learning rate or clip the gradients' norm");
        }
        return score;
    }
}
