package dev.unfold.examples.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.common.primitives.Bytes;
import com.google.common.primitives.Longs;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.io.ModelFile;
import dev.unfold.rnn.io.Safetensors;
import dev.unfold.rnn.io.WeightsFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any bytes are weights or are refused with one line. Here the inputs in {@code SafetensorsFuzzTestInputs} run; with {@code JAZZER_FUZZ=1} in
 * the environment Jazzer looks for others; {@code JAZZER_INSTRUMENTATION_INCLUDES=dev.unfold.**} lets it see into the reader.
 */
class SafetensorsFuzzTest {
    @TempDir
    private static Path folder;

    @FuzzTest(maxDuration = "60s")
    void should_read_weights_or_refuse_in_one_line(byte[] content) throws IOException {
        read(content);
        // As a header of the right length too, which is seldom found by chance, before no data and before some.
        byte[] header = Bytes.concat(Longs.toByteArray(Long.reverseBytes(content.length)), content);
        read(header);
        read(Bytes.concat(header, new byte[8]));
    }

    private static void read(byte[] content) throws IOException {
        Path file = Files.write(folder.resolve("fuzzed"), content);
        try {
            Safetensors read = Safetensors.read(file);
            long bytes = 0;
            for (Tensor tensor : read.tensors().values()) {
                bytes += (long) tensor.size() * Short.BYTES;
            }
            assertThat(bytes).isLessThanOrEqualTo(content.length);
            assertSameAgain(read);
            ModelFile.read(file, "unfold-test");
        } catch (WeightsFileException refused) {
            assertThat(refused.getMessage()).startsWith(file + ": ").matches("\\P{Cntrl}{40,800}");
        }
    }

    private static void assertSameAgain(Safetensors read) {
        Path file = folder.resolve("again");
        read.write(file);
        Safetensors again = Safetensors.read(file);
        assertThat(again.metadata()).isEqualTo(read.metadata());
        assertThat(List.copyOf(again.tensors().keySet()))
                .isEqualTo(List.copyOf(read.tensors().keySet()));
        read.tensors().forEach((name, tensor) -> {
            Tensor other = Objects.requireNonNull(again.tensors().get(name));
            assertThat(tensor.sameBits(other)).isTrue();
        });
    }
}
