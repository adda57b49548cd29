package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class AxisTest {
    @Test
    void should_end_at_round_ticks() {
        assertThat(linear(0, 0.87).ticks()).containsExactly(0.0, 0.2, 0.4, 0.6, 0.8, 1.0);
        assertThat(linear(13, 96).ticks()).containsExactly(0.0, 20.0, 40.0, 60.0, 80.0, 100.0);
        assertThat(linear(-3, 4).ticks()).containsExactly(-4.0, -2.0, 0.0, 2.0, 4.0);
    }

    @Test
    void should_end_where_the_values_do() {
        Axis axis = Axis.within(DoubleStream.of(0, 783), 6);
        assertThat(axis.to()).isEqualTo(783);
        assertThat(axis.ticks()).containsExactly(0.0, 200.0, 400.0, 600.0);
    }

    @Test
    void should_have_ticks_at_whole_numbers_only_where_all_values_are() {
        assertThat(ticks(1, 2)).containsExactly(1.0, 2.0);
        assertThat(ticks(1, 2, 3, 4)).containsExactly(1.0, 2.0, 3.0, 4.0);
        assertThat(ticks(1)).as("one epoch").containsExactly(1.0);
        assertThat(ticks(28, 56, 112)).containsExactly(40.0, 60.0, 80.0, 100.0);
        assertThat(ticks(1, 2.5)).contains(1.5);
        for (long seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            double[] counts = random.ints(1 + random.nextInt(5), 0, 1 + random.nextInt(2_000))
                    .asDoubleStream()
                    .toArray();
            assertThat(ticks(counts))
                    .as("seed " + seed)
                    .isNotEmpty()
                    .allSatisfy(tick -> assertThat(tick).isEqualTo(Math.rint(tick)));
        }
    }

    private static List<Double> ticks(double... values) {
        return Axis.within(DoubleStream.of(values), 6).ticks();
    }

    @Test
    void should_have_ticks_at_both_ends() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            double middle = random.nextInt(2_000) / 100.0;
            Axis axis = linear(middle, middle + random.nextDouble());
            assertThat(axis.ticks()).as("seed " + seed).startsWith(axis.from()).endsWith(axis.to());
        }
    }

    @Test
    void should_have_powers_of_ten_as_ticks() {
        assertThat(logarithmic(0.002, 30).ticks()).containsExactly(0.001, 0.01, 0.1, 1.0, 10.0, 100.0);
        assertThat(logarithmic(1, 9).ticks()).containsExactly(1.0, 2.0, 5.0, 10.0);
        assertThat(logarithmic(1e-14, 1).ticks()).containsExactly(1e-14, 1e-11, 1e-8, 1e-5, 1e-2);
    }

    @Test
    void should_write_large_powers_as_such() {
        Axis axis = logarithmic(1e-6, 1e12);
        assertThat(axis.ticks().stream().map(axis::text))
                .containsExactly("1E-6", "0.001", "1", "1,000", "1E6", "1E9", "1E12");
        assertThat(linear(0, 1e6).text(1e6)).isEqualTo("1,000,000");
    }

    @Test
    void should_leave_out_what_has_no_place() {
        assertThat(logarithmic(-1, 0, Double.NaN, 0.5).holds(0)).isFalse();
        assertThat(logarithmic(0.5).holds(0.5)).isTrue();
        assertThat(linear(1, Double.NaN, Double.POSITIVE_INFINITY, 2).to()).isEqualTo(2);
        assertThat(linear().ticks()).isNotEmpty();
    }

    @Test
    void should_hold_any_values_between_its_ends() {
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            double size = Math.pow(10, random.nextInt(600) - 300);
            double[] values = random.doubles(1 + random.nextInt(5), -size, size)
                    .map(each -> random.nextInt(4) == 0 ? size : each)
                    .toArray();
            check("linear", seed, linear(values), values);
            double[] positive = DoubleStream.of(values)
                    .map(Math::abs)
                    .filter(each -> each > 0)
                    .toArray();
            check("logarithmic", seed, logarithmic(positive), positive);
        }
        check("widest", 0, linear(-Double.MAX_VALUE, Double.MAX_VALUE / 2), 0);
        check("narrowest", 0, logarithmic(Double.MIN_VALUE, Double.MAX_VALUE), Double.MIN_VALUE, 1, Double.MAX_VALUE);
        check("close", 0, linear(1e16, 1e16 + 2), 1e16, 1e16 + 2);
    }

    private static void check(String kind, long seed, Axis axis, double... values) {
        String name = kind + " axis of seed " + seed + ": " + axis;
        assertThat(axis.ticks()).as(name).hasSizeBetween(2, 14).isSorted().doesNotHaveDuplicates();
        assertThat(axis.from()).as(name).isLessThan(axis.to());
        for (double value : values) {
            assertThat(axis.at(value)).as(name + " at " + value).isBetween(0.0, 1.0);
        }
        assertThat(axis.at(axis.from())).as(name).isZero();
        assertThat(axis.at(axis.to())).as(name).isEqualTo(1);
    }

    private static Axis linear(double... values) {
        return Axis.over(Scale.LINEAR, DoubleStream.of(values), 6);
    }

    private static Axis logarithmic(double... values) {
        return Axis.over(Scale.LOGARITHMIC, DoubleStream.of(values), 6);
    }
}
