package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class TagTest {
    @Test
    void should_write_elements_within_elements() {
        Tag tag = Tag.of("p", "note").text("a ").add(Tag.of("b").text("c")).text(" d");
        assertThat(tag).hasToString("<p class=\"note\">a <b>c</b> d</p>\n");
    }

    @Test
    void should_end_elements_as_html_and_xml_both_want_it() {
        assertThat(Tag.of("img").set("alt", "")).hasToString("<img alt=\"\"/>\n");
        assertThat(Tag.of("span")).hasToString("<span></span>");
    }

    @Test
    void should_escape_text_and_attributes() {
        assertThat(Tag.of("b").set("title", "\"'<>&").text("\"'<>&</b><script>"))
                .hasToString(
                        "<b title=\"&quot;&#39;&lt;&gt;&amp;\">&quot;&#39;&lt;&gt;&amp;&lt;/b&gt;&lt;script&gt;</b>");
    }

    @Test
    void should_replace_what_no_page_can_hold() {
        assertThat(Tag.of("b").text("a\0b\u001bc\uD800d\uFFFEe\uD83D\uDE00\tf"))
                .hasToString("<b>a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\uD83D\uDE00\tf</b>");
    }

    @Test
    void should_give_back_any_text_that_a_page_can_hold() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            String characters = "<>&\"'ab]!-/ \u00e9\u4e2d";
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 20; i++) {
                text.append(characters.charAt(random.nextInt(characters.length())));
            }
            Element element = Markup.of(Tag.of("b")
                            .set("title", text.toString())
                            .text(text.toString())
                            .toString())
                    .elements("b")
                    .get(0);
            assertThat(element.getTextContent()).as("text of seed " + seed).isEqualTo(text.toString());
            assertThat(element.getAttribute("title"))
                    .as("attribute of seed " + seed)
                    .isEqualTo(text.toString());
        }
    }

    @Test
    void should_refuse_names_that_are_none_or_run_something() {
        for (String name : new String[] {"script", "SCRIPT", "style", "a b", "", "a>", "1"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Tag.of(name))
                    .withMessageContaining("element '" + name + "'");
        }
        for (String name : new String[] {"onclick", "ONLOAD", "a=b", "", "x\"", " "}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Tag.of("b").set(name, "1"))
                    .withMessageContaining("attribute '" + name + "'");
        }
    }
}
