package dev.unfold.examples.mnist;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.ScheduleKind;
import dev.unfold.rnn.train.Schedule;
import dev.unfold.rnn.train.TrainingOptions;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how a classifier of digits learns. */
final class LearningOptions {
    @Option(
            names = "--epochs",
            defaultValue = "10",
            description = "Epochs, at most where --patience ends training before (default ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(names = "--batch", defaultValue = "32", description = "Images in an update (default ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--optimizer",
            defaultValue = "adam",
            description = "adam, adamw, sgd, momentum, rmsprop or adagrad (default ${DEFAULT-VALUE}).")
    private OptimizerKind optimizer = OptimizerKind.ADAM;

    @Option(
            names = "--learning-rate",
            description =
                    "The rate to begin with (default with Adam: 0.128 over the hidden size for the vanilla cell, at most 0.002,"
                            + " and 0.768 over it for the others, at most 0.006).")
    private @Nullable Double learningRate;

    @Option(
            names = "--schedule",
            defaultValue = "linear",
            description =
                    "How the rate changes: linear or cosine (to 0 at the end), constant, step (by --rate-factor behind each third"
                            + " of the epochs), exponential (behind each), or plateau (whenever validation has not become better)"
                            + " (default ${DEFAULT-VALUE}).")
    private ScheduleKind schedule = ScheduleKind.LINEAR;

    @Option(
            names = "--rate-factor",
            description = "What step, exponential or plateau multiply the rate by (default: 0.1, 0.7, 0.5).")
    private @Nullable Double rateFactor;

    @Option(
            names = "--warm-up",
            paramLabel = "UPDATES",
            defaultValue = "0",
            description = "Let the rate rise in a straight line over so many updates (default ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(
            names = "--l2",
            defaultValue = "0",
            description = "Strength of the L2 penalty on the output weights (default ${DEFAULT-VALUE}).")
    private double l2;

    @Option(
            names = "--clip-norm",
            defaultValue = "1",
            description = "Global norm to clip gradients to, Infinity for none (default ${DEFAULT-VALUE}).")
    private double clipNorm;

    @Option(
            names = "--evaluate",
            paramLabel = "EPOCHS",
            defaultValue = "1",
            description = "Epochs between measurements on training and validation images (default ${DEFAULT-VALUE}).")
    private int evaluate;

    @Option(
            names = "--patience",
            defaultValue = "0",
            description =
                    "Stop after this many measurements without a better validation loss and put the best weights back (default"
                            + " ${DEFAULT-VALUE}: never).")
    private int patience;

    /** Refuses what cannot take effect. */
    void check(CommonOptions common) {
        common.require(epochs >= 1, "--epochs", epochs, "at least 1");
        common.require(batch >= 1, "--batch", batch, "at least 1");
        if (learningRate != null) {
            boolean positive = learningRate > 0 && learningRate < Double.POSITIVE_INFINITY;
            common.require(positive, "--learning-rate", learningRate, "a finite number above 0");
        }
        common.require(warmUp >= 0, "--warm-up", warmUp, "at least 0");
        common.require(l2 >= 0 && l2 < Double.POSITIVE_INFINITY, "--l2", l2, "a finite number of at least 0");
        common.require(clipNorm > 0, "--clip-norm", clipNorm, "a number above 0");
        common.require(evaluate >= 1, "--evaluate", evaluate, "at least 1");
        common.require(patience >= 0, "--patience", patience, "at least 0");
        common.refuseIf(
                patience > 0 && evaluate >= epochs,
                "--patience has no effect with one measurement, behind the last epoch; evaluate more often");
        int measurements = (epochs - 1) / evaluate + 1;
        common.refuseIf(
                patience >= measurements,
                "--patience is " + patience + ", but there are only " + measurements
                        + " measurements; expected less, or more epochs");
        checkSchedule(common);
    }

    private void checkSchedule(CommonOptions common) {
        if (rateFactor != null) {
            common.refuseIf(
                    schedule.usualFactor() == 1,
                    "--rate-factor has no effect on the schedule " + schedule
                            + "; give it with step, exponential or plateau");
            common.require(rateFactor > 0 && rateFactor < 1, "--rate-factor", rateFactor, "a number between 0 and 1");
        }
        schedule.check(common, epochs, evaluate);
    }

    /** Returns how to train a network. */
    MnistSettings settings(CommonOptions common, NetworkSettings network) {
        return new MnistSettings(
                network,
                optimizer,
                learningRate != null ? learningRate : optimizer.learningRate(network.cell(), network.hidden()),
                training(),
                batch,
                l2,
                clipNorm,
                common.seed(),
                common.isStatic(),
                common.threads());
    }

    private TrainingOptions training() {
        Schedule then = schedule.make(epochs, factor());
        TrainingOptions options = TrainingOptions.epochs(epochs)
                .schedule(warmUp == 0 ? then : Schedule.warmUp(warmUp, then))
                .measureEvery(evaluate);
        return patience == 0 ? options.keepLast() : options.patience(patience);
    }

    private double factor() {
        return rateFactor != null ? rateFactor : schedule.usualFactor();
    }

    /** Puts down what was given, for reports; the learning rate differs from cell to cell. */
    void put(Map<String, Object> settings, Object learningRates) {
        settings.put("epochs", epochs);
        settings.put("batch", batch);
        settings.put("optimizer", optimizer.toString());
        settings.put("learning_rate", learningRates);
        settings.put("schedule", schedule.toString());
        settings.put("rate_factor", schedule.usualFactor() == 1 ? "none" : (Object) factor());
        settings.put("warm_up", warmUp);
        settings.put("l2", l2);
        settings.put("clip_norm", clipNorm < Double.POSITIVE_INFINITY ? (Object) clipNorm : "none");
        settings.put("evaluate", evaluate);
        settings.put("patience", patience);
    }
}
