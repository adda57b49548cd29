package dev.unfold.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.google.common.base.Splitter;
import com.google.common.collect.Iterables;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.unfold.examples.CommandRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class BenchCommandTest {
    private static final String NUMBER = "\\d+\\.\\d+";

    @TempDir
    private Path folder;

    @Test
    void should_tell_each_workload_in_both_modes_on_a_line() {
        List<String> lines = run("--quiet", "--repetitions", "3");
        Iterator<String> line = lines.iterator();
        for (Workload workload : Tiny.all()) {
            for (String mode : modes(workload)) {
                assertThat(line.next())
                        .matches("BENCH unfold " + workload.name() + " " + workload.unit() + " " + NUMBER
                                + " threads=1 mode=" + mode + " min=" + NUMBER + " max=" + NUMBER
                                + (workload.operations() > 0 ? " share_of_peak=" + NUMBER : "")
                                + (workload.name().equals("W6") ? " bytes=\\d+" : "") + " repetitions=3"
                                + (workload.unit().matches("(ns|us|ms)/.*") ? " better=less" : ""));
            }
        }
        assertThat(line).isExhausted();
    }

    private static List<String> modes(Workload workload) {
        String name = workload.name();
        return name.startsWith("products/")
                ? List.of("none")
                : name.startsWith("plan/") ? List.of("static") : List.of("static", "dynamic");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            W1                           | W1 static, W1 dynamic
            W3 --mode static             | W3a static, W3b static, W3c static
            w3a W3 --mode dynamic        | W3a dynamic, W3b dynamic, W3c dynamic
            W9 w7 --mode both            | W9 static, W9 dynamic, W7 static, W7 dynamic
            W3a-primitives --mode static | W3a-primitives static
            W5 --unroll static           | W5 static
            W5 --unroll dynamic          | W5 dynamic
            products                     | products/3x5x4/NN none, products/3x5x4/NT none, products/7x5x4/TN none
            products/3x5x4               | products/3x5x4/NN none, products/3x5x4/NT none
            products/3x5x4/nt plan/6     | products/3x5x4/NT none, plan/6 static
            plan recording               | plan/3 static, plan/6 static, recording static, recording dynamic
            recording --mode dynamic     | recording dynamic
            W1 products/7x5x4 --unroll static | W1 static, products/7x5x4/TN none
            plan W1 --mode both          | plan/3 static, plan/6 static, W1 static, W1 dynamic
            """)
    void should_time_what_is_asked_for(String args, String expected) {
        String line = args + " --quiet --repetitions 1";
        assertThat(run(Iterables.toArray(Splitter.on(' ').split(line), String.class)))
                .extracting(each -> each.replaceAll("BENCH unfold (\\S+) .* mode=(\\w+) .*", "$1 $2"))
                .containsExactlyElementsOf(Splitter.on(", ").split(expected));
    }

    @Test
    void should_leave_out_what_has_not_the_mode_where_nothing_is_named() {
        assertThat(run("--mode", "dynamic", "--quiet", "--repetitions", "1"))
                .hasSize(Tiny.all().size() - 2)
                .noneMatch(each -> each.contains("plan/") || each.contains("mode=static"))
                .anyMatch(each -> each.contains("products/3x5x4/NN") && each.contains("mode=none"));
    }

    @Test
    void should_compare_with_one_thread() throws IOException {
        Path file = folder.resolve("bench.json");
        String line =
                "W3a W7 products/3x5x4/NN recording --threads 2 --scaling --mode static --quiet --repetitions 3 --json "
                        + file;
        assertThat(run(Iterables.toArray(Splitter.on(' ').split(line), String.class)))
                .extracting(each -> each.replaceAll(
                        "BENCH unfold (\\S+) .* threads=(\\d) .*?( speedup=" + NUMBER + ")?$", "$1 $2 $3"))
                .satisfiesExactly(
                        each -> assertThat(each).isEqualTo("W3a 1 "),
                        each -> assertThat(each).startsWith("W3a 2  speedup="),
                        each -> assertThat(each).isEqualTo("W7 1 "),
                        each -> assertThat(each).isEqualTo("products/3x5x4/NN 1 "),
                        each -> assertThat(each).isEqualTo("recording 1 "));
        JsonObject report = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        assertThat(report.getAsJsonObject("settings").get("scaling").getAsBoolean())
                .isTrue();
        double gflops = report.getAsJsonObject("results").get("peak_gflops").getAsDouble();
        List<JsonObject> runs = report.getAsJsonObject("results").getAsJsonArray("runs").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
        double[] medians = runs.stream()
                .mapToDouble(run -> run.get("median").getAsDouble())
                .toArray();
        assertThat(runs.stream().map(run -> run.has("speedup"))).containsExactly(false, true, false, false, false);
        assertThat(runs.get(1).get("speedup").getAsDouble()).isCloseTo(medians[1] / medians[0], withinPercentage(1e-6));
        // The peak is that of two threads; a run on one has half of it to share.
        double operations = Tiny.models().get(2).operations();
        assertThat(runs.get(0).get("share_of_peak").getAsDouble())
                .isCloseTo(2 * medians[0] * operations / (gflops * 1e9), withinPercentage(1e-6));
        assertThat(runs.get(1).get("share_of_peak").getAsDouble())
                .isCloseTo(medians[1] * operations / (gflops * 1e9), withinPercentage(1e-6));
        assertThat(runs.get(3).get("share_of_peak").getAsDouble())
                .isCloseTo(2 * medians[3] / gflops, withinPercentage(1e-6));
    }

    @Test
    void should_not_say_how_many_repetitions_a_full_run_has() {
        assertThat(run("W1", "--quiet", "--mode", "static"))
                .singleElement()
                .asString()
                .startsWith("BENCH unfold W1 sentences/s ")
                .doesNotContain("repetitions");
    }

    @Test
    void should_tell_the_peak_before_the_rest_and_after_it() {
        List<String> lines = run("W1", "--peak", "--threads", "2", "--repetitions", "1", "--mode", "static");
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).startsWith("jdk ").contains(", threads 2, ");
        assertThat(lines.get(1)).matches("BENCH unfold peak GFLOP/s " + NUMBER + " threads=2");
        assertThat(lines.get(2)).startsWith("BENCH unfold W1 ").contains(" threads=2 mode=static ");
        assertThat(lines.get(3)).matches("BENCH unfold peak GFLOP/s " + NUMBER + " threads=2");
    }

    @Test
    void should_write_the_figures() throws IOException {
        Path file = folder.resolve("bench.json");
        List<String> lines = run("W3a", "W6", "W1", "--quiet", "--repetitions", "2", "--json", file.toString());
        JsonObject report = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        assertThat(report.get("command").getAsString()).isEqualTo("bench");
        assertThat(report.getAsJsonObject("environment").keySet()).contains("jdk", "kernels", "threads", "commit");
        assertThat(report.getAsJsonObject("settings").keySet()).contains("repetitions", "warmup_seconds", "threads");
        var runs = report.getAsJsonObject("results").getAsJsonArray("runs");
        assertThat(runs).hasSameSizeAs(lines);
        for (int i = 0; i < lines.size(); i++) {
            JsonObject run = runs.get(i).getAsJsonObject();
            double median = run.get("median").getAsDouble();
            assertThat(lines.get(i))
                    .startsWith("BENCH unfold " + run.get("workload").getAsString() + " "
                            + run.get("unit").getAsString() + " ")
                    .contains(" mode=" + run.get("mode").getAsString() + " ");
            assertThat(run.get("threads").getAsInt()).isEqualTo(1);
            assertThat(run.get("min").getAsDouble()).isLessThanOrEqualTo(median).isPositive();
            assertThat(run.get("max").getAsDouble()).isGreaterThanOrEqualTo(median);
            assertThat(run.has("share_of_peak"))
                    .isEqualTo(!run.get("workload").getAsString().equals("W1"));
            assertThat(run.has("bytes"))
                    .isEqualTo(run.get("workload").getAsString().equals("W6"));
        }
        double gflops = report.getAsJsonObject("results").get("peak_gflops").getAsDouble();
        JsonObject first = runs.get(0).getAsJsonObject();
        double operations = Tiny.models().get(2).operations();
        assertThat(first.get("share_of_peak").getAsDouble() * gflops * 1e9)
                .isCloseTo(first.get("median").getAsDouble() * operations, within(1e-6 * gflops * 1e9));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            W10                             | there is no workload 'W10'; expected some of W1, W2, W3a, W3a-primitives, W3b, W3c, W4, W5, W6, W7, W8, W9, products, recording, plan
            W                               | there is no workload 'W'; expected some of W1, W2, W3a, W3a-primitives, W3b, W3c, W4, W5, W6, W7, W8, W9, products, recording, plan
            products/1x80                   | there is no workload 'products/1x80'; expected some of W1, W2, W3a, W3a-primitives, W3b, W3c, W4, W5, W6, W7, W8, W9, products, recording, plan
            plan --mode dynamic             | --mode is [dynamic]; expected some of [static], the modes of plan/28
            W1 plan/2800 --unroll dynamic   | --unroll is [dynamic]; expected some of [static], the modes of plan/2800
            products --mode static          | --mode: products are the same in both modes; leave out --mode
            products/1x80x70 --unroll dynamic | --unroll: products are the same in both modes; leave out --unroll
            products plan --threads 2       | --threads is 2; expected 1, since nothing of products, plan is timed on more
            recording --threads 2 --scaling | --threads is 2; expected 1, since nothing of recording is timed on more
            W3a --scaling                   | --scaling: one thread is compared with itself; give --threads 2 or more
            W1 --mode sometimes             | Invalid value for option '--mode': 'sometimes' is none of dynamic, static, both
            W1 --mode both --unroll static  | --mode and --unroll say the same; give one of them
            W1 --repetitions 0              | --repetitions is 0; expected at least 1
            W1 --warmup-seconds -1          | --warmup-seconds is -1.0; expected a finite number of at least 0
            W1 --warmup-seconds NaN         | --warmup-seconds is NaN; expected a finite number of at least 0
            W1 --precision float64          | --precision is float64; expected float32, as the workloads say
            W1 --threads 0                  | --threads is 0; expected 1 to 64
            W1 --seed -1                    | --seed is -1; expected at least 0
            W1 --plots target               | --plots: there is nothing to draw; use --json
            W1 --scale                      | Unknown option: '--scale'
            """)
    void should_refuse_bad_usage_on_one_line(String args, String complaint) {
        CommandRun run = CommandRun.of(("bench " + args).split(" ", -1));
        assertThat(run.errLines()).containsExactly("unfold bench: " + complaint + " (see unfold bench --help)");
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void should_help() {
        CommandRun run = CommandRun.of("bench", "--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .startsWith("Usage: unfold bench")
                .contains("--peak", "--repetitions", "--scaling", "WORKLOAD");
    }

    /** Times tiny workloads, for no longer than they take. */
    private static List<String> run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        BenchCommand command = new BenchCommand(Tiny.all(), 0, new Peak(List.of(16, 33), 0));
        String[] all =
                Iterables.toArray(Iterables.concat(List.of(args), List.of("--warmup-seconds", "0")), String.class);
        int exitCode = new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all);
        assertThat(err.toString()).isEmpty();
        assertThat(exitCode).isZero();
        return out.toString().lines().toList();
    }
}
