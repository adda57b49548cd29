package dev.unfold.examples.pos;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.cli.ReportOption;
import dev.unfold.graph.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pos}: a recurrent tagger of parts of speech. */
@Command(
        name = "pos",
        description = "Train a recurrent tagger of parts of speech.",
        subcommands = TagCommand.class,
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
public final class PosCommand implements Runnable {
    /** What the course draws its first weights with. */
    private static final int COURSE_SEED = 1234;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private TagData data = new TagData();

    @Mixin
    private TaggerOptions tagger = new TaggerOptions();

    @Option(
            names = "--course",
            description =
                    "The tagger of the LxMLS course, number for number: its choice of sentences, sizes, first weights and updates,"
                            + " in float64, with seed 1234 and with static unrolling unless these are given.")
    private boolean course;

    @Option(
            names = "--from-primitives",
            description = "Let the course's cell be one written from operations instead of the library's.")
    private boolean fromPrimitives;

    @Mixin
    private ReportOption report = new ReportOption();

    @Option(
            names = "--epochs",
            defaultValue = "20",
            description = "Epochs, at most where --patience ends training before (default ${DEFAULT-VALUE}).")
    private int epochs;

    @Override
    public void run() {
        common.check();
        common.require(epochs >= 1, "--epochs", epochs, "at least 1");
        data.check(common);
        common.refuseIf(
                !course && fromPrimitives, "--from-primitives has no effect without --course; give both, or none");
        Map<String, Object> settings = new LinkedHashMap<>(common.settings());
        data.settings(settings);
        settings.put("course", course);
        settings.put("epochs", epochs);
        if (course) {
            tagger.refuseAll(common);
            report.checkBeside(common, data.files());
            runCourse(settings);
        } else {
            List<Path> others = new ArrayList<>(data.files());
            common.json().ifPresent(others::add);
            common.plots().ifPresent(others::add);
            tagger.check(common, others);
            others = new ArrayList<>(data.files());
            tagger.save().ifPresent(others::add);
            report.checkBeside(common, others);
            tagger.settings(settings);
            new TaggerReport(common, tagger, epochs, report).run(data, data.read(), settings);
        }
    }

    private void runCourse(Map<String, Object> settings) {
        TagData.Parts parts = data.read();
        CourseData indexed = CourseData.of(parts.train(), parts.dev(), parts.test());
        int seed = common.isGiven("--seed") ? common.seed() : COURSE_SEED;
        DType dtype = common.isGiven("--precision") ? common.dtype() : DType.FLOAT64;
        boolean isStatic = !common.isGiven("--unroll") || common.isStatic();
        CourseTagger model = new CourseTagger(new CourseTagger.Settings(
                seed,
                dtype,
                fromPrimitives,
                isStatic,
                common.threads(),
                indexed.words(),
                indexed.tags().size()));
        settings.put("seed", seed);
        settings.put("precision", dtype.toString());
        settings.put("unroll", isStatic ? "static" : "dynamic");
        settings.put("from_primitives", fromPrimitives);
        CourseReport training = new CourseReport(common, model, indexed);
        training.tell(data);
        training.train(epochs);
        training.write(settings, report);
    }
}
