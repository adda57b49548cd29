package dev.unfold.examples.cli;

import dev.unfold.examples.cli.CommonOptions.UnrollMode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code --mode}, of commands that compare the ways of unfolding. */
public final class ModeOption {
    /** The ways of unfolding that can be compared. */
    public enum Mode {
        DYNAMIC,
        STATIC,
        BOTH
    }

    @Option(names = "--mode", description = "dynamic, static or both (default: both, or what --unroll says).")
    private @Nullable Mode given;

    /**
     * Returns what to run, static first.
     *
     * @param common has {@code --unroll}, which says the same for one mode
     * @throws ParameterException where both options are given
     */
    public List<UnrollMode> modes(CommonOptions common) {
        boolean one = common.isGiven("--unroll");
        common.refuseIf(given != null && one, "--mode and --unroll say the same; give one of them");
        if (given == Mode.DYNAMIC || (one && !common.isStatic())) {
            return List.of(UnrollMode.DYNAMIC);
        }
        return given == Mode.STATIC || one
                ? List.of(UnrollMode.STATIC)
                : List.of(UnrollMode.STATIC, UnrollMode.DYNAMIC);
    }
}
