package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.examples.report.Pictures;
import dev.unfold.examples.report.Pictures.Picture;
import dev.unfold.rnn.report.GraphDrawing.Edge;
import dev.unfold.rnn.report.GraphDrawing.Node;
import dev.unfold.rnn.report.StackedArea.Panel;
import dev.unfold.rnn.report.TaggedText.Word;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Attr;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;

class HostilePageTest {
    /** Each ends whatever it could be put into. */
    private static final List<String> HOSTILE = List.of(
            "<script>window.harmed = 1</script>",
            "\" onmouseover=\"window.harmed = 1\" x=\"",
            "' autofocus onfocus='window.harmed = 1' x='",
            "</title></svg></style></script><img src=x onerror='window.harmed = 1'>",
            "]]>--><!-- &lt;b&gt; &#60; &amp; \0 \u001b",
            "it's \"our\" <report> & more.html");

    /** Returns a page on which every text there can be is a hostile one. */
    static ReportPage page(String hostile) {
        Curve curve = new Curve(hostile, List.of(1.0, 2.0));
        List<String> labels = List.of(hostile, hostile + "2");
        return new ReportPage(hostile)
                .section(
                        hostile,
                        new Settings(hostile, Map.of(hostile, hostile)),
                        Text.paragraphs(hostile + "\n\n" + hostile),
                        Text.lines(hostile),
                        new DataTable(hostile, List.of(hostile), List.of(List.of(hostile))),
                        LineChart.epochs(hostile, hostile, Scale.LINEAR, List.of(curve)),
                        new LineChart(
                                hostile,
                                hostile,
                                hostile,
                                Scale.LOGARITHMIC,
                                List.of(new Line(hostile, List.of(1.0), List.of(-1.0)))),
                        new HeatMap(
                                hostile,
                                hostile,
                                hostile,
                                labels,
                                labels,
                                List.of(List.of(1.0, 0.0), List.of(Double.NaN, 2.0)),
                                Scale.LINEAR),
                        new Bars(hostile, hostile, labels, List.of(curve, curve)),
                        new StackedArea(
                                hostile,
                                hostile,
                                hostile,
                                List.of(new Panel(hostile, List.of(curve)), new Panel(hostile, List.of(curve)))),
                        new Pictures(hostile, List.of(new Picture(hostile, 1, List.of(0.5f)))),
                        new TaggedText(
                                hostile,
                                List.of(List.of(
                                        new Word(hostile, hostile, hostile),
                                        new Word(hostile, hostile, "right " + hostile)))),
                        new GraphDrawing(
                                hostile,
                                hostile,
                                List.of(
                                        new Node(hostile, labels, hostile, hostile, 0.5),
                                        new Node("other", labels, hostile, "", Double.NaN)),
                                List.of(new Edge("other", hostile))));
    }

    static List<String> hostile() {
        return HOSTILE;
    }

    @Test
    void should_show_hostile_text_as_text() {
        for (String hostile : HOSTILE) {
            // Of the same length, since headings of graphs wrap.
            Markup harmless = Markup.of(
                    page(hostile.replaceAll("[^\\p{L}\\p{N}\\s]", "x")).html());
            Markup page = Markup.of(page(hostile).html());
            assertThat(names(page)).as("elements of a page of " + hostile).isEqualTo(names(harmless));
            assertThat(attributes(page))
                    .as("attributes of a page of " + hostile)
                    .isEqualTo(attributes(harmless));
            String shown = hostile.replace('\0', '\uFFFD').replace('\u001b', '\uFFFD');
            assertThat(page.elements("h1").get(0).getTextContent()).isEqualTo(shown);
            assertThat(page.marks()).anySatisfy(mark -> assertThat(mark).contains(shown));
        }
    }

    private static List<String> names(Markup page) {
        return page.elements("*").stream().map(Element::getTagName).toList();
    }

    private static List<String> attributes(Markup page) {
        return page.elements("*").stream()
                .flatMap(element -> {
                    NamedNodeMap all = element.getAttributes();
                    Attr[] found = new Attr[all.getLength()];
                    Arrays.setAll(found, i -> (Attr) all.item(i));
                    return Arrays.stream(found);
                })
                .map(Attr::getName)
                .toList();
    }
}
