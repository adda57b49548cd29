package dev.unfold.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.examples.bench.Workload.Run;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimingTest {
    /** Takes as long for each pass as it is told, by a clock of its own, and for the last of them ever after. */
    private static final class Rehearsed implements Run {
        private final double result;
        private final double[] seconds;
        private int passes;
        private long now;

        Rehearsed(double result, double... seconds) {
            this.result = result;
            this.seconds = seconds;
        }

        @Override
        public double pass() {
            now += Math.round(1e9 * seconds[Math.min(passes++, seconds.length - 1)]);
            return result;
        }

        @Override
        public int units() {
            return 10;
        }

        @Override
        public long bytes() {
            return 0;
        }

        /** Returns the rates under a timing. */
        List<Double> under(double warmupSeconds, int repetitions, double chunkSeconds) {
            return new Timing(warmupSeconds, repetitions, chunkSeconds, () -> now).rates(this);
        }
    }

    @Test
    void should_begin_when_three_chunks_agree() {
        Rehearsed run = new Rehearsed(1, 4, 2, 1.04, 1, 1.01, 2, 2.5, 0.5);
        assertThat(run.under(20, 3, 0)).containsExactly(10 / 2.5, 10 / 2.0, 10 / 0.5);
        assertThat(run.passes).isEqualTo(5 + 3);
    }

    @Test
    void should_not_begin_in_the_first_part_of_the_warm_up() {
        Rehearsed run = new Rehearsed(1, 1);
        run.under(30, 1, 0);
        assertThat(run.passes).as("6 of 30 seconds, and a repetition").isEqualTo(6 + 1);
    }

    @Test
    void should_begin_at_the_limit_where_chunks_never_agree() {
        Rehearsed run = new Rehearsed(1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3);
        assertThat(run.under(8, 1, 0)).hasSize(1);
        assertThat(run.passes).isEqualTo(6 + 1);
    }

    @Test
    void should_make_chunks_long_enough() {
        Rehearsed run = new Rehearsed(1, 0.07);
        assertThat(run.under(10, 2, 0.3)).allSatisfy(rate -> assertThat(rate).isEqualTo(10 / 0.07, within(1e-6)));
        // One pass first, then 5, which take 0.35 seconds, for 2 seconds; the two repetitions have 5, too.
        assertThat(run.passes).isEqualTo(1 + 6 * 5 + 2 * 5);
    }

    @Test
    void should_take_the_middle() {
        assertThat(Timing.median(List.of(3.0))).isEqualTo(3);
        assertThat(Timing.median(List.of(1.0, 2.0))).isEqualTo(1.5);
        assertThat(Timing.median(List.of(1.0, 2.0, 9.0))).isEqualTo(2);
    }

    @Test
    void should_refuse_to_time_nonsense() {
        assertThatThrownBy(() -> new Rehearsed(Double.NaN, 1).under(0, 1, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("bench: the results of 1 passes add up to NaN; what is timed must compute finite numbers");
    }
}
