package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.rnn.report.StackedArea.Panel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class ChartsTest {
    @Test
    void should_draw_a_line_for_each_curve_and_tell_every_epoch() {
        Markup chart = Markup.of(LineChart.epochs(
                "Loss",
                "mean loss",
                Scale.LINEAR,
                List.of(curve("training", 2, 1, 0.5), curve("development", 2.5, 1.5))));
        assertThat(chart.classed("entry")).hasSize(2);
        assertThat(lines(chart)).hasSize(2).doesNotHaveDuplicates();
        assertThat(chart.marks())
                .containsExactly(
                        "epoch 1\ntraining: 2\ndevelopment: 2.5",
                        "epoch 2\ntraining: 1\ndevelopment: 1.5",
                        "epoch 3\ntraining: 0.5");
        assertThat(chart.classed("point")).as("five points, two in the legend").hasSize(7);
        assertThat(chart.texts("number")).containsExactly("1", "2", "2.5", "2", "1", "1.5", "3", "0.5");
        assertThat(chart.texts("note")).isEmpty();
    }

    @Test
    void should_tell_lines_by_more_than_their_colour() {
        List<Line> lines = IntStream.range(0, 32)
                .mapToObj(i -> new Line("line " + i, List.of(0.0, 1.0), List.of(0.0, 1.0 * i)))
                .toList();
        Markup chart = Markup.of(new LineChart("Many", "x", "y", Scale.LINEAR, lines));
        List<String> styles = chart.classed("sample").stream()
                .map(each -> attribute(each, "line", "class") + attribute(each, "path", "d"))
                .toList();
        assertThat(styles).hasSize(32).doesNotHaveDuplicates();
        assertThat(styles.subList(0, 8).stream().map(each -> each.substring(each.indexOf('M'))))
                .doesNotHaveDuplicates();
        List<Line> more = new ArrayList<>(lines);
        more.add(lines.get(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LineChart("Many", "x", "y", Scale.LINEAR, more))
                .withMessage("chart 'Many': 33 lines; expected at most 32, so divide them between several charts");
    }

    private static String attribute(Element element, String child, String name) {
        return ((Element) element.getElementsByTagName(child).item(0)).getAttribute(name);
    }

    @Test
    void should_thin_a_long_line_and_say_so() {
        Markup chart = Markup.of(SamplePages.gradients(784));
        assertThat(chart.marks()).hasSize(240);
        assertThat(chart.marks().get(0)).startsWith("lag 0\n");
        assertThat(chart.marks().get(239)).startsWith("lag 783\n");
        assertThat(lines(chart))
                .hasSize(3)
                .allSatisfy(path -> assertThat(path.split("[ML]", -1)).hasSizeBetween(120, 242));
        assertThat(chart.texts("note"))
                .containsExactly(
                        "Of lines of up to 784 points, the least and the greatest of each of 119 stretches are drawn. "
                                + "Values are told at 240 places of 784. ");
    }

    @Test
    void should_keep_the_extremes_of_whatever_is_thinned() {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            List<Double> values =
                    random.doubles(1 + random.nextInt(3_000)).boxed().toList();
            List<Integer> kept = LineChart.thinned(values);
            assertThat(kept)
                    .as("seed " + seed)
                    .hasSizeLessThanOrEqualTo(240)
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .contains(
                            0,
                            values.size() - 1,
                            values.indexOf(Collections.min(values)),
                            values.indexOf(Collections.max(values)));
        }
    }

    @Test
    void should_leave_gaps_and_say_so() {
        Line line = new Line(
                "a", List.of(0.0, 1.0, 2.0, 3.0, 4.0), List.of(1.0, Double.NaN, 0.0, 2.0, Double.POSITIVE_INFINITY));
        Markup linear = Markup.of(new LineChart("A", "x", "y", Scale.LINEAR, List.of(line)));
        assertThat(lines(linear).get(0)).matches("M[^ML]*M[^ML]*L[^ML]*");
        assertThat(linear.marks()).contains("x 1\na: NaN", "x 4\na: ∞");
        assertThat(linear.texts("note")).containsExactly("2 values have no place on the axis: they are not finite.");
        Markup logarithmic = Markup.of(new LineChart("A", "x", "y", Scale.LOGARITHMIC, List.of(line)));
        assertThat(logarithmic.texts("note"))
                .containsExactly("3 values have no place on the axis: they are not finite, or 0 or less.");
        assertThat(linear.text()).doesNotContain("Infinity");
    }

    @Test
    void should_draw_charts_of_nothing() {
        assertThat(Markup.of(new LineChart("A", "x", "y", Scale.LINEAR, List.of()))
                        .marks())
                .isEmpty();
        assertThat(Markup.of(LineChart.epochs("A", "y", Scale.LOGARITHMIC, List.of(curve("a"))))
                        .marks())
                .isEmpty();
        assertThat(Markup.of(new HeatMap("A", "x", "y", List.of(), List.of(), List.of(), Scale.LINEAR))
                        .marks())
                .isEmpty();
        assertThat(Markup.of(new Bars("A", "y", List.of(), List.of())).marks()).isEmpty();
        assertThat(Markup.of(areas(new Panel("a", List.of()))).marks()).isEmpty();
        assertThat(Markup.of(areas(new Panel("a", List.of(curve("b"))))).marks())
                .isEmpty();
        assertThat(Markup.of(new GraphDrawing("A", "", List.of(), List.of())).marks())
                .isEmpty();
        assertThat(Markup.of(new DataTable("A", List.of("x"), List.of())).elements("tr"))
                .hasSize(1);
    }

    @Test
    void should_refuse_lines_that_are_none() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> line(new Line("a", List.of(1.0), List.of())))
                .withMessage("chart 'A': line 'a' has 1 x and 0 y; expected as many of both");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> line(new Line("a", List.of(1.0, 1.0), List.of(1.0, 1.0))))
                .withMessageContaining("x = 1.0 at point 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> line(new Line("a", List.of(Double.NaN), List.of(1.0))))
                .withMessageContaining("x = NaN at point 1");
    }

    private static LineChart line(Line line) {
        return new LineChart("A", "x", "y", Scale.LINEAR, List.of(line));
    }

    @Test
    void should_tell_every_cell_of_a_confusion_matrix() {
        Markup map = Markup.of(HeatMap.confusion("Tags", List.of("NOUN", "VERB"), new int[][] {{90, 3}, {0, 70}}));
        assertThat(map.marks())
                .containsExactly(
                        "true NOUN, predicted NOUN: 90",
                        "true NOUN, predicted VERB: 3",
                        "true VERB, predicted NOUN: 0",
                        "true VERB, predicted VERB: 70");
        assertThat(map.texts("count"))
                .as("nothing is written where nothing was")
                .containsExactly("90", "3", "70");
        assertThat(map.classed("cell").get(0).getAttribute("class")).isEqualTo("cell h9");
        assertThat(map.classed("cell").get(1).getAttribute("class")).isEqualTo("cell h1");
        assertThat(map.classed("cell").get(2).getAttribute("class")).isEqualTo("cell h0");
    }

    @Test
    void should_tell_from_where_to_where_shades_go() {
        Markup map = Markup.of(HeatMap.confusion("Tags", List.of("A", "B"), new int[][] {{90, 3}, {0, 70}}));
        assertThat(map.texts("tick")).endsWith("0", "3", "90");
        assertThat(map.text()).contains("the greatest value is 90, the least above 0 is 3.");
        Markup linear = Markup.of(
                new HeatMap("A", "x", "y", List.of("a"), List.of("b", "c"), List.of(List.of(3.0, 90.0)), Scale.LINEAR));
        assertThat(linear.texts("tick")).endsWith("c", "a", "0", "90");
        Markup one = Markup.of(HeatMap.confusion("Tags", List.of("A"), new int[][] {{5}}));
        assertThat(one.texts("tick")).as("one value has the last shade alone").endsWith("0", "5");
    }

    @Test
    void should_fold_a_large_heat_map_and_keep_what_is_greatest() {
        List<String> lags = IntStream.range(0, 784).mapToObj(Integer::toString).toList();
        List<Double> values =
                IntStream.range(0, 784).mapToObj(lag -> lag == 400 ? 5.0 : 1.0).toList();
        Markup map = Markup.of(
                new HeatMap("Gradients", "weight", "lag", List.of("Wh"), lags, List.of(values), Scale.LINEAR));
        assertThat(map.marks()).hasSize(79).contains("weight Wh, lag 400–409: 5", "weight Wh, lag 780–783: 1");
        assertThat(map.texts("note").get(0)).startsWith("Each cell is the greatest of up to 1 by 10 values.");
    }

    @Test
    void should_fold_a_heat_map_to_as_many_cells_as_are_wanted() {
        List<String> names = IntStream.range(0, 5).mapToObj(Integer::toString).toList();
        HeatMap map = new HeatMap(
                        "A",
                        "row",
                        "column",
                        names,
                        List.of("0"),
                        List.of(List.of(1.0), List.of(3.0), List.of(2.0), List.of(Double.NaN), List.of(0.0)),
                        Scale.LINEAR)
                .atMost(3);
        assertThat(Markup.of(map).marks())
                .containsExactly("row 0–1, column 0: 3", "row 2–3, column 0: 2", "row 4, column 0: 0");
        assertThat(map.atMost(3)).isEqualTo(map);
    }

    @Test
    void should_write_all_numbers_into_cells_or_none() {
        assertThat(Markup.of(heat(List.of(0.5))).texts("count")).containsExactly("0.5");
        HeatMap map = new HeatMap(
                "A", "x", "y", List.of("a"), List.of("b", "c"), List.of(List.of(0.5, 0.12345)), Scale.LINEAR);
        assertThat(Markup.of(map).texts("count")).isEmpty();
    }

    @Test
    void should_have_room_for_long_ticks() {
        Line line = new Line("a", List.of(1.0, 2.0), List.of(0.0, 1e7));
        Markup chart = Markup.of(new LineChart("A", "x", "bytes", Scale.LINEAR, List.of(line)));
        double place = Double.parseDouble(chart.classed("end").stream()
                .filter(each -> each.getTextContent().equals("10,000,000"))
                .findFirst()
                .orElseThrow()
                .getAttribute("x"));
        assertThat(place).as("where ten characters end").isGreaterThan(10 * 7.5);
    }

    @Test
    void should_refuse_heat_maps_that_do_not_add_up() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> heat(List.of(1.0, 2.0)))
                .withMessage("heat map 'A': row 1 has 2 values; expected 1, one for each column");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> heat(List.of(-1.0)))
                .withMessageContaining("-1.0 in row 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HeatMap("A", "x", "y", List.of("a"), List.of("b"), List.of(), Scale.LINEAR))
                .withMessageContaining("0 rows of values; expected 1");
    }

    private static HeatMap heat(List<Double> row) {
        return new HeatMap("A", "x", "y", List.of("a"), List.of("b"), List.of(row), Scale.LINEAR);
    }

    @Test
    void should_draw_a_bar_for_each_value() {
        Markup bars = Markup.of(new Bars(
                "Time", "ms", List.of("a", "b"), List.of(curve("dynamic", 2, -1), curve("static", 1, Double.NaN))));
        assertThat(bars.marks()).containsExactly("a\ndynamic: 2", "a\nstatic: 1", "b\ndynamic: -1", "b\nstatic: NaN");
        List<Double> widths = bars.classed("bar").stream()
                .map(each -> Double.valueOf(each.getAttribute("width")))
                .toList();
        assertThat(widths.get(0)).isEqualTo(2 * widths.get(1), within(0.02)).isPositive();
        assertThat(widths.get(2)).isEqualTo(widths.get(1), within(0.02));
        assertThat(widths.get(3)).isZero();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Bars("Time", "ms", List.of("a"), List.of(curve("dynamic"))))
                .withMessage("bars 'Time': 'dynamic' has 0 values; expected 1, one for each label");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new Bars("Time", "ms", Collections.nCopies(401, "a"), List.of(curve("b", new double[401]))))
                .withMessageContaining("401 bars");
    }

    @Test
    void should_draw_areas_side_by_side_on_one_scale() {
        Markup areas = Markup.of(SamplePages.memory(784));
        assertThat(areas.classed("frame")).hasSize(2);
        assertThat(areas.elements("path")).as("four areas in each").hasSize(8);
        assertThat(areas.marks()).hasSize(480);
        assertThat(ticks(areas, 0)).isEqualTo(ticks(areas, 1));
        assertThat(areas.texts("note"))
                .containsExactly("Of up to 1,568 events, the highest of each of 240 stretches is drawn.");
        assertThat(areas.marks().get(0))
                .startsWith("dynamic, event ")
                .contains("\nparameters: 2\n")
                .contains("\nin all: ");
    }

    private static List<String> ticks(Markup markup, int frame) {
        List<String> ticks = new ArrayList<>();
        var labels = markup.classed("frame").get(frame).getElementsByTagName("text");
        for (int i = 0; i < labels.getLength(); i++) {
            if (((Element) labels.item(i)).getAttribute("class").equals("tick end")) {
                ticks.add(labels.item(i).getTextContent());
            }
        }
        assertThat(ticks).isNotEmpty();
        return ticks;
    }

    @Test
    void should_keep_the_peak_of_whatever_is_stacked() {
        for (long seed = 0; seed < 20; seed++) {
            List<Double> values = new Random(seed).doubles(2_000).boxed().toList();
            double peak = Collections.max(values);
            Markup areas = Markup.of(areas(new Panel("a", List.of(new Curve("b", values)))));
            assertThat(areas.marks())
                    .as("seed " + seed)
                    .hasSize(240)
                    .anyMatch(each -> each.endsWith("in all: " + Numbers.text(peak)));
        }
    }

    @Test
    void should_refuse_areas_that_cannot_be_compared() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> areas(new Panel("a", List.of(curve("b", 1))), new Panel("c", List.of(curve("d", 1)))))
                .withMessage("areas 'A': panel 'c' is of [d]; expected [b] as in the first");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> areas(new Panel("a", List.of(curve("b", 1), curve("c", -1)))))
                .withMessageContaining("curve 'c' of panel 'a'; expected 1 finite values of 0 or more");
        assertThatIllegalArgumentException().isThrownBy(() -> areas()).withMessageContaining("0 panels");
    }

    private static StackedArea areas(Panel... panels) {
        return new StackedArea("A", "event", "bytes", List.of(panels));
    }

    private static Curve curve(String name, double... values) {
        return new Curve(name, DoubleStream.of(values).boxed().toList());
    }

    private static List<String> lines(Markup chart) {
        return chart.elements("path").stream()
                .filter(each -> each.getAttribute("class").startsWith("line "))
                .map(each -> each.getAttribute("d"))
                .toList();
    }
}
