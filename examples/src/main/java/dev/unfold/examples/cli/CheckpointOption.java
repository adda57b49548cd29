package dev.unfold.examples.cli;

import dev.unfold.examples.report.OutputFiles;
import dev.unfold.rnn.train.Checkpoints;
import dev.unfold.rnn.train.History;
import dev.unfold.rnn.train.TrainingLoop;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --checkpoints}, of commands that train for long. */
public final class CheckpointOption {
    /** Settings that change no weight, or that may be others when a training goes on. */
    private static final Set<String> FREE = Set.of("threads", "unroll", "epochs");

    private static final int UPDATES = 1_000;

    @Option(
            names = "--checkpoints",
            paramLabel = "DIR",
            description =
                    "Write how far training has come into this folder, behind each epoch and each 1,000 updates. A training that is there"
                            + " is gone on with, to the weights that it would have had without an interruption.")
    private @Nullable Path folder;

    /**
     * Refuses a place where no folder can be, or in which another option would overwrite a checkpoint.
     *
     * @param written by other options
     */
    public void check(CommonOptions common, Optional<Path> written) {
        if (folder == null) {
            return;
        }
        common.refuseIf("--checkpoints", OutputFiles.whyNoFolder(folder));
        Path own = folder.toAbsolutePath().normalize();
        boolean taken = Stream.of(written, common.json())
                .flatMap(Optional::stream)
                .anyMatch(each -> own.equals(each.toAbsolutePath().normalize().getParent()));
        common.require(!taken, "--checkpoints", folder, "a folder into which no other option writes");
    }

    /** Returns whether there is a folder. */
    public boolean isGiven() {
        return folder != null;
    }

    /**
     * Trains, or goes on training.
     *
     * @param settings of the command; a training with others is not gone on with
     */
    public History run(TrainingLoop<?> loop, Map<String, Object> settings) {
        if (folder == null) {
            return loop.run();
        }
        Map<String, String> texts = new TreeMap<>();
        settings.forEach((name, value) -> texts.put(name, String.valueOf(value)));
        texts.keySet().removeAll(FREE);
        return loop.checkpoints(Checkpoints.in(folder).every(UPDATES).settings(texts))
                .resume();
    }
}
