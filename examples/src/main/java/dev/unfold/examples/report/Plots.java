package dev.unfold.examples.report;

import com.google.common.collect.Lists;
import java.awt.Color;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Plots as PNG files. */
public final class Plots {
    private static final Color[] PALE_TO_BLUE = {Color.WHITE, new Color(0x9ecae1), new Color(0x4292c6)};
    private static final int WIDTH = 800;
    private static final int HEIGHT = 500;

    private Plots() {}

    /**
     * A line to draw.
     *
     * @param name what the legend calls it
     * @param values one for each epoch
     */
    public record Curve(String name, List<Double> values) {
        /** Copies the list. */
        public Curve {
            values = List.copyOf(values);
        }
    }

    /**
     * Draws curves over the epochs, counted from 1.
     *
     * @throws dev.unfold.examples.data.DataException where the file cannot be written
     */
    public static void curves(Path file, String title, String quantity, List<Curve> curves) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("epoch")
                .yAxisTitle(quantity)
                .build();
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        chart.getStyler().setXAxisDecimalPattern("0");
        for (Curve curve : curves) {
            double[] epochs = new double[curve.values().size()];
            double[] values = new double[epochs.length];
            for (int i = 0; i < epochs.length; i++) {
                epochs[i] = i + 1;
                values[i] = curve.values().get(i);
            }
            chart.addSeries(curve.name(), epochs, values).setMarker(SeriesMarkers.CIRCLE);
        }
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
