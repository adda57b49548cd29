package dev.unfold.examples.text;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How to sample from a model. */
final class SamplingOptions {
    private static final int WORDS = 60;
    private static final int CHARACTERS = 300;
    private static final int MOST_SAMPLES = 1_000;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--start",
            paramLabel = "WORD",
            description =
                    "The word, or character, that a sample begins with (default: that which the training text begins with).")
    private @Nullable String start;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The text that a sample begins with.")
    private @Nullable String prompt;

    @Option(
            names = "--length",
            description =
                    "Words, or characters, that follow (default: " + WORDS + " words, " + CHARACTERS + " characters).")
    private @Nullable Integer length;

    @Option(names = "--greedy", description = "Always the likeliest, instead of drawing by probabilities.")
    private boolean greedy;

    @Option(
            names = "--temperature",
            defaultValue = "1",
            description =
                    "Above 0: below 1 for likely words more often, above 1 for unlikely ones (default ${DEFAULT-VALUE}).")
    private double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Draw from the K likeliest (default: from all).")
    private @Nullable Integer topK;

    @Option(names = "--samples", defaultValue = "1", description = "How many (default ${DEFAULT-VALUE}).")
    private int samples;

    /**
     * Refuses what cannot take effect.
     *
     * @throws ParameterException naming the option
     */
    void check() {
        refuseIf(start != null && prompt != null, "--start and --prompt say the same; give one of them");
        refuseIf(length != null && length < 1, "--length is " + length + "; expected at least 1");
        for (String option : List.of("--temperature", "--top-k")) {
            boolean given = spec.commandLine().getParseResult().hasMatchedOption(option);
            refuseIf(greedy && given, option + " has no effect with --greedy; give one of them");
        }
        refuseIf(
                !(temperature > 0 && temperature < Double.POSITIVE_INFINITY),
                "--temperature is " + temperature
                        + "; expected a finite number above 0; for the likeliest give --greedy");
        refuseIf(topK != null && topK < 1, "--top-k is " + topK + "; expected at least 1");
        refuseIf(samples < 1 || samples > MOST_SAMPLES, "--samples is " + samples + "; expected 1 to " + MOST_SAMPLES);
        refuseIf(greedy && samples > 1, "--samples is " + samples + "; with --greedy all are the same; leave it out");
    }

    private void refuseIf(boolean refused, String problem) {
        if (refused) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }

    /**
     * Returns what a sample begins with.
     *
     * @param ownStart what it begins with where nothing is said
     * @throws ParameterException where the model would not know a part of it
     */
    List<String> prompt(Tokens tokens, Vocabulary vocabulary, String ownStart) {
        String option = prompt == null ? "--start" : "--prompt";
        String given = prompt == null ? start : prompt;
        if (given == null) {
            return List.of(ownStart);
        }
        List<String> symbols = tokens.of(given);
        refuseIf(symbols.isEmpty(), option + " is '" + given + "'; expected at least one " + tokens.one());
        refuseIf(
                prompt == null && symbols.size() > 1,
                "--start is '" + given + "', " + symbols.size() + " " + tokens.one()
                        + "s; expected one; give several by --prompt");
        for (String symbol : symbols) {
            List<String> near = vocabulary.near(symbol);
            refuseIf(
                    vocabulary.number(symbol) == 0,
                    option + ": the model does not know the " + tokens.one() + " '" + symbol + "'"
                            + (near.isEmpty() ? ", or one like it" : "; it knows " + String.join(", ", near)));
        }
        return symbols;
    }

    /** Returns the texts that a model writes. */
    List<String> write(TextModel model, List<String> begin, int seed) {
        int most = topK == null ? Integer.MAX_VALUE : topK;
        int usual = model.tokens() == Tokens.CHARACTERS ? CHARACTERS : WORDS;
        Sampler sampler = greedy ? Sampler.GREEDY : new Sampler(temperature, most);
        return sampler.write(model, begin, length == null ? usual : length, samples, seed);
    }

    /** Prints texts, with an empty line between them. */
    static void print(PrintWriter out, List<String> texts) {
        out.println(String.join(System.lineSeparator().repeat(2), texts));
        out.flush();
    }

    /** Puts down what was given, for reports. */
    void settings(Map<String, Object> settings) {
        settings.put("start", start);
        settings.put("prompt", prompt);
        settings.put("length", length);
        settings.put("greedy", greedy);
        settings.put("temperature", temperature);
        settings.put("top_k", topK);
        settings.put("samples", samples);
    }
}
