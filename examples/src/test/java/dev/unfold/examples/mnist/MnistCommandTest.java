package dev.unfold.examples.mnist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.unfold.examples.CommandRun;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MnistCommandTest {
    private static final String SMALL = "mnist --fraction 0.05 --epochs 2 --hidden 16 ";
    private static final int TEST_IMAGES = 1000;

    @TempDir
    private static Path shared;

    @TempDir
    private Path folder;

    private static CommandRun run = new CommandRun(-1, "", "");
    private static JsonObject report = new JsonObject();

    /** Most tests look at what one run has left; its folder of plots is not there before. */
    @BeforeAll
    static void run() throws IOException {
        Path plots = shared.resolve("new/plots");
        run = run(SMALL + "--threads 1 --json", plots.resolve("report.json").toString(), "--plots", plots.toString());
        report = read(plots.resolve("report.json"));
    }

    @Test
    void should_print_epochs_and_evaluation() {
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("vanilla, hidden size 16, 890 parameters, 28 steps of 28 pixels")
                .containsPattern("(?m)^ {4}1( +\\d\\.\\d{3,4}){5} +\\d+\\.\\d\\d$")
                .contains("class  precision  recall      F1")
                .containsPattern("test accuracy 0\\.\\d{4} {2}\\(weights of epoch 2, ")
                .contains("plots in " + shared.resolve("new/plots"))
                .contains("figures in " + shared.resolve("new/plots/report.json"));
    }

    @Test
    void should_report_command_settings_and_environment() {
        assertThat(report.keySet()).containsExactly("command", "settings", "environment", "results");
        assertThat(report.get("command").getAsString()).isEqualTo("mnist");
        assertThat(report.getAsJsonObject("settings")).isEqualTo(JsonParser.parseString("""
                        {"seed": 1, "threads": 1, "precision": "float32", "unroll": "dynamic", "data": "embedded",
                         "cell": "vanilla", "hidden": 16, "layers": 1, "bidirectional": false, "steps": 28, "pixels": 28,
                         "keep_probability": 1.0, "epochs": 2, "batch": 32, "optimizer": "adam", "learning_rate": 0.002,
                         "schedule": "linear", "rate_factor": "none", "warm_up": 0, "l2": 0.0, "clip_norm": 1.0, "evaluate": 1,
                         "patience": 0, "fraction": 0.05}
                        """));
        assertThat(report.getAsJsonObject("environment").keySet())
                .containsExactly("jdk", "kernels", "threads", "commit");
    }

    @Test
    void should_report_results() {
        JsonObject results = results(report);
        assertThat(results.keySet())
                .containsExactly(
                        "cell",
                        "test_accuracy",
                        "dev_accuracy",
                        "dev_hits",
                        "kept_epoch",
                        "epochs",
                        "train_seconds",
                        "parameters",
                        "weights_sha256",
                        "classes",
                        "confusion");
        assertThat(results.get("weights_sha256").getAsString()).matches("[0-9a-f]{64}");
        assertThat(results.get("train_seconds").getAsDouble()).isPositive();
        List<JsonObject> epochs = objects(results.getAsJsonArray("epochs"));
        assertThat(epochs)
                .hasSize(2)
                .allSatisfy(epoch -> assertThat(epoch.keySet())
                        .containsExactly(
                                "epoch",
                                "learning_rate",
                                "train_loss",
                                "measured_train_loss",
                                "train_accuracy",
                                "dev_loss",
                                "dev_accuracy",
                                "dev_hits",
                                "seconds"));
        assertThat(epochs).extracting(epoch -> epoch.get("epoch").getAsInt()).containsExactly(1, 2);
        assertThat(results.get("train_seconds").getAsDouble())
                .isEqualTo(epochs.stream()
                        .mapToDouble(epoch -> epoch.get("seconds").getAsDouble())
                        .sum());
        assertThat(results.get("dev_accuracy")).isEqualTo(epochs.get(1).get("dev_accuracy"));
        // 500 of the 6,000 images are for validation, and 5 % of the others, 275, are learned from.
        assertThat(results.get("dev_accuracy").getAsDouble() * 500)
                .isCloseTo(results.get("dev_hits").getAsInt(), within(1e-9));
        assertThat(epochs)
                .extracting(epoch -> epoch.get("train_accuracy").getAsDouble() * 275)
                .allSatisfy(hits -> assertThat(hits).isCloseTo(Math.rint(hits), within(1e-9)));
    }

    @Test
    void should_report_figures_that_agree_with_the_confusion_matrix() {
        JsonObject results = results(report);
        int[][] confusion = confusion(results);
        assertThat(IntStream.range(0, 10).map(digit -> confusion[digit][digit]).sum())
                .isEqualTo((int)
                        Math.round(TEST_IMAGES * results.get("test_accuracy").getAsDouble()));
        List<JsonObject> classes = objects(results.getAsJsonArray("classes"));
        assertThat(classes).hasSize(10);
        for (int digit = 0; digit < 10; digit++) {
            JsonObject figures = classes.get(digit);
            int predicted = 0;
            for (int[] row : confusion) {
                predicted += row[digit];
            }
            double recall = confusion[digit][digit] / 100.0;
            double precision = predicted == 0 ? 0 : confusion[digit][digit] / (double) predicted;
            assertThat(IntStream.of(confusion[digit]).sum()).isEqualTo(100);
            assertThat(figures.get("class").getAsString()).isEqualTo(Integer.toString(digit));
            assertThat(figures.get("recall").getAsDouble()).isCloseTo(recall, within(1e-12));
            assertThat(figures.get("precision").getAsDouble()).isCloseTo(precision, within(1e-12));
        }
    }

    @ParameterizedTest
    @CsvSource({"loss, 800, 500", "accuracy, 800, 500", "confusion, 650, 550"})
    void should_plot(String name, int width, int height) throws IOException {
        BufferedImage image =
                ImageIO.read(shared.resolve("new/plots/" + name + ".png").toFile());
        assertThat(image.getWidth()).isEqualTo(width);
        assertThat(image.getHeight()).isEqualTo(height);
        int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
        assertThat(IntStream.of(pixels).distinct().count()).isGreaterThan(2);
    }

    @Test
    void should_leave_what_was_asked_for_and_nothing_else() {
        assertThat(shared.resolve("new/plots").toFile().list())
                .containsExactlyInAnyOrder("loss.png", "accuracy.png", "confusion.png", "report.json");
    }

    @Test
    void should_give_the_same_weights_for_the_same_seed_only() throws IOException {
        assertThat(sha(SMALL)).isEqualTo(sha(report));
        assertThat(sha(SMALL + "--seed 2")).isNotEqualTo(sha(report));
    }

    @Test
    void should_change_the_weights_by_the_penalty_and_by_clipping() throws IOException {
        assertThat(sha(SMALL + "--l2 0.01")).isNotEqualTo(sha(report));
        assertThat(sha(SMALL + "--clip-norm 0.01")).isNotEqualTo(sha(report));
        assertThat(sha(SMALL + "--clip-norm 1e30")).isEqualTo(sha(SMALL + "--clip-norm Infinity"));
    }

    @Test
    void should_train_in_double_precision() throws IOException {
        JsonObject precise = report(SMALL + "--precision float64");
        assertThat(precise.getAsJsonObject("settings").get("precision").getAsString())
                .isEqualTo("float64");
        assertThat(sha(precise)).isNotEqualTo(sha(report));
        assertThat(lastLoss(precise)).isCloseTo(lastLoss(report), within(0.01));
    }

    @Test
    void should_print_one_line_when_quiet() {
        CommandRun quiet = run(SMALL + "--quiet", "--plots", folder.toString());
        assertThat(quiet.err()).isEmpty();
        assertThat(quiet.out().lines()).singleElement().asString().matches("vanilla test accuracy 0\\.\\d{4}");
    }

    @Test
    void should_stop_early_and_keep_the_weights_of_the_best_epoch() throws IOException {
        String unstable = "mnist --fraction 0.05 --hidden 16 --learning-rate 0.05 --schedule constant ";
        JsonObject stopped = report(unstable + "--epochs 40 --patience 2");
        List<Double> losses = objects(results(stopped).getAsJsonArray("epochs")).stream()
                .map(epoch -> epoch.get("dev_loss").getAsDouble())
                .toList();
        assertThat(losses).hasSizeLessThan(40);
        int best = losses.indexOf(losses.stream().min(Double::compare).orElseThrow()) + 1;
        assertThat(losses).hasSize(best + 2);
        JsonObject shorter = report(unstable + "--epochs " + best);
        assertThat(sha(stopped)).isEqualTo(sha(shorter));
        for (String figure : List.of("test_accuracy", "dev_accuracy", "confusion")) {
            assertThat(results(stopped).get(figure)).isEqualTo(results(shorter).get(figure));
        }
    }

    @ParameterizedTest
    @EnumSource
    void should_train_every_cell(CellKind cell) throws IOException {
        JsonObject trained = report(SMALL + "--cell " + cell);
        List<JsonObject> epochs = objects(results(trained).getAsJsonArray("epochs"));
        assertThat(epochs.get(1).get("train_loss").getAsDouble())
                .isLessThan(epochs.get(0).get("train_loss").getAsDouble());
        assertThat(results(trained).get("parameters").getAsInt())
                .isEqualTo(blocks(cell) * (28 * 16 + 16 * 16 + 16) + others(cell) * 16 + 16 * 10 + 10);
        assertThat(results(trained).get("cell").getAsString()).isEqualTo(cell.toString());
    }

    /** How often a cell has the weights and the bias of a vanilla one. */
    private static int blocks(CellKind cell) {
        return switch (cell) {
            case VANILLA -> 1;
            case MGU -> 2;
            case GRU, GRU_AFTER -> 3;
            case LSTM, LSTM_PEEPHOLE, LSTM_LAYERNORM -> 4;
        };
    }

    /** How many vectors of the hidden size a cell has beside. */
    private static int others(CellKind cell) {
        return switch (cell) {
            case GRU_AFTER -> 1; // recurrent bias
            case LSTM_PEEPHOLE -> 3; // diagonal weights
            case LSTM_LAYERNORM -> 4 + 4 + 2; // gains of both products; gain and shift of c
            default -> 0;
        };
    }

    @ParameterizedTest
    @EnumSource
    void should_train_with_every_optimiser(OptimizerKind optimizer) throws IOException {
        JsonObject trained = report(SMALL + "--optimizer " + optimizer);
        List<JsonObject> epochs = objects(results(trained).getAsJsonArray("epochs"));
        assertThat(epochs.get(1).get("train_loss").getAsDouble())
                .isLessThan(epochs.get(0).get("train_loss").getAsDouble());
        assertThat(sha(trained).equals(sha(report))).isEqualTo(optimizer == OptimizerKind.ADAM);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            constant                               | 1, 1, 1, 1, 1, 1
            linear                                 | 0.851852, 0.685185, 0.518519, 0.351852, 0.185185, 0.018519
            cosine                                 | 0.946816, 0.774754, 0.529072, 0.275600, 0.082256, 0.000846
            step                                   | 1, 1, 0.1, 0.1, 0.01, 0.01
            step --rate-factor 0.5                 | 1, 1, 0.5, 0.5, 0.25, 0.25
            exponential                            | 1, 0.7, 0.49, 0.343, 0.2401, 0.16807
            exponential --rate-factor 0.5 --warm-up 18 | 0.5, 0.5, 0.25, 0.125, 0.0625, 0.03125
            """)
    void should_follow_the_schedule(String schedule, String factors) throws IOException {
        // 9 updates in each epoch; the last of each is at the rate that is reported.
        JsonObject trained =
                report("mnist --fraction 0.05 --epochs 6 --hidden 4 --learning-rate 0.01 --schedule " + schedule);
        List<Double> rates = objects(results(trained).getAsJsonArray("epochs")).stream()
                .map(epoch -> epoch.get("learning_rate").getAsDouble())
                .toList();
        List<String> expected = Splitter.on(", ").splitToList(factors);
        for (int i = 0; i < 6; i++) {
            assertThat(rates.get(i))
                    .as("epoch %d", i + 1)
                    .isCloseTo(0.01 * Double.parseDouble(expected.get(i)), within(1e-6));
        }
    }

    @Test
    void should_lower_the_rate_where_validation_is_no_better() throws IOException {
        List<JsonObject> epochs = objects(results(
                        report(
                                "mnist --fraction 0.05 --epochs 12 --hidden 16 --learning-rate 0.05 --schedule plateau --rate-factor 0.25"))
                .getAsJsonArray("epochs"));
        double best = Double.POSITIVE_INFINITY;
        double rate = 0.05;
        int reductions = 0;
        for (JsonObject epoch : epochs) {
            assertThat(epoch.get("learning_rate").getAsDouble()).isCloseTo(rate, within(1e-12));
            double loss = epoch.get("dev_loss").getAsDouble();
            if (loss < best * (1 - 1e-4)) {
                best = loss;
            } else {
                rate /= 4;
                reductions++;
            }
        }
        assertThat(reductions).isPositive();
    }

    @Test
    void should_measure_and_print_as_often_as_asked_for() throws IOException {
        Path file = folder.resolve("report.json");
        CommandRun printed = run(
                "mnist --fraction 0.02 --hidden 4 --epochs 7 --evaluate 3 --report-every 2 --json", file.toString());
        assertThat(printed.out().lines().filter(line -> line.matches(" +[24]( +[\\d.]+| +-){6}")))
                .allMatch(line -> line.contains("-"))
                .hasSize(2);
        assertThat(printed.out().lines().filter(line -> line.matches(" +[67]( +[\\d.]+){6}")))
                .hasSize(2);
        assertThat(objects(results(read(file)).getAsJsonArray("epochs")))
                .extracting(epoch -> epoch.has("dev_accuracy"))
                .containsExactly(false, false, true, false, false, true, true);
    }

    @ParameterizedTest
    @CsvSource({"--steps 14, 14, 56", "--pixels 16, 49, 16", "--steps 7 --pixels 112, 7, 112", "--steps 1, 1, 784"})
    void should_cut_images_into_steps(String options, int steps, int pixels) throws IOException {
        JsonObject trained = report(SMALL + options);
        assertThat(trained.getAsJsonObject("settings").get("steps").getAsInt()).isEqualTo(steps);
        assertThat(trained.getAsJsonObject("settings").get("pixels").getAsInt()).isEqualTo(pixels);
        assertThat(results(trained).get("parameters").getAsInt()).isEqualTo(pixels * 16 + 16 * 16 + 16 + 16 * 10 + 10);
        assertThat(sha(SMALL + options + " --unroll static")).isEqualTo(sha(trained));
    }

    @Test
    void fraction_should_leave_the_validation_images_alone() throws IOException {
        // All that is learned from is one image: the rate hardly matters, and the first measurement is of the same 500
        // digits.
        JsonObject one = report("mnist --fraction 0.0002 --epochs 1 --hidden 16 --learning-rate 1e-12");
        JsonObject all = report("mnist --epochs 1 --hidden 16 --learning-rate 1e-12");
        assertThat(results(one).get("dev_hits")).isEqualTo(results(all).get("dev_hits"));
        assertThat(results(one).get("dev_accuracy").getAsDouble() * 500)
                .isCloseTo(results(one).get("dev_hits").getAsInt(), within(1e-9));
    }

    @Test
    void should_compare_cells_with_the_same_settings() throws IOException {
        Path plots = folder.resolve("plots");
        CommandRun printed =
                run(SMALL + "--compare vanilla,gru --plots " + plots + " --json " + folder.resolve("all.json"));
        assertThat(printed.err()).isEmpty();
        assertThat(printed.out())
                .containsPattern("(?m)^cell +parameters +test accuracy +seconds$")
                .containsPattern("(?m)^vanilla +890 +0\\.\\d{4} +\\d+\\.\\d$")
                .containsPattern("(?m)^gru +2,330 +0\\.\\d{4} +\\d+\\.\\d$");
        assertThat(plots.toFile().list())
                .containsExactlyInAnyOrder("loss.png", "accuracy.png", "confusion-vanilla.png", "confusion-gru.png");
        JsonObject all = read(folder.resolve("all.json"));
        assertThat(all.getAsJsonObject("settings").get("compare").getAsString()).isEqualTo("vanilla,gru");
        List<JsonObject> runs = objects(results(all).getAsJsonArray("runs"));
        assertThat(runs)
                .extracting(each -> each.get("weights_sha256").getAsString())
                .containsExactly(sha(report), sha(SMALL + "--cell gru"));
    }

    @ParameterizedTest
    @CsvSource({
        "--layers 2, 1418", // 28*16 + 16*16 + 16, then 16*16 + 16*16 + 16, then 16*10 + 10
        "--bidirectional, 1770", // 2 (28*16 + 16*16 + 16), then 32*10 + 10
        "--layers 2 --bidirectional, 3338" // as above and 2 (32*16 + 16*16 + 16) between
    })
    void should_train_layers_and_both_directions(String options, int parameters) throws IOException {
        JsonObject trained = report(SMALL + options);
        assertThat(results(trained).get("parameters").getAsInt()).isEqualTo(parameters);
    }

    @ParameterizedTest
    @EnumSource
    void both_ways_of_unrolling_should_end_with_the_same_weights(CellKind cell) throws IOException {
        String line = SMALL + "--keep-probability 0.7 --clip-norm 1 --cell " + cell;
        JsonObject dynamic = report(line);
        JsonObject fixed = report(line + " --unroll static");
        assertThat(sha(fixed)).isEqualTo(sha(dynamic));
        assertThat(lastLoss(fixed)).isEqualTo(lastLoss(dynamic));
        assertThat(fixed.getAsJsonObject("settings").get("unroll").getAsString())
                .isEqualTo("static");
        assertThat(results(fixed).get("confusion")).isEqualTo(results(dynamic).get("confusion"));
    }

    @Test
    void threads_should_change_no_bit_of_deep_networks_that_go_both_ways() throws IOException {
        String line = SMALL + "--cell lstm --layers 2 --bidirectional --keep-probability 0.8 --batch 50 --l2 0.01";
        String expected = sha(line + " --threads 1");
        assertThat(sha(line)).as("as many as processors").isEqualTo(expected);
        assertThat(sha(line + " --threads 2")).isEqualTo(expected);
        assertThat(sha(line + " --unroll static --threads 2")).isEqualTo(expected);
        assertThat(sha(line + " --unroll static --threads 3")).isEqualTo(expected);
    }

    @Test
    void a_training_should_go_on_from_its_folder_to_the_same_bits() throws IOException {
        String line = SMALL.replace("--epochs 2 ", "") + "--schedule constant --epochs ";
        String folderOption = " --checkpoints " + folder.resolve("checkpoints");
        sha(line + 1 + folderOption);
        CommandRun refused = run(line + 3 + folderOption + " --seed 2");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("setting seed is 2, there it is 1");
        assertThat(run(line + 2 + folderOption).out()).contains("going on behind epoch 1 (update 9)");
        assertThat(sha(line + 3 + folderOption + " --unroll static")).isEqualTo(sha(line + 3));
    }

    @Test
    void a_training_should_go_on_with_the_same_data_alone_wherever_they_are() throws IOException {
        Path there = Files.createDirectory(folder.resolve("there"));
        Path moved = Files.createDirectory(folder.resolve("moved"));
        DigitFolder.write(there, 24, 4);
        DigitFolder.write(moved, 24, 4);
        String line = "mnist --hidden 4 --schedule constant --checkpoints " + folder.resolve("checkpoints") + " ";
        sha(line + "--epochs 1 --data " + there);
        assertThat(run(line + "--epochs 2 --data " + moved).out()).contains("going on behind epoch 1");
        DigitFolder.write(there, 36, 4);
        CommandRun refused = run(line + "--epochs 3 --data " + there);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("setting data is ");
    }

    @Test
    void dropout_should_change_training() throws IOException {
        assertThat(sha(SMALL + "--keep-probability 0.7")).isNotEqualTo(sha(SMALL));
        assertThat(sha(SMALL + "--keep-probability 0.7")).isEqualTo(sha(SMALL + "--keep-probability 0.7"));
    }

    @Test
    void should_read_data_in_which_most_digits_are_missing_without_logging_so() throws IOException {
        DigitFolder.write(folder, 24, 4);
        List<String> logged = new ArrayList<>();
        Handler listener = listener(logged);
        Logger.getLogger("").addHandler(listener);
        JsonObject tiny;
        try {
            tiny = report("mnist --hidden 8 --epochs 30 --learning-rate 0.02 --data " + folder);
        } finally {
            Logger.getLogger("").removeHandler(listener);
        }
        assertThat(logged).isEmpty();
        assertThat(results(tiny).get("test_accuracy").getAsDouble()).isOne();
        int[][] confusion = confusion(results(tiny));
        assertThat(confusion[3][3]).isEqualTo(2);
        assertThat(confusion[7][7]).isEqualTo(2);
        assertThat(tiny.getAsJsonObject("settings").get("data").getAsString()).isEqualTo(folder.toString());
    }

    private static Handler listener(List<String> logged) {
        return new Handler() {
            @Override
            public void publish(LogRecord message) {
                logged.add(message.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    private static CommandRun run(String line, String... more) {
        List<String> args = ImmutableList.<String>builder()
                .addAll(Splitter.on(' ').omitEmptyStrings().split(line))
                .add(more)
                .build();
        return CommandRun.of(args.toArray(String[]::new));
    }

    private JsonObject report(String line) throws IOException {
        Path file = folder.resolve("report.json");
        CommandRun finished = run(line, "--quiet", "--json", file.toString());
        assertThat(finished.err()).isEmpty();
        assertThat(finished.exitCode()).isZero();
        return read(file);
    }

    private static JsonObject read(Path file) throws IOException {
        return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    }

    private String sha(String line) throws IOException {
        return sha(report(line));
    }

    private static String sha(JsonObject report) {
        return results(report).get("weights_sha256").getAsString();
    }

    private static double lastLoss(JsonObject report) {
        List<JsonObject> epochs = objects(results(report).getAsJsonArray("epochs"));
        return epochs.get(epochs.size() - 1).get("train_loss").getAsDouble();
    }

    private static JsonObject results(JsonObject report) {
        return report.getAsJsonObject("results");
    }

    private static List<JsonObject> objects(JsonArray array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    private static int[][] confusion(JsonObject results) {
        return StreamSupport.stream(results.getAsJsonArray("confusion").spliterator(), false)
                .map(row -> StreamSupport.stream(row.getAsJsonArray().spliterator(), false)
                        .mapToInt(JsonElement::getAsInt)
                        .toArray())
                .toArray(int[][]::new);
    }
}
