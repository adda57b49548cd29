package dev.unfold.examples.text;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.report.JsonReport;
import dev.unfold.examples.report.OutputFiles;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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

    @Option(names = "--json", paramLabel = "FILE", description = "Write settings and samples to this file.")
    private @Nullable Path json;

    @Option(names = "--quiet", description = "Print the samples alone, and not where --json went.")
    private boolean quiet;

    @Option(names = "--stacktrace", description = "After a failure, print where in the program it happened.")
    @SuppressWarnings("unused") // Main asks the parser for it, since it serves when a command has failed
    private boolean stacktrace;

    @Override
    public void run() {
        CommonOptions.refuseBefore(spec);
        refuseIf(seed < 0, "--seed is " + seed + "; expected at least 0");
        sampling.check();
        if (json != null) {
            Optional<String> whyNot = OutputFiles.whyNoFile(json);
            refuseIf(whyNot.isPresent(), "--json: " + whyNot.orElse(""));
            boolean same = json.toAbsolutePath()
                    .normalize()
                    .equals(model.toAbsolutePath().normalize());
            refuseIf(same, "--json is " + json + "; expected another name than that of --model");
        }
        TextModel loaded = TextModel.load(model);
        List<String> samples =
                sampling.write(loaded, sampling.prompt(loaded.tokens(), loaded.vocabulary(), loaded.start()), seed);
        PrintWriter out = spec.commandLine().getOut();
        SamplingOptions.print(out, samples);
        if (json != null) {
            Map<String, Object> settings = new LinkedHashMap<>();
            settings.put("model", model.toString());
            settings.put("seed", seed);
            sampling.settings(settings);
            JsonReport.write(json, "text sample", settings, 1, Map.of("samples", samples));
            if (!quiet) {
                out.printf("figures in %s%n", json);
                out.flush();
            }
        }
    }

    private void refuseIf(boolean refused, String problem) {
        if (refused) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }
}
