package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.rnn.report.Palette.Colour;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class PaletteTest {
    /** What WCAG 2.1 asks for text and for parts of drawings. */
    private static final double TEXT = 4.5;

    private static final double DRAWING = 3;

    private static final List<Function<Colour, String>> SCHEMES = List.of(Colour::light, Colour::dark);

    /** What is seen of linear red, green and blue by who lacks one kind of cone (Viénot, Brettel, Mollon 1999). */
    private static final double[][] PROTANOPE = {{0.11238, 0.88762, 0}, {0.11238, 0.88762, 0}, {0.00401, -0.00401, 1}};

    private static final double[][] DEUTERANOPE = {{0.29275, 0.70725, 0}, {0.29275, 0.70725, 0}, {-0.02234, 0.02234, 1}
    };

    @Test
    void should_measure_contrast_as_wcag_does() {
        assertThat(Palette.contrast("#000000", "#ffffff")).isEqualTo(21, within(1e-9));
        assertThat(Palette.contrast("#777777", "#ffffff")).isEqualTo(4.48, within(0.01));
    }

    @Test
    void should_stand_out_from_the_paper() {
        for (Function<Colour, String> scheme : SCHEMES) {
            String paper = scheme.apply(Palette.PAPER);
            for (Colour text : List.of(Palette.INK, Palette.FAINT_INK, Palette.WRONG)) {
                assertThat(Palette.contrast(scheme.apply(text), paper))
                        .as("text " + text)
                        .isGreaterThanOrEqualTo(TEXT);
            }
            for (Colour series : Palette.SERIES) {
                assertThat(Palette.contrast(scheme.apply(series), paper))
                        .as("series " + series)
                        .isGreaterThanOrEqualTo(DRAWING);
            }
            // Links and the ring of the focus have this one.
            assertThat(Palette.contrast(scheme.apply(Palette.SERIES.get(0)), paper))
                    .isGreaterThanOrEqualTo(TEXT);
        }
    }

    @Test
    void should_be_readable_on_every_shade() {
        for (int level = 0; level < Palette.SHADES; level++) {
            for (Function<Colour, String> scheme : SCHEMES) {
                assertThat(Palette.contrast(scheme.apply(Palette.shade(level)), scheme.apply(Palette.onShade(level))))
                        .as("text on shade " + level)
                        .isGreaterThanOrEqualTo(TEXT);
            }
        }
    }

    @Test
    void should_go_from_shade_to_shade_away_from_the_paper() {
        for (Function<Colour, String> scheme : SCHEMES) {
            double before = 0;
            for (int level = 0; level < Palette.SHADES; level++) {
                double contrast = Palette.contrast(scheme.apply(Palette.shade(level)), scheme.apply(Palette.PAPER));
                assertThat(contrast).as("shade " + level).isGreaterThan(before);
                before = contrast;
            }
        }
    }

    @Test
    void should_differ_for_who_sees_few_colours() {
        for (Function<Colour, String> scheme : SCHEMES) {
            for (double[][] eye : List.of(PROTANOPE, DEUTERANOPE)) {
                for (int i = 0; i < Palette.SERIES.size(); i++) {
                    for (int j = 0; j < i; j++) {
                        String one = scheme.apply(Palette.SERIES.get(i));
                        String other = scheme.apply(Palette.SERIES.get(j));
                        assertThat(distance(seen(one, eye), seen(other, eye)))
                                .as(one + " and " + other)
                                .isGreaterThan(20);
                    }
                }
            }
        }
    }

    private static double distance(double[] one, double[] other) {
        return Math.sqrt(
                Math.pow(one[0] - other[0], 2) + Math.pow(one[1] - other[1], 2) + Math.pow(one[2] - other[2], 2));
    }

    /** Returns a colour as CIE L*a*b*, where 2 is about what can be told apart. */
    private static double[] seen(String colour, double[][] eye) {
        int rgb = Integer.parseInt(colour.substring(1), 16);
        double[] linear = times(eye, new double[] {linear(rgb >> 16), linear(rgb >> 8 & 0xff), linear(rgb & 0xff)});
        double[] xyz = times(
                new double[][] {
                    {0.4124 / 0.9505, 0.3576 / 0.9505, 0.1805 / 0.9505},
                    {0.2126, 0.7152, 0.0722},
                    {0.0193 / 1.089, 0.1192 / 1.089, 0.9505 / 1.089}
                },
                linear);
        double x = Math.cbrt(xyz[0]);
        double y = Math.cbrt(xyz[1]);
        return new double[] {116 * y - 16, 500 * (x - y), 200 * (y - Math.cbrt(xyz[2]))};
    }

    private static double linear(int channel) {
        return Math.pow(channel / 255.0, 2.2);
    }

    private static double[] times(double[][] matrix, double[] vector) {
        double[] product = new double[3];
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                product[i] += matrix[i][j] * vector[j];
            }
        }
        return product;
    }
}
