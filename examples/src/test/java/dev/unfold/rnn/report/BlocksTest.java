package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.examples.report.Pictures;
import dev.unfold.examples.report.Pictures.Picture;
import dev.unfold.rnn.report.TaggedText.Word;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class BlocksTest {
    @Test
    void should_list_settings_in_their_order() {
        Markup settings = Markup.of(SamplePages.settings());
        assertThat(settings.elements("th"))
                .extracting(Element::getTextContent)
                .containsExactly("cell", "seed", "rate", "mode", "within");
        assertThat(settings.elements("td"))
                .extracting(Element::getTextContent)
                .containsExactly("lstm", "1234", "0.01", "static", "none");
    }

    @Test
    void should_divide_text_into_paragraphs_or_keep_its_lines() {
        assertThat(Markup.of(Text.paragraphs("a\nb\n\nc\r\n \r\nd")).elements("p"))
                .extracting(Element::getTextContent)
                .containsExactly("a\nb", "c", "d");
        assertThat(Markup.of(Text.lines("a  b\n c")).elements("pre").get(0).getTextContent())
                .isEqualTo("a  b\n c");
    }

    @Test
    void should_align_numbers_and_fold_long_tables() {
        Markup small = Markup.of(
                new DataTable("A", List.of("x", "y"), List.of(Arrays.asList("a", 1), Arrays.asList(null, 2.5))));
        assertThat(small.texts("number")).containsExactly("1", "2.5");
        assertThat(small.texts("words")).containsExactly("a", "none");
        assertThat(small.elements("details")).isEmpty();
        Markup large = Markup.of(table(2_001));
        assertThat(large.elements("summary").get(0).getTextContent()).isEqualTo("2,001 rows");
        assertThat(large.texts("number")).hasSize(2_000);
        assertThat(large.texts("note")).containsExactly("The first 2,000 of 2,001 rows.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DataTable("A", List.of("x", "y"), List.of(List.of(1))))
                .withMessage("table 'A': row 1 has 1 cells; expected 2, one for each column");
    }

    private static DataTable table(int rows) {
        List<List<?>> numbers =
                IntStream.range(0, rows).<List<?>>mapToObj(List::of).toList();
        return new DataTable("A", List.of("x"), numbers);
    }

    @Test
    void should_draw_pictures_with_dark_ink() throws IOException {
        Markup pictures =
                Markup.of(new Pictures("Misread", List.of(Picture.of("5, read as 6", 2, 0, 1, 0.2f, 7, -1, 0))));
        Element image = pictures.elements("img").get(0);
        assertThat(image.getAttribute("alt")).isEqualTo("5, read as 6");
        BufferedImage read = ImageIO.read(new ByteArrayInputStream(
                Base64.getDecoder().decode(image.getAttribute("src").substring("data:image/png;base64,".length()))));
        assertThat(read.getWidth()).isEqualTo(2);
        assertThat(read.getData().getSamples(0, 0, 2, 3, 0, (int[]) null)).containsExactly(255, 0, 204, 0, 255, 255);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Picture("5", 2, List.of(1f)))
                .withMessage("picture '5': 1 pixels in rows of 2; expected whole rows, at least one");
    }

    @Test
    void should_show_so_many_pictures_and_sentences_only() {
        Markup pictures = Markup.of(new Pictures("A", Collections.nCopies(121, new Picture("a", 1, List.of(1f)))));
        assertThat(pictures.elements("img")).hasSize(120);
        assertThat(pictures.texts("note")).containsExactly("The first 120 of 121.");
        Markup sentences = Markup.of(new TaggedText("A", Collections.nCopies(201, List.of(new Word("a", "X", "X")))));
        assertThat(sentences.texts("sentence")).hasSize(200);
        assertThat(sentences.texts("note")).containsExactly("The first 200 of 201 sentences.");
    }

    @Test
    void should_tell_wrong_tags_from_right_ones_without_colour() {
        Markup text = Markup.of(new TaggedText(
                "A", List.of(List.of(new Word("They", "PRON", "PRON"), new Word("book", "NOUN", "VERB")))));
        assertThat(text.texts("wrong")).containsExactly("book");
        assertThat(text.elements("del").get(0).getTextContent()).isEqualTo("NOUN");
        assertThat(text.elements("ins").get(0).getTextContent()).isEqualTo("✓ VERB");
        assertThat(text.texts("sentence")).containsExactly("TheyPRON book wrongly NOUN, right is  ✓ VERB ");
    }
}
