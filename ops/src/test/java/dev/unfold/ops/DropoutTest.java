package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What dropout keeps, and when; that it keeps the contract is in {@code OpContractTest}. */
class DropoutTest {
    private static final int KEY = 5;
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;
    private static final int ROWS = 64;
    private static final int COLUMNS = 256;

    /** Five standard deviations of the mean of so many numbers of variance 1. */
    private static final double LOOSE = 5 / Math.sqrt(ROWS * COLUMNS);

    private final Graph graph = new Graph();

    /** Records ones in a batch of a seed, at a step. */
    private Node ones(long seed, int step, int... dims) {
        graph.reset();
        graph.training(seed);
        graph.atStep(step);
        return graph.variable(Tensor.zeros(DType.FLOAT32, dims).fill(1));
    }

    private double[] mask(long seed, long key, int step) {
        return Ops.dropout(ones(seed, step, ROWS, COLUMNS), 0.5, key).value().toDoubles();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.999, 0.9, 0.5, 0.25, 0.01})
    void should_keep_as_many_as_asked_for_and_the_mean(double keep) {
        double[] dropped =
                Ops.dropout(ones(1, 0, ROWS, COLUMNS), keep, KEY).value().toDoubles();
        double[] kept = Arrays.stream(dropped).filter(each -> each != 0).toArray();
        assertThat(kept).containsOnly((float) (1 / keep));
        assertThat(kept.length / (double) dropped.length).isCloseTo(keep, within(LOOSE * Math.sqrt(keep * (1 - keep))));
    }

    @Test
    void masks_should_not_resemble_those_of_other_rows_columns_steps_seeds_and_keys() {
        double[] mask = mask(1, KEY, 3);
        Map<String, double[]> others = new LinkedHashMap<>();
        for (int away : new int[] {1, 2, 3, 16, 32}) {
            others.put("row +" + away, turned(mask, away * COLUMNS));
            others.put("column +" + away, turned(mask, away));
            others.put("row and column +" + away, turned(mask, away * COLUMNS + away));
            others.put("row and column -" + away, turned(mask, away * COLUMNS - away));
            others.put("step +" + away, mask(1, KEY, 3 + away));
            others.put("step and row +" + away, turned(mask(1, KEY, 3 + away), away * COLUMNS));
            others.put("seed +" + away, mask(1 + away, KEY, 3));
            others.put("key +" + away, mask(1, KEY + away, 3));
            others.put("key +" + away + ", seed -" + away, mask(1 - away, KEY + away, 3));
            others.put("seed of the key, key of the seed", mask(KEY, 1, 3));
        }
        for (int bit = 0; bit < Long.SIZE; bit++) {
            others.put("bit " + bit + " of the seed", mask(1 ^ 1L << bit, KEY, 3));
            others.put("bit " + bit + " of the key", mask(1, KEY ^ 1L << bit, 3));
        }
        others.forEach(
                (what, other) -> assertThat(correlation(mask, other)).as(what).isCloseTo(0, within(LOOSE)));
    }

    /** Returns numbers moved on by some places, those of the end at the beginning. */
    private static double[] turned(double[] x, int places) {
        double[] turned = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            turned[i] = x[(i + places) % x.length];
        }
        return turned;
    }

    /** Of masks of a keep of one half, whose numbers are 0 or 2. */
    private static double correlation(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - 1) * (b[i] - 1);
        }
        return sum / a.length;
    }

    @Test
    void rows_and_columns_should_each_keep_about_their_share() {
        double[] mask = mask(2, KEY, 0);
        for (int row = 0; row < ROWS; row++) {
            double mean = Arrays.stream(mask, row * COLUMNS, (row + 1) * COLUMNS)
                    .average()
                    .orElseThrow();
            assertThat(mean).as("row %s", row).isCloseTo(1, within(5 / Math.sqrt(COLUMNS)));
        }
        for (int column = 0; column < COLUMNS; column++) {
            double sum = 0;
            for (int row = 0; row < ROWS; row++) {
                sum += mask[row * COLUMNS + column];
            }
            assertThat(sum / ROWS).as("column %s", column).isCloseTo(1, within(5 / Math.sqrt(ROWS)));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void nan_should_go_nowhere_where_it_is_not_kept(DType dtype) {
        graph.training(3);
        Node x = graph.variable(Tensor.zeros(dtype, 8, 32).fill(Double.NaN));
        Node y = Ops.dropout(x, 0.5, KEY);
        double[] forward = y.value().toDoubles();
        graph.backward(List.of(y), List.of(Tensor.zeros(dtype, 8, 32).fill(Double.NaN)));
        double[] backward = x.gradient().toDoubles();
        assertThat(forward).contains(0, Double.NaN).containsOnly(0, Double.NaN);
        assertThat(backward).containsExactly(forward);
    }

    @Test
    void one_operation_over_a_sequence_should_keep_what_one_in_each_step_would() {
        Tensor whole = Ops.dropout(ones(4, -1, 6, 3, 17), 0.6, KEY).value();
        Tensor same = Ops.variationalDropout(ones(4, -1, 6, 3, 17), 0.6, KEY).value();
        for (int t = 0; t < 6; t++) {
            Tensor step = Ops.dropout(ones(4, t, 3, 17), 0.6, KEY).value();
            assertThat(whole.at(t).sameBits(step)).as("step %s", t).isTrue();
            assertThat(same.at(t).sameBits(same.at(0)))
                    .as("variational step %s", t)
                    .isTrue();
            assertThat(t == 0 || !whole.at(t).sameBits(whole.at(0)))
                    .as("step %s differs from the first", t)
                    .isTrue();
            Tensor within = Ops.variationalDropout(ones(4, t, 3, 17), 0.6, KEY).value();
            assertThat(within.sameBits(same.at(0)))
                    .as("variational in step %s", t)
                    .isTrue();
        }
    }

    @Test
    void all_rows_should_count_within_a_step() {
        Tensor three = Ops.dropout(ones(4, 2, 6, 3, 17), 0.6, KEY).value();
        Tensor two = Ops.dropout(ones(4, 2, 18, 17), 0.6, KEY).value();
        assertThat(three.toDoubles()).containsExactly(two.toDoubles());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.1, 1 - 0x1p-53})
    void the_numbers_of_a_row_should_be_those_of_the_generator_of_the_jdk(double keep) {
        long seed = 1L << 40;
        int step = 7;
        double[] mask =
                Ops.dropout(ones(seed, step, 3, COLUMNS), keep, -KEY).value().toDoubles();
        for (int row = 0; row < 3; row++) {
            long state = 0;
            for (long value : new long[] {seed, -KEY, step, row}) {
                state = new SplittableRandom(state + GOLDEN_RATIO * value).nextLong();
            }
            SplittableRandom numbers = new SplittableRandom(state);
            for (int column = 0; column < COLUMNS; column++) {
                assertThat(mask[row * COLUMNS + column] != 0)
                        .as("row %s, column %s", row, column)
                        .isEqualTo(numbers.nextLong() >>> 11 < keep * 0x1p53);
            }
        }
    }

    @Test
    void nothing_should_be_recorded_where_nothing_is_dropped() {
        Node x = ones(1, 0, 2, 3);
        assertThat(Ops.dropout(x, 1, KEY)).isSameAs(x);
        assertThat(Ops.variationalDropout(x, 1, KEY)).isSameAs(x);
        graph.reset();
        Node outside = graph.variable(Tensor.zeros(DType.FLOAT32, 2, 3));
        assertThat(Ops.dropout(outside, 0.5, KEY)).isSameAs(outside);
        Node inference = Graph.inference().input(Tensor.zeros(DType.FLOAT32, 2, 3));
        assertThat(Ops.variationalDropout(inference, 0.5, KEY)).isSameAs(inference);
        assertThat(graph.size()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.5, 1.5, Double.NaN, Double.POSITIVE_INFINITY})
    void should_refuse_what_is_no_probability(double keep) {
        Node x = graph.variable(Tensor.zeros(DType.FLOAT32, 2, 3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ops.dropout(x, keep, KEY))
                .withMessage("dropout: keep is " + keep + "; expected a probability above 0, and 1 for none");
    }

    @Test
    void should_refuse_a_rank_without_rows_also_outside_training() {
        Node x = graph.variable(Tensor.zeros(DType.FLOAT32, 3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ops.dropout(x, 0.5, KEY))
                .withMessage("dropout: x is [3]; expected rank 2 or more");
    }
}
