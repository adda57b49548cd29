package dev.unfold.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What README and docs show is what is compiled and run: behind a mark {@code <!-- code: FILE#TAG -->} stands the text
 * between {@code // tag::TAG[]} and {@code // end::TAG[]} of the file, and every command can be parsed.
 */
class DocsTest {
    private static final Path ROOT = Path.of(System.getProperty("unfold.root", ".."));
    private static final Pattern JAVA_BLOCK = Pattern.compile("([^\\n]*)\\n```java\\n(.*?)\\n```", Pattern.DOTALL);
    private static final Pattern MARK = Pattern.compile("<!-- code: (\\S+)#(\\S+) -->");
    private static final String COMMAND = "java -jar examples/target/unfold.jar ";
    private static final int LINES_OF_A_CELL = 30;

    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        try (Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
        }
        return pages;
    }

    @ParameterizedTest
    @MethodSource("pages")
    void every_java_block_should_be_code_that_is_compiled(Path page) throws IOException {
        List<MatchResult> blocks =
                JAVA_BLOCK.matcher(Files.readString(page)).results().toList();
        for (MatchResult block : blocks) {
            var mark = MARK.matcher(block.group(1));
            assertThat(mark.matches())
                    .as("a mark in the line before the block:%n%s", block.group(2))
                    .isTrue();
            assertThat(block.group(2)).isEqualTo(region(mark.group(1), mark.group(2)));
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void every_command_should_be_one_that_can_be_given(Path page) throws IOException {
        for (String line : Files.readAllLines(page)) {
            if (line.startsWith(COMMAND)) {
                String[] args = line.substring(COMMAND.length()).split(" ", -1);
                assertThat(Main.commandLine().parseArgs(args).errors()).as(line).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void no_place_should_be_left_to_be_filled_in(Path page) throws IOException {
        assertThat(Files.readAllLines(page)).noneMatch(line -> line.matches("@[A-Z]+@|.*\\bTODO\\b.*"));
    }

    @Test
    void the_readme_should_show_a_cell_in_under_thirty_lines() throws IOException {
        String cell = region("examples/src/main/java/dev/unfold/examples/cell/MinimalGatedCell.java", "cell");
        assertThat(Files.readString(ROOT.resolve("README.md"))).contains(cell);
        assertThat(cell.lines().count()).isLessThan(LINES_OF_A_CELL);
    }

    /** Returns the text between the tags without the indentation that all its lines share. */
    private static String region(String file, String tag) throws IOException {
        String source = Files.readString(ROOT.resolve(file));
        int from = source.indexOf('\n', source.indexOf("// tag::" + tag + "[]")) + 1;
        int to = source.lastIndexOf('\n', source.indexOf("// end::" + tag + "[]"));
        return source.substring(from, to).stripIndent();
    }
}
