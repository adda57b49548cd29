package dev.unfold.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import dev.unfold.examples.mnist.DigitFolder;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Every command of docs/courses.md, run as it stands there but in a folder with a little data, and with small settings behind its own, which
 * they replace.
 */
class CoursesDocsTest {
    private static final String COMMAND = "java -jar examples/target/unfold.jar ";
    /** The longest beginning of a command counts. */
    private static final Map<String, List<String>> SMALL = small();
    /** Options that name something in the folder: data of the reader's own, of which there is a little there, or what is written. */
    private static final Set<String> FILES = Set.of(
            "--data",
            "--train",
            "--dev",
            "--file",
            "--plots",
            "--save",
            "--model",
            "--json",
            "--checkpoints",
            "--report");

    private static final String SENTENCES = """
            1\tthe\t_\tDET\t_\t_\t_\t_\t_\t_
            2\tdog\t_\tNOUN\t_\t_\t_\t_\t_\t_
            3\tsleeps\t_\tVERB\t_\t_\t_\t_\t_\t_

            """;

    private static Map<String, List<String>> small() {
        Map<String, List<String>> small = new LinkedHashMap<>();
        small.put("mnist predict", List.of());
        small.put(
                "mnist --steps 784", List.of("--epochs", "1", "--fraction", "0.01", "--steps", "98", "--pixels", "8"));
        small.put("mnist --data", List.of("--epochs", "1", "--hidden", "4"));
        small.put("mnist", List.of("--epochs", "4", "--fraction", "0.01", "--hidden", "4"));
        small.put("text sample", List.of());
        small.put("text --tokens", List.of("--epochs", "1", "--hidden", "4", "--embedding", "4", "--file", "text.txt"));
        // Rare words and short batches are what takes time.
        small.put(
                "text",
                List.of("--epochs", "1", "--hidden", "4", "--embedding", "4", "--min-count", "20", "--batch", "40"));
        small.put("gradients flow", List.of("--hidden", "4", "--steps", "6"));
        small.put("gradients", List.of("--hidden", "3", "--steps", "4"));
        small.put("pos", List.of("--epochs", "1"));
        small.put(
                "memory",
                List.of(
                        "--values",
                        "3",
                        "--hidden",
                        "4",
                        "--batches",
                        "1",
                        "--repetitions",
                        "2",
                        "--warmup-seconds",
                        "0"));
        return small;
    }

    @Test
    void every_command_should_run(@TempDir Path folder) throws IOException {
        Files.createDirectory(folder.resolve("mnist"));
        seven(folder.resolve("seven.png"));
        DigitFolder.write(folder.resolve("mnist"), 36, 4);
        Files.writeString(folder.resolve("train.conllu.gz"), SENTENCES.repeat(5));
        Files.writeString(folder.resolve("dev.conllu.gz"), SENTENCES);
        Files.writeString(folder.resolve("text.txt"), "Call me what you will.\n".repeat(30));
        List<String> commands =
                Files.readAllLines(
                                Path.of(System.getProperty("unfold.root", "..")).resolve("docs/courses.md"))
                        .stream()
                        .filter(line -> line.startsWith(COMMAND))
                        .map(line -> line.substring(COMMAND.length()))
                        .toList();
        assertThat(commands).hasSizeGreaterThan(10);
        for (String command : commands) {
            run(command, folder);
        }
        pictures(folder);
    }

    /** Draws what is read in one of them: ink on paper. */
    private static void seven(Path file) throws IOException {
        BufferedImage picture = new BufferedImage(60, 60, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = picture.createGraphics();
        pen.setColor(Color.WHITE);
        pen.fillRect(0, 0, 60, 60);
        pen.setColor(Color.BLACK);
        pen.setStroke(new BasicStroke(5));
        pen.drawLine(15, 12, 42, 12);
        pen.drawLine(42, 12, 25, 48);
        pen.dispose();
        ImageIO.write(picture, "png", file.toFile());
    }

    private static void run(String command, Path folder) {
        List<String> args = new ArrayList<>();
        List<String> words = new ArrayList<>(Splitter.on(' ').splitToList(command));
        SMALL.keySet().stream()
                .filter(each -> (command + " ").startsWith(each + " "))
                .findFirst()
                .ifPresent(each -> words.addAll(SMALL.get(each)));
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (FILES.contains(word)) {
                args.add(word);
                args.add(folder.resolve(words.get(++i)).toString());
            } else {
                args.add(word.endsWith(".png") ? folder.resolve(word).toString() : word);
            }
        }
        StringWriter printed = new StringWriter();
        CommandLine line = Main.commandLine()
                .setOverwrittenOptionsAllowed(true)
                .setOut(new PrintWriter(printed))
                .setErr(new PrintWriter(printed));
        int exitCode = Main.execute(line, args.toArray(new String[0]));
        assertThat(exitCode).as("%s%n%s", args, printed).isZero();
        assertThat(printed.toString()).as("%s", args).isNotBlank();
    }

    private static void pictures(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> pictures =
                    files.filter(each -> each.toString().endsWith(".png")).toList();
            assertThat(pictures).hasSizeGreaterThan(10);
            for (Path each : pictures) {
                BufferedImage image = ImageIO.read(each.toFile());
                assertThat(image.getWidth() + "x" + image.getHeight())
                        .as("%s", each)
                        .matches(sizes(folder.relativize(each).toString()));
                int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
                assertThat(Arrays.stream(pixels).distinct().count())
                        .as("%s is not blank", each)
                        .isGreaterThan(1);
            }
        }
    }

    /** Returns which sizes a picture may have. */
    private static String sizes(String file) {
        if (file.startsWith("compare/")) {
            return "1170x[2-4]\\d\\d";
        }
        return file.contains("seven") ? "60x60|280x280" : file.contains("confusion") ? "650x550" : "800x500";
    }
}
