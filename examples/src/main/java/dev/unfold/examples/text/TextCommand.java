package dev.unfold.examples.text;

import dev.unfold.examples.cli.CheckpointOption;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.ReportOption;
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

    @Mixin
    private ReportOption report = new ReportOption();

    @Override
    public void run() {
        common.check();
        options.check(common);
        sampling.check();
        checkpoints.check(common, options.save());
        report.checkBeside(common, options.files());
        PlainText text = options.read();
        TextParts parts = TextParts.of(text, options);
        List<String> prompt = sampling.prompt(options.tokens(), parts.vocabulary(), parts.start());
        Map<String, Object> settings = new LinkedHashMap<>(common.settings());
        options.settings(settings);
        // What decides the weights: the text itself and not its name, and nothing of what is sampled behind training.
        Map<String, Object> trained = new LinkedHashMap<>(settings);
        trained.remove(TextOptions.FILE);
        trained.put("text", parts.sha256());
        sampling.settings(settings);
        TextModel model = new TextModel(options.shape(common), parts.vocabulary(), parts.start(), common.seed());
        TextTraining training = new TextTraining(common, options, parts, model);
        training.run(checkpoints, trained);
        options.save().ifPresent(model::save);
        List<String> samples = sampling.write(model, prompt, common.seed());
        SamplingOptions.print(common.out(), samples);
        training.write(settings, samples);
        report.write(common, "text", settings, page -> training.add(page, samples));
    }
}
