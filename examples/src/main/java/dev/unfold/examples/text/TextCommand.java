package dev.unfold.examples.text;

import dev.unfold.examples.cli.CheckpointOption;
import dev.unfold.examples.cli.CommonOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code text}: a language model of any text. */
@Command(
        name = "text",
        description = "Train a language model on a text, and write text by it.",
        subcommands = SampleCommand.class,
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
public final class TextCommand implements Runnable {
    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private TextOptions options = new TextOptions();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Mixin
    private CheckpointOption checkpoints = new CheckpointOption();

    @Override
    public void run() {
        common.check();
        options.check(common);
        sampling.check();
        checkpoints.check(common);
        PlainText text = options.read();
        TextParts parts = TextParts.of(text, options);
        List<String> prompt = sampling.prompt(options.tokens(), parts.vocabulary(), parts.start());
        Map<String, Object> settings = new LinkedHashMap<>(common.settings());
        options.settings(settings);
        sampling.settings(settings);
        TextModel model = new TextModel(options.shape(common), parts.vocabulary(), parts.start(), common.seed());
        TextTraining training = new TextTraining(common, options, parts, model);
        training.run(checkpoints, settings);
        options.save().ifPresent(model::save);
        List<String> samples = sampling.write(model, prompt, common.seed());
        SamplingOptions.print(common.out(), samples);
        training.write(settings, samples);
    }
}
