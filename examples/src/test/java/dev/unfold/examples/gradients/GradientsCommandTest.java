package dev.unfold.examples.gradients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.unfold.examples.CommandRun;
import dev.unfold.examples.mnist.CellKind;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GradientsCommandTest {
    private static final String SMALL = " --steps 4 --rows 2 --input 3 --hidden 4 --classes 3";

    @TempDir
    private Path folder;

    private static CommandRun run(String options) {
        return CommandRun.of(("gradients " + options).trim().split(" +"));
    }

    private static CommandRun passed(String options) {
        CommandRun run = run(options);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        return run;
    }

    private JsonObject report(String options) throws IOException {
        Path json = folder.resolve("report.json");
        passed(options + " --json " + json);
        return JsonParser.parseString(Files.readString(json)).getAsJsonObject();
    }

    private JsonObject results(String options) throws IOException {
        return report(options).getAsJsonObject("results");
    }

    private void assertPicture(String name, int width, int height) throws IOException {
        BufferedImage image = ImageIO.read(folder.resolve("plots").resolve(name).toFile());
        assertThat(image).as(name).isNotNull();
        assertThat(List.of(image.getWidth(), image.getHeight())).as(name).containsExactly(width, height);
        long colours = Arrays.stream(image.getRGB(0, 0, width, height, null, 0, width))
                .distinct()
                .count();
        assertThat(colours).as("colours of " + name).isGreaterThan(10);
    }

    @ParameterizedTest
    @EnumSource(CellKind.class)
    void check_should_pass_for_every_cell_both_ways_in_layers(CellKind cell) {
        CommandRun run = passed("check --cell " + cell + " --layers 2 --bidirectional" + SMALL);
        assertThat(run.out()).contains("rnn.layer0.forward.", "rnn.layer1.backward.", "output.w");
        assertThat(run.out().lines().filter(line -> line.endsWith("  ok"))).hasSizeGreaterThan(8);
    }

    @Test
    void check_should_report_every_parameter_alike_in_both_modes() throws IOException {
        List<JsonObject> results = new ArrayList<>();
        for (String mode : List.of("dynamic", "static")) {
            JsonObject report = report("check --quiet --cell lstm --seed 3 --unroll " + mode + SMALL);
            assertThat(report.get("command").getAsString()).isEqualTo("gradients check");
            JsonObject settings = report.getAsJsonObject("settings");
            assertThat(settings.get("precision").getAsString()).isEqualTo("float64");
            assertThat(settings.get("cell").getAsString()).isEqualTo("lstm");
            results.add(report.getAsJsonObject("results"));
        }
        assertThat(results.get(1)).isEqualTo(results.get(0));
        assertThat(results.get(0).get("passed").getAsBoolean()).isTrue();
        JsonArray parameters = results.get(0).getAsJsonArray("parameters");
        assertThat(parameters).hasSize(5);
        for (JsonElement each : parameters) {
            assertThat(each.getAsJsonObject()
                            .get("greatest_relative_difference")
                            .getAsDouble())
                    .isBetween(0.0, 1e-6);
        }
    }

    @Test
    void check_should_fail_with_1_where_nothing_is_checked_or_the_tolerance_is_too_fine() throws IOException {
        Path json = folder.resolve("report.json");
        CommandRun single = run("check --quiet --json " + json + SMALL.replace("--steps 4", "--steps 1"));
        assertThat(single.exitCode()).isEqualTo(1);
        assertThat(single.out()).containsPattern("rnn\\.wh .* vacuous: all zero");
        assertThat(single.errLines())
                .containsExactly("unfold gradients check: the gradient check fails: rnn.wh (vacuous: all zero);"
                        + " recurrent weights get a gradient from 2 --steps on");
        assertThat(Files.readString(json)).contains("\"passed\": false");
        CommandRun fine = run("check --quiet --tolerance 1e-15" + SMALL);
        assertThat(fine.exitCode()).isEqualTo(1);
        assertThat(fine.err()).contains("rnn.wx (wrong)").doesNotContain("--steps");
    }

    @Test
    void weight_should_draw_the_loss_and_its_tangent() throws IOException {
        Path plots = folder.resolve("plots");
        JsonObject results = results(
                "weight --cell gru --layer rnn.u --row 3 --column 5 --range 2 --points 41 --plots " + plots + SMALL);
        assertPicture("weight.png", 800, 500);
        JsonArray weights = results.getAsJsonArray("weights");
        JsonArray losses = results.getAsJsonArray("losses");
        double present = results.get("weight").getAsDouble();
        assertThat(weights).hasSize(41);
        assertThat(weights.get(0).getAsDouble()).isCloseTo(present - 2, within(1e-12));
        assertThat(weights.get(40).getAsDouble()).isCloseTo(present + 2, within(1e-12));
        assertThat(losses.get(20).getAsDouble()).isCloseTo(results.get("loss").getAsDouble(), within(1e-12));
        double slope = (losses.get(21).getAsDouble() - losses.get(19).getAsDouble()) / 0.2;
        assertThat(results.get("backpropagated").getAsDouble()).isCloseTo(slope, within(1e-2 * Math.abs(slope)));
        assertThat(results.get("difference").getAsDouble()).isLessThan(1e-8);
    }

    @Test
    void weight_should_draw_a_loss_that_does_not_depend_on_it() throws IOException {
        JsonObject results = results("weight --quiet --points 2 --steps 1 --plots " + folder.resolve("plots"));
        assertPicture("weight.png", 800, 500);
        assertThat(results.get("backpropagated").getAsDouble()).isZero();
        assertThat(results.getAsJsonArray("losses").get(1))
                .isEqualTo(results.getAsJsonArray("losses").get(0));
    }

    @Test
    void weight_should_tell_both_slopes_of_a_bias() {
        CommandRun run = passed("weight --quiet --layer output.b --column 2" + SMALL);
        assertThat(run.out().lines()).hasSize(4).first().asString().startsWith("output.b[2] of [3] is 0.000000, where");
        assertThat(run.out()).containsPattern("slope by backpropagation +-?0\\.\\d{12}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"dynamic", "static"})
    void compare_should_draw_each_parameter(String mode) throws IOException {
        Path plots = folder.resolve("plots");
        JsonObject results = results("compare --seed 2 --plots " + plots + " --unroll " + mode + SMALL);
        assertThat(results.get("plain_loss").getAsDouble())
                .isCloseTo(results.get("graph_loss").getAsDouble(), within(1e-13));
        for (JsonElement each : results.getAsJsonArray("parameters")) {
            assertThat(each.getAsJsonObject().get("greatest_difference").getAsDouble())
                    .isBetween(0.0, 1e-15);
            assertThat(each.getAsJsonObject().get("greatest_gradient").getAsDouble())
                    .isGreaterThan(1e-3);
        }
        assertPicture("rnn.wx.png", 1170, 385);
        assertPicture("rnn.wh.png", 1170, 460);
        assertPicture("rnn.b.png", 1170, 235);
        assertPicture("output.w.png", 1170, 460);
        assertPicture("output.b.png", 1170, 260);
    }

    @Test
    void flow_should_tell_and_draw_norms_by_lag() throws IOException {
        Path plots = folder.resolve("plots");
        String options = "flow --steps 12 --hidden 6 --clip-norm 0.5";
        JsonObject results = results(options + " --plots " + plots);
        assertPicture("cells.png", 800, 500);
        assertPicture("radius.png", 800, 500);
        assertThat(results.getAsJsonArray("cells")).hasSize(5);
        JsonArray radius = results.getAsJsonArray("radius");
        assertThat(radius).hasSize(4);
        JsonObject half = radius.get(0).getAsJsonObject();
        assertThat(half.getAsJsonArray("norms")).hasSize(13);
        assertThat(half.getAsJsonArray("norms").get(3).getAsDouble()).isCloseTo(0.125, within(1e-12));
        assertThat(half.get("below_1_percent_at_lag").getAsInt()).isEqualTo(7);
        assertThat(results.get("flow_clipped_cosine").getAsDouble())
                .isLessThan(results.get("parameters_clipped_cosine").getAsDouble());
        CommandRun told = passed(options + " --quiet");
        assertThat(told.out())
                .startsWith("Cells at their first weights")
                .containsPattern("(?m)^norm of dL\\(t\\) / dh\\(t-k\\) +k = 1 +k = 2 +k = 4 +k = 8 +k = 12 +below 1 %$")
                .containsPattern("(?m)^0\\.5 .* from k = 7$")
                .containsPattern("(?m)^1\\.6, flow clipped to 0\\.5 .* never$");
    }

    @ParameterizedTest
    @ValueSource(strings = {"check", "compare", "flow", "weight"})
    void should_help(String exercise) {
        CommandRun run = passed(exercise + " --help");
        assertThat(run.out())
                .startsWith("Usage: unfold gradients " + exercise)
                .contains("--seed", "--json", "--report", "(default float64)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                               | no exercise given; expected one of check, compare, flow, weight
            chek                             | there is no command 'chek'; expected one of check, compare, flow, weight
            check --precision float32        | --precision is float32; expected float64; rounding in float32
            flow --threads 2                 | --threads is 2; expected 1; these networks are too small
            check --cell rnn                 | Invalid value for option '--cell': 'rnn' is none of vanilla
            check --layers 0                 | --layers is 0; expected 1 to 8
            check --steps 0                  | --steps is 0; expected 1 to 256
            check --classes 1                | --classes is 1; expected 2 to 256
            check --tolerance NaN            | --tolerance is NaN; expected a number above 0 and below 1
            check --report x                 | --report is x; expected a name that ends in .html
            check --plots x                  | --plots has no effect on gradients check; leave it out
            compare --cell gru               | Unknown options: '--cell', 'gru'
            compare --hidden 257             | --hidden is 257; expected 1 to 256
            weight --layer rnn.w             | --layer is 'rnn.w'; expected one of rnn.wx, rnn.wh, rnn.b, output.w, output.b
            weight --row 12                  | --row is 12; expected 0 to 11, as rnn.wh is [12, 12]
            weight --row -1                  | --row is -1; expected 0 to 11, as rnn.wh is [12, 12]
            weight --layer rnn.b --row 1     | --row is 1; expected 0, as rnn.b is [12]
            weight --layer rnn.b --column 12 | --column is 12; expected 0 to 11, as rnn.b is [12]
            weight --range 3                 | --range has no effect without --plots, --json or --report; give one of them, or leave it out
            weight --points 1                | --points is 1; expected 2 to 100000
            weight --range Infinity          | --range is Infinity; expected a finite number above 0
            flow --steps 501                 | --steps is 501; expected 1 to 500
            flow --hidden 0                  | --hidden is 0; expected 1 to 512
            flow --clip-norm 0               | --clip-norm is 0.0; expected a finite number above 0
            """)
    void what_cannot_take_effect_should_be_refused(String options, String message) {
        CommandRun run = run(options);
        assertThat(run.errLines()).hasSize(1);
        assertThat(run.err()).contains(message);
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(2);
    }
}
