package dev.unfold.examples.memory;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.unfold.examples.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryCommandTest {
    private static final String TINY = "--input 3 --batches 2 --repetitions 2 --warmup-seconds 0";

    @TempDir
    private Path folder;

    @Test
    void should_measure_both_modes_at_each_value() throws IOException {
        Path json = folder.resolve("memory.json");
        Path csv = folder.resolve("memory.csv");
        List<String> lines = run("--values 3,5 --rows 4 --hidden 6 --quiet --json " + json + " --csv " + csv);
        assertThat(lines.get(0)).matches("steps +mode +parameters +gradients +optimiser .*loss bits");
        assertThat(lines.subList(1, 5))
                .extracting(line -> line.replaceAll("(\\d+) +(\\w+) .*", "$1 $2"))
                .containsExactly("3 static", "3 dynamic", "5 static", "5 dynamic");
        assertThat(lines.subList(0, 5))
                .extracting(String::length)
                .containsOnly(lines.get(0).length());
        assertThat(lines.get(5)).startsWith("Recommendation: ");
        JsonObject report = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        assertThat(report.get("command").getAsString()).isEqualTo("memory");
        assertThat(report.getAsJsonObject("settings").get("sweep").getAsString())
                .isEqualTo("steps");
        List<JsonObject> points = points(report);
        assertThat(points).hasSize(4).allSatisfy(MemoryCommandTest::checkAddsUp);
        for (int i = 0; i < 4; i += 2) {
            JsonObject fixed = points.get(i);
            assertThat(fixed.get("loss_bits")).isEqualTo(points.get(i + 1).get("loss_bits"));
            assertThat(fixed.get("predicted_peak_bytes")).isEqualTo(fixed.get("measured_peak_bytes"));
            assertThat(points.get(i + 1).get("off_share").getAsDouble()).isBetween(-0.01, 0.01);
            assertThat(fixed.get("loss_bits").getAsString()).matches("3f[0-9a-f]{6}|40[0-9a-f]{6}");
            assertThat(fixed.get("padding_share").getAsDouble()).isZero();
        }
        // LSTM: 3 x 24 and 6 x 24 weights and 24 biases; output: 6 x 10 and 10.
        assertThat(points.get(0)
                        .getAsJsonObject("by_category")
                        .get("parameters")
                        .getAsLong())
                .isEqualTo(4 * (72 + 144 + 24 + 60 + 10));
        assertThat(points.get(0).getAsJsonObject("by_category").get("optimiser").getAsLong())
                .isEqualTo(2 * 4 * (72 + 144 + 24 + 60 + 10));
        List<String> table = Files.readAllLines(csv);
        assertThat(table).hasSize(5);
        assertThat(table.get(0)).startsWith("mode,cell,steps,rows,hidden,input,lengths,budget,predicted_peak_bytes,");
        assertThat(table.get(1))
                .startsWith("static,lstm,3,4,6,3,equal,,"
                        + points.get(0).get("measured_peak_bytes").getAsLong() + ",");
        assertThat(table)
                .extracting(line -> line.split(",", -1).length)
                .containsOnly(table.get(0).split(",", -1).length);
    }

    private static void checkAddsUp(JsonObject point) {
        assertThat(point.keySet())
                .containsExactly(
                        "mode",
                        "cell",
                        "steps",
                        "rows",
                        "hidden",
                        "input",
                        "lengths",
                        "budget",
                        "predicted_peak_bytes",
                        "measured_peak_bytes",
                        "off_share",
                        "by_category",
                        "ms_per_step",
                        "time_ratio",
                        "allocated_bytes_per_step",
                        "padding_share",
                        "loss_bits",
                        "same_loss_bits");
        long sum = point.getAsJsonObject("by_category").entrySet().stream()
                .mapToLong(each -> each.getValue().getAsLong())
                .sum();
        assertThat(sum).isEqualTo(point.get("measured_peak_bytes").getAsLong()).isPositive();
        boolean bounded = !point.get("budget").isJsonNull();
        assertThat(point.get("time_ratio").isJsonNull()).isEqualTo(!bounded);
        assertThat(point.get("same_loss_bits").isJsonNull()).isEqualTo(!bounded);
        assertThat(point.get("ms_per_step").getAsDouble()).isPositive();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --sweep rows --values 2,7,2 --steps 3 --hidden 4           | rows    | 2 7
            --sweep hidden --values 4,06 --steps 3 --rows 2            | hidden  | 4 6
            --sweep lengths --steps 6 --rows 3 --hidden 4              | lengths | equal uniform long-tailed
            --sweep lengths --values uniform --steps 6 --rows 3 --hidden 4 --precision float64 | lengths | uniform
            --lengths uniform --values 6 --rows 3 --hidden 4 --cell gru --threads 2 --seed 2147483647 | steps | 6
            """)
    void should_sweep_what_is_asked_for(String args, String swept, String values) throws IOException {
        Path json = folder.resolve("memory.json");
        List<String> lines = run(args + " --quiet --json " + json);
        List<String> rows = lines.subList(1, 1 + 2 * values.split(" ", -1).length);
        assertThat(lines.get(0)).startsWith(swept + " ");
        assertThat(rows.stream().map(line -> line.split(" ", -1)[0]).distinct()).containsExactly(values.split(" ", -1));
        List<JsonObject> points =
                points(JsonParser.parseString(Files.readString(json)).getAsJsonObject());
        assertThat(points).allSatisfy(MemoryCommandTest::checkAddsUp);
        assertThat(points.get(0).get("loss_bits").getAsString()).hasSize(args.contains("float64") ? 16 : 8);
    }

    @Test
    void should_take_lengths_from_sentences() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "a b c\n\nd e f g\n");
        Path json = folder.resolve("memory.json");
        run("--values file --rows 5 --hidden 4 --quiet --lengths-from " + text + " --json " + json);
        List<JsonObject> points =
                points(JsonParser.parseString(Files.readString(json)).getAsJsonObject());
        assertThat(points).hasSize(2).allSatisfy(each -> {
            checkAddsUp(each);
            assertThat(each.get("steps").getAsInt()).isBetween(3, 4);
            assertThat(each.get("lengths").getAsString()).isEqualTo("file");
            assertThat(each.get("padding_share").getAsDouble()).isBetween(0.0, 0.25);
        });
        assertThat(run("--sweep rows --values 2,3 --hidden 4 --quiet --lengths-from " + text))
                .hasSizeGreaterThan(5);
    }

    @Test
    void dynamic_runs_should_keep_to_budgets_and_be_predicted() throws IOException {
        Path json = folder.resolve("memory.json");
        run("--mode dynamic --values 400 --rows 4 --hidden 6 --budget 1/2 --json " + json);
        List<JsonObject> points =
                points(JsonParser.parseString(Files.readString(json)).getAsJsonObject());
        assertThat(points).hasSizeGreaterThan(1);
        for (JsonObject point : points) {
            assertThat(Math.abs(point.get("off_share").getAsDouble())).isLessThan(0.01);
            if (!point.get("budget").isJsonNull()) {
                assertThat(point.get("same_loss_bits").getAsBoolean()).isTrue();
                assertThat(point.get("measured_peak_bytes").getAsLong())
                        .isLessThan(point.get("budget").getAsLong() * 11 / 10);
            }
        }
    }

    @Test
    void should_measure_within_budgets() throws IOException {
        Path json = folder.resolve("memory.json");
        Path plots = folder.resolve("plots");
        List<String> lines =
                run("--mode static --values 80,100 --rows 4 --hidden 6 --budget 1,3/4,1/2,3/4,45K,1K --json " + json
                        + " --plots " + plots);
        assertThat(lines.get(1)).matches("steps +mode .* loss bits +budget +time +bits");
        assertThat(lines.subList(2, 10))
                .extracting(line -> line.replaceAll(
                        "(\\d+) +static .* ([0-9a-f]{8}) +(.*?) +(-|x [0-9.]+ +same|differs)( .*)?", "$1 $3"))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("80 "),
                        line -> assertThat(line).startsWith("80 3/4 = "),
                        line -> assertThat(line).startsWith("80 1/2 = "),
                        line -> assertThat(line).isEqualTo("80 45.0 KiB"),
                        line -> assertThat(line).startsWith("100 "),
                        line -> assertThat(line).startsWith("100 3/4 = "),
                        line -> assertThat(line).startsWith("100 1/2 = "),
                        line -> assertThat(line).isEqualTo("100 45.0 KiB"));
        assertThat(lines.get(10))
                .startsWith("At steps 80, static within 1.0 KiB is not workable: ")
                .contains("the smallest that is workable is ");
        assertThat(lines.get(11)).startsWith("At steps 100, static within 1.0 KiB is not workable: ");
        assertThat(lines)
                .anyMatch(line -> line.startsWith("Budgets, where memory is short: at steps 100 static takes "));
        JsonObject report = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        List<JsonObject> points = points(report);
        assertThat(points).hasSize(8).allSatisfy(MemoryCommandTest::checkAddsUp);
        for (int i = 0; i < 8; i += 4) {
            long unbounded = points.get(i).get("measured_peak_bytes").getAsLong();
            assertThat(points.get(i).get("budget").isJsonNull()).isTrue();
            assertThat(points.get(i + 1).get("budget").getAsLong()).isEqualTo(unbounded * 3 / 4);
            assertThat(points.get(i + 2).get("budget").getAsLong()).isEqualTo(unbounded / 2);
            assertThat(points.get(i + 3).get("budget").getAsLong()).isEqualTo(45 << 10);
            for (JsonObject point : points.subList(i + 1, i + 4)) {
                assertThat(point.get("same_loss_bits").getAsBoolean()).isTrue();
                assertThat(point.get("loss_bits")).isEqualTo(points.get(i).get("loss_bits"));
                assertThat(point.get("measured_peak_bytes").getAsLong()).isLessThan(unbounded);
                JsonObject uses = point.getAsJsonObject("by_category");
                assertThat(uses.get("activations").getAsLong())
                        .isLessThan(point.get("budget").getAsLong());
            }
        }
        assertThat(report.getAsJsonObject("results").getAsJsonArray("refused")).hasSize(2);
        assertThat(report.getAsJsonObject("settings").getAsJsonArray("budgets")).hasSize(6);
        assertThat(plots.toFile().list())
                .containsExactlyInAnyOrder("bytes.png", "time.png", "timeline.png", "budgets.png");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--mode static", "--mode dynamic", "--unroll static", "--unroll dynamic"})
    void should_measure_one_mode_alone(String args) {
        List<String> lines = run(args + " --values 3 --rows 2 --hidden 4 --quiet");
        assertThat(lines).hasSize(3);
        assertThat(lines.get(1)).contains(args.split(" ", -1)[1]);
        assertThat(lines.get(2)).startsWith("Recommendation: none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"steps", "lengths"})
    void should_draw(String sweep) {
        Path plots = folder.resolve("plots");
        List<String> lines = run("--sweep " + sweep + (sweep.equals("steps") ? " --values 5,3" : " --steps 4")
                + " --rows 2 --hidden 4 --plots " + plots);
        assertThat(lines.get(0)).startsWith("jdk ");
        assertThat(lines.get(lines.size() - 1)).isEqualTo("plots in " + plots);
        assertThat(plots.toFile().list()).containsExactlyInAnyOrder("bytes.png", "time.png", "timeline.png");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --sweep width                      | Invalid value for option '--sweep': 'width' is none of steps, rows, hidden, lengths
            --values 0                         | --values is '0'; expected whole numbers from 1 to 100000
            --values 3,many                    | --values is 'many'; expected whole numbers from 1 to 100000
            --values 100001                    | --values is '100001'; expected whole numbers from 1 to 100000
            --sweep lengths --values zipf      | --values is 'zipf'; expected some of equal, uniform, long-tailed; file needs --lengths-from
            --sweep lengths --values file      | --values is 'file'; expected some of equal, uniform, long-tailed; file needs --lengths-from
            --sweep lengths --lengths uniform  | --lengths: is what --sweep lengths sets; give --values instead
            --sweep rows --rows 3              | --rows: is what --sweep rows sets; give --values instead
            --steps 3                          | --steps: is what --sweep steps sets; give --values instead
            --lengths zipf                     | --lengths is zipf; expected one of equal, uniform, long-tailed
            --sweep rows --steps 0             | --steps is 0; expected 1 to 100000
            --input 0                          | --input is 0; expected 1 to 100000
            --batches 0                        | --batches is 0; expected at least 1
            --budget 0                         | --budget is '0'; expected sizes such as 28300000, 512K, 32M or 1G, or shares of what is taken up without a budget, such as 1/10, 10% or 1
            --budget 1/2,3/2                   | --budget is '3/2'; expected sizes such as 28300000, 512K, 32M or 1G, or shares of what is taken up without a budget, such as 1/10, 10% or 1
            --repetitions 0                    | --repetitions is 0; expected at least 1
            --warmup-seconds NaN               | --warmup-seconds is NaN; expected a finite number of at least 0
            --mode both --unroll static        | --mode and --unroll say the same; give one of them
            --lengths-from a --sweep steps     | --lengths-from: the file says how long sequences are; leave out --sweep steps
            --lengths-from a --sweep rows --steps 3 | --lengths-from: the file says how long sequences are; leave out --steps
            --csv missing/a.csv                | --csv: the folder of missing/a.csv does not exist; make it first
            --csv a.out --json ./a.out         | --csv is a.out; expected another name than that of --json
            """)
    void should_refuse_bad_usage_on_one_line(String args, String complaint) {
        CommandRun run = CommandRun.of(("memory " + args).split(" ", -1));
        assertThat(run.errLines()).containsExactly("unfold memory: " + complaint + " (see unfold memory --help)");
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @Test
    void should_fail_on_one_line_where_a_file_cannot_be_read() {
        CommandRun run = CommandRun.of(
                "memory",
                "--quiet",
                "--lengths-from",
                folder.resolve("none.txt").toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.errLines())
                .singleElement()
                .asString()
                .startsWith("unfold memory: " + folder.resolve("none.txt") + ": cannot be read: ");
        assertThat(run.out()).isEmpty();
    }

    private static List<JsonObject> points(JsonObject report) {
        return report.getAsJsonObject("results").getAsJsonArray("points").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    /** Measures tiny cases, for no longer than they take. */
    private static List<String> run(String args) {
        List<String> all = new ArrayList<>(List.of("memory"));
        Stream.of(args, TINY)
                .flatMap(each -> Arrays.stream(each.split(" ", -1)))
                .forEach(all::add);
        CommandRun run = CommandRun.of(all.toArray(new String[0]));
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        return run.out().lines().toList();
    }
}
