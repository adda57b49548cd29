package dev.unfold.examples.gradients;

import dev.unfold.examples.cli.CommonOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code gradients}: the courses' gradient exercises, each a command of its own. */
@Command(
        name = "gradients",
        description = "The courses' gradient exercises, in float64, on made-up sequences.",
        subcommands = {CheckCommand.class, CompareCommand.class, FlowCommand.class, WeightCommand.class},
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION,
        synopsisSubcommandLabel = "EXERCISE")
public final class GradientsCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "no exercise given; expected one of "
                        + String.join(", ", spec.subcommands().keySet()));
    }
}
