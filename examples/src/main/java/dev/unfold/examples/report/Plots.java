package dev.unfold.examples.report;

import com.google.common.collect.Lists;
import dev.unfold.rnn.report.Curve;
import dev.unfold.rnn.report.Line;
import java.awt.Color;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.colors.ColorBlindFriendlySeriesColors;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Plots as PNG files. */
public final class Plots {
    private static final Color[] PALE_TO_BLUE = {Color.WHITE, new Color(0x9ecae1), new Color(0x4292c6)};
    /** Told apart on white, also where lines are thin. */
    private static final Color[] STRONG = {
        new Color(0x1f77b4), new Color(0xd95f02), new Color(0x7b3294), new Color(0x1b7837), new Color(0xb2182b)
    };

    private static final DecimalFormatSymbols ROOT = DecimalFormatSymbols.getInstance(Locale.ROOT);
    private static final String NUMBERS = "0.##";
    private static final double MARGIN = 1.02;
    private static final Color[] COLORS = new ColorBlindFriendlySeriesColors().getSeriesColors();
    private static final int WIDTH = 800;
    private static final int HEIGHT = 500;
    /** More points than these run into each other. */
    private static final int MOST_MARKERS = 50;

    private Plots() {}

    /**
     * Draws curves over the epochs, counted from 1.
     *
     * @throws dev.unfold.examples.data.DataException where the file cannot be written
     */
    public static void curves(Path file, String title, String quantity, List<Curve> curves) {
        write(
                file,
                chart(title, "epoch", quantity, curves.stream().map(Curve::line).toList()));
    }

