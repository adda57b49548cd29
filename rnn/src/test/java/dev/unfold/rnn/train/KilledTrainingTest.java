package dev.unfold.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.rnn.ForkedJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL, which a program cannot see coming, at random moments: in an update, in writing a file, between two files. */
class KilledTrainingTest {
    private static final int KILLS = 20;
    private static final int MOST_UPDATES = 20;
    private static final int MOST_MICROSECONDS = 4_000;
    private static final List<String> FLAGS = List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx128m");

    @Test
    void a_training_that_is_killed_again_and_again_should_end_with_the_weights_of_one_that_is_not(@TempDir Path folder)
            throws IOException, InterruptedException {
        SmallTraining whole = KilledTraining.training();
        History history = KilledTraining.loop(whole).run();
        assertThat(history.updates()).as("all kills must find it running").isGreaterThan(2 * KILLS * MOST_UPDATES);
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int kill = 0; kill < KILLS; kill++) {
            int updates = random.nextInt(MOST_UPDATES);
            int microseconds = random.nextInt(MOST_MICROSECONDS);
            String end = killed(folder, updates, microseconds);
            assertThat(end)
                    .as("seed %d, kill %d: it should not end by itself", seed, kill)
                    .isEmpty();
        }
        ForkedJvm last = ForkedJvm.run(KilledTraining.class, FLAGS, folder);
        assertThat(last.exitCode()).as("seed %d: %s", seed, last.output()).isZero();
        assertThat(last.output()).as("seed %d", seed).contains("weights " + whole.sha256());
    }

    /** Goes on with the training and kills it a moment behind one of its updates; returns what it printed in the end. */
    private static String killed(Path folder, int updates, int microseconds) throws IOException, InterruptedException {
        Process process = ForkedJvm.start(KilledTraining.class, FLAGS, folder);
        StringBuilder end = new StringBuilder();
        try (BufferedReader lines = process.inputReader()) {
            int seen = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("update")) {
                    seen++;
                } else if (line.startsWith("weights") || line.startsWith("Exception")) {
                    end.append(line);
                }
                if (seen == updates + 1) {
                    TimeUnit.MICROSECONDS.sleep(microseconds);
                    // Not of the process itself, which would close what is read here.
                    process.toHandle().destroyForcibly();
                    seen++;
                }
            }
        }
        process.waitFor();
        return end.toString();
    }
}
