package dev.unfold.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.collect.Iterables;
import com.google.common.collect.ObjectArrays;
import dev.unfold.examples.mnist.CellKind;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class MainTest {
    @TempDir
    private Path folder;

    @Test
    void should_ask_for_a_command() {
        assertRefused(
                CommandRun.of(),
                "unfold: no command given; expected one of bench, convert, demo, gradients, memory, mnist, pos, text (see unfold --help)");
    }

    @Test
    void should_refuse_an_unknown_command() {
        assertRefused(
                CommandRun.of("train"),
                "unfold: there is no command 'train'; expected one of bench, convert, demo, gradients, memory, mnist, pos, text (see unfold --help)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            mnist --colour red            | Unknown options: '--colour', 'red'
            mnist digits                  | there is no command 'digits'; expected one of predict
            demo --epochs 3               | Unknown options: '--epochs', '3'
            mnist --precision float16     | Invalid value for option '--precision': 'float16' is none of float32, float64
            mnist --unroll sometimes      | Invalid value for option '--unroll': 'sometimes' is none of dynamic, static
            mnist --threads 65            | --threads is 65; expected 1 to 64
            demo --threads 0              | --threads is 0; expected 1 to 64
            mnist --keep-probability 0    | --keep-probability is 0.0; expected a probability above 0 and at most 1
            mnist --keep-probability 1.1  | --keep-probability is 1.1; expected a probability above 0 and at most 1
            mnist --keep-probability NaN  | --keep-probability is NaN; expected a probability above 0 and at most 1
            mnist --optimizer newton      | Invalid value for option '--optimizer': 'newton' is none of adam, adamw, sgd, momentum, rmsprop, adagrad
            mnist --schedule never        | Invalid value for option '--schedule': 'never' is none of linear, constant, cosine, step, exponential, plateau
            mnist --schedule step --epochs 1 | --schedule step would change the rate behind epoch 1 at first, and there are 1; give more --epochs or another schedule
            mnist --schedule plateau --epochs 4 --evaluate 2 | --schedule plateau would change the rate behind epoch 4 at first, and there are 4; give more --epochs or another schedule
            mnist --rate-factor 0.5       | --rate-factor has no effect on the schedule linear; give it with step, exponential or plateau
            mnist --schedule step --rate-factor 1 | --rate-factor is 1.0; expected a number between 0 and 1
            mnist --warm-up -1            | --warm-up is -1; expected at least 0
            mnist --report-every 0        | --report-every is 0; expected at least 1
            mnist --report 2              | --report is 2; expected a name that ends in .html
            memory --report missing/a.html | --report: the folder of missing/a.html does not exist; make it first
            mnist --save a.html --report ./a.html | --report is ./a.html; expected a name that no other option has
            memory --csv a.html --report a.html | --report is a.html; expected a name that no other option has
            mnist --report-every 2 --quiet | --report-every has no effect with --quiet; leave out one of them
            mnist --evaluate 0            | --evaluate is 0; expected at least 1
            mnist --patience 1 --epochs 3 --evaluate 3 | --patience has no effect with one measurement, behind the last epoch; evaluate more often
            mnist --compare gru,lstm --cell gru | --cell has no effect with --compare, which names the cells; leave it out
            mnist --compare gru           | --compare is gru; expected several cells, each once
            mnist --compare gru,lstm,gru  | --compare is gru,lstm,gru; expected several cells, each once
            mnist --seed -1               | --seed is -1; expected at least 0
            mnist --hidden                | Missing required parameter for option '--hidden' (<hidden>)
            mnist --hidden many           | Invalid value for option '--hidden': 'many' is not an int
            mnist --hidden 99999999999    | Invalid value for option '--hidden': '99999999999' is not an int
            mnist --hidden 3 --hidden 4   | option '--hidden' (<hidden>) should be specified only once
            mnist --hidden 0              | --hidden is 0; expected 1 to 4096
            mnist --hidden 4097          | --hidden is 4097; expected 1 to 4096
            mnist --batch 0               | --batch is 0; expected at least 1
            mnist --epochs 0              | --epochs is 0; expected at least 1
            mnist --learning-rate 0       | --learning-rate is 0.0; expected a finite number above 0
            mnist --learning-rate -0.1    | --learning-rate is -0.1; expected a finite number above 0
            mnist --learning-rate NaN     | --learning-rate is NaN; expected a finite number above 0
            mnist --learning-rate Infinity| --learning-rate is Infinity; expected a finite number above 0
            mnist --fraction 0            | --fraction is 0.0; expected a number above 0 and at most 1
            mnist --fraction 2            | --fraction is 2.0; expected a number above 0 and at most 1
            mnist --fraction NaN          | --fraction is NaN; expected a number above 0 and at most 1
            mnist --fraction 0.00005      | --fraction is 5.0E-5; expected a share that leaves at least 1 of 5500 images to learn from
            mnist --l2 -1                 | --l2 is -1.0; expected a finite number of at least 0
            mnist --l2 NaN                | --l2 is NaN; expected a finite number of at least 0
            mnist --l2 Infinity           | --l2 is Infinity; expected a finite number of at least 0
            mnist --clip-norm 0           | --clip-norm is 0.0; expected a number above 0
            mnist --clip-norm NaN         | --clip-norm is NaN; expected a number above 0
            mnist --patience -1           | --patience is -1; expected at least 0
            """)
    void should_name_a_bad_option_and_what_was_expected(String line, String complaint) {
        String[] args = Iterables.toArray(Splitter.on(' ').split(line), String.class);
        String[] outputs = {"--json", at("report.json"), "--plots", at("plots")};
        // The outputs come first, so that an option without its value stays one.
        String[] all = ObjectArrays.concat(args[0], ObjectArrays.concat(outputs, withoutFirst(args), String.class));
        CommandRun run = CommandRun.of(all);
        String message = complaint.replace("index 1", "index 5");
        assertRefused(run, "unfold " + args[0] + ": " + message + " (see unfold " + args[0] + " --help)");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void should_list_the_cells_there_are() {
        String cells = Arrays.stream(CellKind.values()).map(CellKind::toString).collect(Collectors.joining(", "));
        assertRefused(
                CommandRun.of("mnist", "--cell", "lstm3"),
                "unfold mnist: Invalid value for option '--cell': 'lstm3' is none of " + cells
                        + " (see unfold mnist --help)");
        assertThat(CommandRun.of("mnist", "--help").out()).contains(CellKind.VANILLA.toString());
    }

    @Test
    void should_refuse_a_place_where_no_file_can_be_written() {
        assertRefused(
                CommandRun.of("mnist", "--json", at("missing/report.json")),
                "unfold mnist: --json: the folder of " + at("missing/report.json")
                        + " does not exist; make it first (see unfold mnist --help)");
        assertRefused(
                CommandRun.of("demo", "--json", at("")),
                "unfold demo: --json: " + at("")
                        + " is a folder; expected the name of a file to write (see unfold demo --help)");
        assertRefused(
                CommandRun.of("mnist", "--json", "", "--plots", at("plots")),
                "unfold mnist: --json: the name is empty; expected the name of a file to write (see unfold mnist --help)");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void should_refuse_a_place_where_no_folder_can_be() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "precious");
        for (String place : new String[] {at("file"), at("file/plots")}) {
            assertRefused(
                    CommandRun.of("mnist", "--plots", place),
                    "unfold mnist: --plots: " + file + " is a file; expected a folder (see unfold mnist --help)");
        }
        assertRefused(
                CommandRun.of("mnist", "--plots", ""),
                "unfold mnist: --plots: the name is empty; expected a folder (see unfold mnist --help)");
        assertThat(file).hasContent("precious");
    }

    @Test
    void should_refuse_one_place_for_figures_and_plots() {
        assertRefused(
                CommandRun.of("mnist", "--json", at("out"), "--plots", at("beside/../out")),
                "unfold mnist: --json is " + at("out")
                        + "; expected another name than that of --plots (see unfold mnist --help)");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void should_refuse_a_folder_among_the_plots_as_a_file() throws IOException {
        Path inTheWay = Files.createDirectories(folder.resolve("plots/report"));
        assertRefused(
                CommandRun.of("mnist", "--json", inTheWay.toString(), "--plots", at("plots")),
                "unfold mnist: --json: " + inTheWay
                        + " is a folder; expected the name of a file to write (see unfold mnist --help)");
    }

    @Test
    void should_keep_line_breaks_out_of_complaints() {
        CommandRun run = CommandRun.of("mnist", "--json", at("a\nb/report.json"));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.errLines()).hasSize(1);
    }

    @Test
    void should_print_a_stack_trace_only_when_asked_for() {
        String complaint = "unfold mnist: " + at("missing")
                + ": there is no such directory; expected the four MNIST files in it; check the path";
        CommandRun run = CommandRun.of("mnist", "--data", at("missing"));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errLines()).containsExactly(complaint);
        CommandRun traced = CommandRun.of("mnist", "--stacktrace", "--data", at("missing"));
        assertThat(traced.exitCode()).isEqualTo(1);
        assertThat(traced.errLines()).startsWith(complaint).anyMatch(line -> line.startsWith("\tat dev.unfold."));
    }

    @Test
    void should_say_so_where_memory_does_not_suffice() {
        StringWriter err = new StringWriter();
        assertThat(Main.execute(new CommandLine(new Hungry()).setErr(new PrintWriter(err))))
                .isEqualTo(1);
        assertThat(err.toString().lines()).singleElement().asString().startsWith("unfold: out of memory (Java heap");
    }

    @Command(name = "hungry")
    private static final class Hungry implements Runnable {
        @Override
        public void run() {
            throw new OutOfMemoryError("Java heap space");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bench", "demo", "gradients", "memory", "mnist", "pos"})
    void should_help(String command) {
        String[] args = command.isEmpty() ? new String[] {"--help"} : new String[] {command, "--help"};
        CommandRun run = CommandRun.of(args);
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("Usage: unfold " + command).contains("--help", "--version");
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bench", "demo", "gradients", "memory", "mnist", "pos"})
    void should_tell_the_version_of_the_build(String command) throws IOException {
        String[] args = command.isEmpty() ? new String[] {"--version"} : new String[] {command, "--version"};
        CommandRun run = CommandRun.of(args);
        assertThat(run.exitCode()).isZero();
        String version = run.out().replace("Unfold ", "").strip();
        assertThat(Path.of(System.getProperty("unfold.root", ".."), "pom.xml"))
                .content()
                .contains("<artifactId>unfold</artifactId>\n  <version>" + version + "</version>");
        assertThat(run.err()).isEmpty();
    }

    private static void assertRefused(CommandRun run, String complaint) {
        assertThat(run.errLines()).containsExactly(complaint);
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(2);
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    private static String[] withoutFirst(String[] args) {
        return Arrays.copyOfRange(args, 1, args.length);
    }
}
