package dev.unfold.examples.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.unfold.examples.data.DataException;
import java.util.Optional;

/**
 * Any bytes are sentences or are refused with one line. Here the inputs in {@code CorpusFuzzTestInputs} run; with {@code JAZZER_FUZZ=1} in
 * the environment Jazzer looks for others.
 */
class CorpusFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void should_read_sentences_or_refuse_in_one_line(byte[] content) {
        for (TagColumn tags : TagColumn.values()) {
            read(content, tags, Optional.empty());
            for (CorpusFormat format : CorpusFormat.values()) {
                if (format != CorpusFormat.TEXT || tags == TagColumn.NONE) {
                    read(content, tags, Optional.of(format));
                }
            }
        }
    }

    private static void read(byte[] content, TagColumn tags, Optional<CorpusFormat> format) {
        try {
            Corpus corpus = Corpus.read("fuzzed", content, tags, format);
            assertThat(corpus.sentences()).isNotEmpty().allSatisfy(sentence -> {
                assertThat(sentence.forms()).isNotEmpty().noneMatch(String::isBlank);
                assertThat(sentence.tags()).hasSize(tags == TagColumn.NONE ? 0 : sentence.length());
            });
            UniversalTags.map(corpus);
        } catch (DataException refused) {
            assertThat(refused.getMessage()).startsWith("fuzzed: ").matches("\\P{Cntrl}{20,300}");
        }
    }
}