    /**
     * Draws lines over the epochs, two of each colour: those of one place in the two lists.
     *
     * @param solid one for each colour
     * @param dashed as many
     * @throws dev.unfold.examples.data.DataException where the file cannot be written
     */
    public static void pairs(Path file, String title, String quantity, List<Line> solid, List<Line> dashed) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < solid.size(); i++) {
            lines.add(solid.get(i));
            lines.add(dashed.get(i));
        }
        XYChart chart = chart(title, "epoch", quantity, lines);
        for (int i = 0; i < solid.size(); i++) {
            Color color = COLORS[i % COLORS.length];
            paint(chart, solid.get(i), color);
            paint(chart, dashed.get(i), color).setLineStyle(SeriesLines.DASH_DASH);
        }
        write(file, chart);
    }

    private static XYSeries paint(XYChart chart, Line line, Color color) {
        XYSeries series = Objects.requireNonNull(chart.getSeriesMap().get(line.name()));
        series.setLineColor(color);
        series.setMarkerColor(color);
        return series;
    }

    /**
     * Draws lines through points of one quantity over another, of both of which 0 is none.
     *
     * @param over what is told from left to right
     * @throws dev.unfold.examples.data.DataException where the file cannot be written
     */
    public static void lines(Path file, String title, String over, String quantity, List<Line> lines) {
        XYChart chart = chart(title, over, quantity, lines);
        chart.getStyler().setXAxisMin(0.0).setYAxisMin(0.0);
        // An end of its own keeps an axis from marking values that happen to lie evenly, instead of round ones.
        chart.getStyler().setXAxisMax(end(lines.stream().flatMap(each -> each.x().stream())));
        chart.getStyler().setYAxisMax(end(lines.stream().flatMap(each -> each.y().stream())));
        chart.getStyler().setXAxisDecimalPattern(NUMBERS).setYAxisDecimalPattern(NUMBERS);
        write(file, chart);
    }

    /**
     * Draws lines of values above 0 on an axis of powers of ten.
     *
     * @param over what is told from left to right, from 0
     * @param solid what is drawn through
     * @param dashed what is drawn in dashes, over these
     * @throws dev.unfold.examples.data.DataException where the file cannot be written
     */
    public static void logarithmic(
            Path file, String title, String over, String quantity, List<Line> solid, List<Line> dashed) {
        // The logarithms themselves: on an axis of logarithms, lines for every 2, 3 .. 9 times a power hide the
        // picture.
        List<Line> all = Stream.concat(solid.stream(), dashed.stream())
                .map(Plots::logarithms)
                .toList();
        XYChart chart = chart(title, over, quantity, all);
        chart.getStyler().setSeriesColors(STRONG);
        chart.getStyler().setXAxisMin(0.0);
        chart.getStyler()
                .setyAxisTickLabelsFormattingFunction(
                        power -> new DecimalFormat("0.#E0", ROOT).format(Math.pow(10, power)));
        chart.getSeriesMap().values().stream()
                .skip(solid.size())
                .forEach(each -> each.setLineStyle(SeriesLines.DASH_DASH));
        write(file, chart);
    }

    private static Line logarithms(Line line) {
        return new Line(
                line.name(), line.x(), line.y().stream().map(Math::log10).toList());
    }

    /**
     * Draws a curve with its tangent at a point.
     *
     * @param over what is told from left to right
     * @param point of one element
     * @throws dev.unfold.examples.data.DataException where the file cannot be written
     */
    public static void tangent(
            Path file, String title, String over, String quantity, Line curve, Line tangent, Line point) {
        XYChart chart = chart(title, over, quantity, List.of(curve, tangent, point));
        chart.getStyler().setSeriesColors(STRONG);
        chart.getStyler().setXAxisDecimalPattern(NUMBERS).setYAxisDecimalPattern("0.0##");
        chart.getSeriesMap().values().stream().limit(2).forEach(each -> each.setMarker(SeriesMarkers.NONE));
        write(file, chart);
    }

    private static double end(Stream<Double> values) {
        return MARGIN * values.mapToDouble(Double::doubleValue).max().orElse(1);
    }

    private static XYChart chart(String title, String over, String quantity, List<Line> lines) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(over)
                .yAxisTitle(quantity)
                .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setXAxisDecimalPattern("0");
        for (Line each : lines) {
            boolean few = each.x().size() <= MOST_MARKERS;
            chart.addSeries(each.name(), each.x(), each.y()).setMarker(few ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        }
        return chart;
    }

    /**
     * Draws bars side by side.
     *
     * @param over what the labels are
     * @param labels one for each value of a curve
     * @throws dev.unfold.examples.data.DataException where the file cannot be written
     */
    public static void bars(
            Path file, String title, String over, String quantity, List<String> labels, List<Curve> curves) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(over)
                .yAxisTitle(quantity)
                .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        curves.forEach(each -> chart.addSeries(each.name(), labels, each.values()));
        write(file, chart);
    }

    /**
     * Draws a confusion matrix as a heat map.
     *
     * @param labels the classes
     * @param counts how often, by true class, then by predicted class
     * @throws dev.unfold.examples.data.DataException where the file cannot be written
     */
    public static void confusion(Path file, String title, List<String> labels, int[][] counts) {
        List<Number[]> cells = new ArrayList<>();
        for (int truth = 0; truth < counts.length; truth++) {
            for (int predicted = 0; predicted < counts.length; predicted++) {
                cells.add(new Number[] {predicted, counts.length - 1 - truth, counts[truth][predicted]});
            }
        }
        HeatMapChart chart = new HeatMapChartBuilder()
                .width(HEIGHT + 150)
                .height(HEIGHT + 50)
                .title(title)
                .xAxisTitle("predicted")
                .yAxisTitle("true")
                .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setShowValue(true);
        chart.getStyler().setRangeColors(PALE_TO_BLUE);
        // The axis goes up, a table down.
        chart.addSeries("images", labels, Lists.reverse(labels), cells);
        write(file, chart);
    }

    private static void write(Path file, Chart<?, ?> chart) {
        try {
            OutputFiles.write(file, BitmapEncoder.getBitmapBytes(chart, BitmapEncoder.BitmapFormat.PNG));
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }
}
