package dev.unfold.examples.convert;

import com.google.common.base.Ascii;
import com.google.common.base.Strings;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.graph.DType;
import dev.unfold.rnn.io.Safetensors;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.weights.Import;
import dev.unfold.rnn.weights.Imported;
import dev.unfold.rnn.weights.RecurrentFile;
import dev.unfold.rnn.weights.RecurrentKind;
import dev.unfold.rnn.weights.WeightLayout;
import dev.unfold.rnn.weights.WeightLayout.Origin;
import dev.unfold.tribuo.onnx.OnnxExport;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code convert}: weights of recurrent layers from one system to another. */
@Command(
        name = "convert",
        description =
                "Take weights of recurrent layers from PyTorch, Keras or ONNX, prove them by a stored pair of inputs and outputs, and write"
                        + " them as a model, for another system, or as a network of ONNX.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
public final class ConvertCommand implements Runnable {
    private static final int MOST_OF_A_NAME = 80;
    private static final List<String> OF_IMPORT = List.of("--cell", "--prefix", "--ignore", "--replay", "--precision");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--from",
            description =
                    "Where the weights come from: pytorch, keras or onnx (default: FILE is a model of convert --save).")
    private @Nullable Origin from;

    @Option(names = "--cell", description = "What they are weights of: lstm, gru, gru-reset-before, rnn or rnn-relu.")
    private @Nullable RecurrentKind cell;

    @Option(
            names = "--prefix",
            defaultValue = "",
            description = "Take the tensors whose names begin so, for example encoder. with its dot (default: all).")
    private String prefix = "";

    @Option(
            names = "--ignore",
            paramLabel = "NAME",
            split = ",",
            description = "Leave out these tensors, by their names behind the prefix.")
    private List<String> ignored = List.of();

    @Option(
            names = "--replay",
            paramLabel = "FILE",
            description = "A safetensors file with replay.input and replay.output, where the weights' own has none.")
    private @Nullable Path replay;

    @Option(names = "--precision", description = "float32 or float64 (default: that of the file, float32 for half).")
    private CommonOptions.@Nullable Precision precision;

    @Option(names = "--save", paramLabel = "FILE", description = "Write a model.")
    private @Nullable Path save;

    @Option(names = "--to", description = "Whom to write weights for: pytorch, keras or onnx.")
    private @Nullable Origin to;

    @Option(names = "--weights", paramLabel = "FILE", description = "Where to write these weights, as safetensors.")
    private @Nullable Path weights;

    @Option(names = "--onnx", paramLabel = "FILE", description = "Write a model of ONNX, for any runtime of it.")
    private @Nullable Path onnx;

    @Option(names = "--no-lengths", description = "Of --onnx: every step of every row counts.")
    private boolean noLengths;

    @Option(names = "--initial-state", description = "Of --onnx: the state before the first step is an input.")
    private boolean initialState;

    @Option(names = "--stacktrace", description = "After a failure, print where in the program it happened.")
    @SuppressWarnings("unused") // Main asks the parser for it, since it serves when a command has failed
    private boolean stacktrace;

    @Parameters(arity = "1", paramLabel = "FILE", description = "Weights as safetensors, or a model of convert --save.")
    private Path file = Path.of("");

    @Override
    public void run() {
        check();
        write(read());
        spec.commandLine().getOut().flush();
    }

    private void check() {
        refuseIf((from == null) != (cell == null), "--from and --cell go together; give both or none");
        for (String option : OF_IMPORT) {
            boolean isGiven = spec.commandLine().getParseResult().hasMatchedOption(option);
            refuseIf(from == null && isGiven, option + " has no effect without --from; leave it out");
        }
        refuseIf((to == null) != (weights == null), "--to and --weights go together; give both or none");
        refuseIf(onnx == null && noLengths, "--no-lengths has no effect without --onnx; leave it out");
        refuseIf(onnx == null && initialState, "--initial-state has no effect without --onnx; leave it out");
        refuseIf(
                save == null && weights == null && onnx == null,
                "nothing is to be written; expected --save, --onnx, or --to and --weights");
        refuseIf(
                save == null && weights == null && precision != null,
                "--precision has no effect on --onnx, which is float32; leave it out");
        Map<Path, String> taken = new HashMap<>();
        checkFile(taken, "--save", save);
        checkFile(taken, "--weights", weights);
        checkFile(taken, "--onnx", onnx);
    }

    private void checkFile(Map<Path, String> taken, String option, @Nullable Path output) {
        if (output != null) {
            OutputFiles.whyNoFile(output).ifPresent(why -> refuseIf(true, option + ": " + why));
            String other = taken.put(output.toAbsolutePath().normalize(), option);
            refuseIf(other != null, other + " and " + option + " name one file; give each its own");
        }
    }

    private void refuseIf(boolean refused, String problem) {
        if (refused) {
            throw new ParameterException(spec.commandLine(), problem);
        }
    }

    private Unroll read() {
        if (from == null || cell == null) {
            Unroll unroll = RecurrentFile.read(file);
            tell(unroll);
            return unroll;
        }
        Import reading = Import.of(file)
                .layout(WeightLayout.of(from, cell))
                .prefix(prefix)
                .ignoring(ignored.toArray(new String[0]));
        if (replay != null) {
            reading.replay(replay);
        }
        if (precision != null) {
            reading.precision(precision == CommonOptions.Precision.FLOAT32 ? DType.FLOAT32 : DType.FLOAT64);
        }
        Imported imported = reading.read();
        tell(imported);
        return imported.unroll();
    }

    /** A name may be of any length, and would make all lines as long. */
    private static String shown(String name) {
        return Ascii.truncate(name.replaceAll("\\p{Cntrl}", " "), MOST_OF_A_NAME, "...");
    }

    private void tell(Imported imported) {
        PrintWriter out = spec.commandLine().getOut();
        int width = imported.became().keySet().stream()
                .mapToInt(name -> shown(name).length())
                .max()
                .orElse(0);
        imported.became().forEach((name, what) -> out.println(Strings.padEnd(shown(name), width, ' ') + "  " + what));
        tell(imported.unroll());
        Imported.Proof proof = imported.proof();
        out.println(
                proof == null
                        ? "not proven: no replay.input and replay.output are given, so gates may be in another order"
                        : String.format(
                                Locale.ROOT,
                                "proven: %d numbers replayed, greatest difference %.2e, allowed %.2e",
                                proof.numbers(),
                                proof.difference(),
                                proof.tolerance()));
    }

    private void tell(Unroll unroll) {
        PrintWriter out = spec.commandLine().getOut();
        unroll.parameters().forEach(out::println);
        long numbers = unroll.parameters().stream()
                .mapToLong(each -> each.value().size())
                .sum();
        out.printf(
                Locale.ROOT,
                "%s: %d features in, %d out, %d parameters%n",
                file.getFileName(),
                unroll.inputSize(),
                unroll.outputSize(),
                numbers);
    }

    /** Writes all that is asked for. */
    private void write(Unroll unroll) {
        if (save != null) {
            RecurrentFile.write(save, unroll);
        }
        if (to != null && weights != null) {
            new Safetensors(WeightLayout.of(to, unroll).write(unroll), Map.of()).write(weights);
        }
        if (onnx != null) {
            writeOnnx(unroll, onnx);
        }
    }

    private void writeOnnx(Unroll unroll, Path output) {
        OnnxExport export = OnnxExport.of(unroll);
        export = noLengths ? export.withoutLengths() : export;
        export = initialState ? export.withInitialState() : export;
        try {
            export.write(output);
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }
}
