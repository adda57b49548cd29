package dev.unfold.examples.pos;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.graph.DType;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pos}: a recurrent tagger of parts of speech. */
@Command(
        name = "pos",
        description = "Train a recurrent tagger of parts of speech.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
public final class PosCommand implements Runnable {
    /** What the course draws its first weights with. */
    private static final int COURSE_SEED = 1234;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Mixin
    private TagData data = new TagData();

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

    @Option(names = "--epochs", defaultValue = "20", description = "Epochs (default ${DEFAULT-VALUE}).")
    private int epochs;

    @Override
    public void run() {
        common.check();
        common.require(epochs >= 1, "--epochs", epochs, "at least 1");
        data.check(common);
        common.refuseIf(!course, "--course is missing; expected it, since there is no other tagger");
        TagData.Parts parts = data.read();
        CourseData indexed = CourseData.of(parts.train(), parts.dev(), parts.test());
        int seed = common.isGiven("--seed") ? common.seed() : COURSE_SEED;
        DType dtype = common.isGiven("--precision") ? common.dtype() : DType.FLOAT64;
        boolean isStatic = !common.isGiven("--unroll") || common.isStatic();
        CourseTagger tagger = new CourseTagger(new CourseTagger.Settings(
                seed,
                dtype,
                fromPrimitives,
                isStatic,
                common.threads(),
                indexed.words(),
                indexed.tags().size()));
        Map<String, Object> settings = new LinkedHashMap<>(common.settings());
        settings.put("seed", seed);
        settings.put("precision", dtype.toString());
        settings.put("unroll", isStatic ? "static" : "dynamic");
        data.settings(settings);
        settings.put("course", true);
        settings.put("from_primitives", fromPrimitives);
        settings.put("epochs", epochs);
        CourseReport report = new CourseReport(common, tagger, indexed);
        report.tell(data);
        report.train(epochs);
        report.write(settings);
    }
}
