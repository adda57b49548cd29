package dev.unfold.examples.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UniversalTagsTest {
    /** The 36 for words and 12 for punctuation of M. Marcus et al., "Building a large annotated corpus of English", 1993, as files spell them. */
    private static final String PENN =
            "CC CD DT EX FW IN JJ JJR JJS LS MD NN NNS NNP NNPS PDT POS PRP PRP$ RB RBR RBS RP SYM TO UH VB VBD"
                    + " VBG VBN VBP VBZ WDT WP WP$ WRB # $ . , : ( ) -LRB- -RRB- `` ''";

    private static final String TREEBANK_VARIANTS =
            "NP VP PRT JJRJR RN WH CD|RB IN|RP JJ|RB JJ|VBG NN|NNS NN|SYM NN|VBG PRP|VBP RB|RP"
                    + " RB|VBG VBD|VBN VBG|NN VBP|TO ! ?";

    private static final List<String> UNIVERSAL =
            List.of("VERB", "NOUN", "PRON", "ADJ", "ADV", "ADP", "CONJ", "DET", "NUM", "PRT", "X", ".");

    @Test
    void should_map_every_penn_tag_to_one_of_the_twelve() {
        Map<String, Optional<String>> mapped = Splitter.on(' ')
                .splitToStream(PENN + " " + TREEBANK_VARIANTS)
                .collect(Collectors.toMap(tag -> tag, UniversalTags::of));
        assertThat(mapped)
                .hasSize(47 + 21)
                .allSatisfy((tag, universal) -> assertThat(universal).as(tag).isPresent());
        assertThat(mapped.values().stream().map(Optional::orElseThrow).distinct())
                .containsExactlyInAnyOrderElementsOf(UNIVERSAL);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            NNPS, NOUN
            MD,   VERB
            TO,   PRT
            POS,  PRT
            EX,   DET
            WDT,  DET
            WP$,  PRON
            WRB,  ADV
            UH,   X
            -LRB-, .
            nn,   NOUN
            """)
    void should_follow_the_published_table(String penn, String universal) {
        assertThat(UniversalTags.of(penn)).contains(universal);
    }

    @Test
    void should_take_unknown_tags_for_nouns_and_list_each_once() {
        Corpus corpus = new Corpus(
                "a",
                CorpusFormat.WORD_TAG,
                List.of(
                        new Sentence(List.of("a", "-", "b"), List.of("DT", "HYPH", "NFP")),
                        new Sentence(List.of("-"), List.of("HYPH"))));
        UniversalTags.Mapped mapped = UniversalTags.map(corpus);
        assertThat(mapped.unknown()).containsExactly(Map.entry("HYPH", 2), Map.entry("NFP", 1));
        assertThat(mapped.corpus().sentences())
                .containsExactly(
                        new Sentence(List.of("a", "-", "b"), List.of("DET", "NOUN", "NOUN")),
                        new Sentence(List.of("-"), List.of("NOUN")));
    }
}
