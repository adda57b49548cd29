package dev.unfold.examples.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.unfold.examples.data.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFilesTest {
    private static final byte[] CONTENT = "new".getBytes(UTF_8);

    @TempDir
    private Path folder;

    @Test
    void should_write_a_file_and_nothing_else() {
        OutputFiles.write(folder.resolve("out"), CONTENT);
        assertThat(folder.resolve("out")).hasContent("new");
        assertThat(folder.toFile().list()).containsExactly("out");
    }

    @Test
    void should_replace_a_file() throws IOException {
        Path file = Files.writeString(folder.resolve("out"), "old and longer");
        OutputFiles.write(file, CONTENT);
        assertThat(file).hasContent("new");
        assertThat(folder.toFile().list()).containsExactly("out");
    }

    @Test
    void should_let_those_read_who_may_read_any_new_file() throws IOException {
        assumeThat(folder.getFileSystem().supportedFileAttributeViews()).contains("posix");
        Path usual = Files.createFile(folder.resolve("usual"));
        OutputFiles.write(folder.resolve("out"), CONTENT);
        assertThat(Files.getPosixFilePermissions(folder.resolve("out")))
                .isEqualTo(Files.getPosixFilePermissions(usual));
    }

    @Test
    void should_replace_what_a_link_leads_to() throws IOException {
        assumeThat(folder.getFileSystem().supportedFileAttributeViews()).contains("posix");
        Path file = Files.writeString(folder.resolve("file"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        OutputFiles.write(link, CONTENT);
        assertThat(link).isSymbolicLink();
        assertThat(file).hasContent("new");
    }

    @Test
    void should_leave_a_folder_in_the_way_as_it_is() throws IOException {
        Path inTheWay = Files.createDirectory(folder.resolve("out"));
        assertRefused(() -> OutputFiles.write(inTheWay, CONTENT), inTheWay + ": cannot be written");
        assertThat(inTheWay).isEmptyDirectory();
        assertThat(folder.toFile().list()).containsExactly("out");
    }

    @Test
    void should_not_be_stopped_by_what_a_killed_process_of_the_same_number_has_left() throws IOException {
        Path left =
                Files.createFile(folder.resolve("out." + ProcessHandle.current().pid() + ".tmp"));
        OutputFiles.write(folder.resolve("out"), CONTENT);
        assertThat(folder.resolve("out")).hasContent("new");
        assertThat(left).exists();
    }

    @Test
    void should_say_where_writing_failed() {
        Path file = folder.resolve("missing/out");
        assertRefused(() -> OutputFiles.write(file, CONTENT), file + ": cannot be written");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void should_say_why_no_file_can_be_written_without_writing_one() {
        Path lost = folder.resolve("missing/out");
        assertThat(OutputFiles.whyNoFile(folder.resolve("out"))).isEmpty();
        assertThat(OutputFiles.whyNoFile(Path.of("a-name-without-a-folder"))).isEmpty();
        assertThat(OutputFiles.whyNoFile(folder))
                .hasValue(folder + " is a folder; expected the name of a file to write");
        assertThat(OutputFiles.whyNoFile(lost)).hasValue("the folder of " + lost + " does not exist; make it first");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void should_say_why_there_can_be_no_folder_without_making_one() throws IOException {
        assertThat(OutputFiles.whyNoFolder(folder)).isEmpty();
        assertThat(OutputFiles.whyNoFolder(folder.resolve("a/b"))).isEmpty();
        assertThat(folder).isEmptyDirectory();
        Path file = Files.createFile(folder.resolve("file"));
        assertThat(OutputFiles.whyNoFolder(file)).hasValue(file + " is a file; expected a folder");
        assertThat(OutputFiles.whyNoFolder(file.resolve("a"))).hasValue(file + " is a file; expected a folder");
    }

    @Test
    void should_make_a_folder_with_those_above_it() throws IOException {
        OutputFiles.makeFolder(folder.resolve("a/b"));
        OutputFiles.makeFolder(folder.resolve("a/b"));
        assertThat(folder.resolve("a/b")).isEmptyDirectory();
        Path file = Files.createFile(folder.resolve("file"));
        assertRefused(() -> OutputFiles.makeFolder(file), file + ": cannot be made a folder");
    }

    private static void assertRefused(Runnable action, String complaint) {
        assertThatExceptionOfType(DataException.class).isThrownBy(action::run).withMessageStartingWith(complaint);
    }
}
