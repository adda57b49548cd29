package dev.unfold.rnn.train;

import dev.unfold.rnn.optim.Adam;
import java.nio.file.Path;

/** A training that writes a checkpoint behind every update, to be killed in a JVM of its own. */
final class KilledTraining {
    private static final int EPOCHS = 80;

    private KilledTraining() {}

    static TrainingLoop<int[]> loop(SmallTraining training) {
        return training.loop(EPOCHS, 0);
    }

    /** Goes on with the training in a folder and prints every update, in the end the hash of the weights. */
    public static void main(String[] args) {
        SmallTraining training = training();
        loop(training)
                .checkpoints(Checkpoints.in(Path.of(args[0])).every(1))
                .listener(new TrainingListener() {
                    @Override
                    public void updated(int epoch, int batch, double loss) {
                        System.out.println("update " + epoch + "." + batch);
                    }
                })
                .resume();
        System.out.println("weights " + training.sha256());
    }

    static SmallTraining training() {
        return new SmallTraining(parameters -> new Adam(parameters, 0.02));
    }
}
