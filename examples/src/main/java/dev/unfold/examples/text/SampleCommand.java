package dev.unfold.examples.text;

import dev.unfold.examples.cli.CommonOptions;
import java.nio.file.Path;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code text sample}: writes text by a model that {@code text --save} has written. */
@Command(
        name = "sample",
        description = "Write text by a saved model; the same for the same seed.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
final class SampleCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--model", required = true, paramLabel = "FILE", description = "The model.")
    private Path model = Path.of("");

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(names = "--seed", defaultValue = "1", description = "Seed of the draws (default ${DEFAULT-VALUE}).")
    private int seed;

    @Option(names = "--stacktrace", description = "After a failure, print where in the program it happened.")
    @SuppressWarnings("unused") // Main asks the parser for it, since it serves when a command has failed
    private boolean stacktrace;

    @Override
    public void run() {
        ParseResult given = Objects.requireNonNull(spec.parent()).commandLine().getParseResult();
        if (!given.matchedOptions().isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(),
                    given.matchedOptions().get(0).longestName()
                            + " has no effect before sample; give it behind, where it is an option of text sample");
        }
        if (seed < 0) {
            throw new ParameterException(spec.commandLine(), "--seed is " + seed + "; expected at least 0");
        }
        sampling.check();
        TextModel loaded = TextModel.load(model);
        SamplingOptions.print(
                spec.commandLine().getOut(),
                sampling.write(loaded, sampling.prompt(loaded.tokens(), loaded.vocabulary(), loaded.start()), seed));
    }
}
