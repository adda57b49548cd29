package dev.unfold.rnn.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    private static final byte[] CONTENT = "new".getBytes(UTF_8);

    @TempDir
    private Path folder;

    @Test
    void should_replace_a_file_only_when_the_new_one_is_whole() throws IOException {
        Path file = Files.writeString(folder.resolve("out"), "old");
        AtomicFile.write(file, out -> {
            out.write(CONTENT);
            assertThat(file).hasContent("old");
            assertThat(folder.toFile().list()).hasSize(2);
        });
        assertThat(file).hasContent("new");
        assertThat(folder.toFile().list()).containsExactly("out");
    }

    @Test
    void should_leave_nothing_behind_where_writing_fails() throws IOException {
        Path old = Files.writeString(folder.resolve("old"), "old");
        for (Path file : new Path[] {old, folder.resolve("out")}) {
            assertThatIOException()
                    .isThrownBy(() -> AtomicFile.write(file, out -> {
                        out.write(CONTENT);
                        throw new IOException("full");
                    }))
                    .withMessage("full");
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> AtomicFile.write(file, out -> {
                        out.write(CONTENT);
                        throw new IllegalStateException();
                    }));
        }
        assertThat(old).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("old");
    }

    @Test
    void should_write_in_a_thread_that_is_interrupted() throws IOException {
        Path file = folder.resolve("out");
        Thread.currentThread().interrupt();
        try {
            AtomicFile.write(file, out -> out.write(CONTENT));
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(file).hasContent("new");
    }

    @Test
    void should_follow_a_link() throws IOException {
        assumeThat(folder.getFileSystem().supportedFileAttributeViews()).contains("posix");
        Path file = Files.writeString(folder.resolve("file"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        AtomicFile.write(link, out -> out.write(CONTENT));
        assertThat(link).isSymbolicLink();
        assertThat(file).hasContent("new");
    }

    @Test
    void should_write_to_a_device_as_it_is() throws IOException {
        Path device = Path.of("/dev/null");
        assumeThat(device).exists();
        AtomicFile.write(device, out -> out.write(CONTENT));
        assertThat(Files.isRegularFile(device)).isFalse();
    }
}
