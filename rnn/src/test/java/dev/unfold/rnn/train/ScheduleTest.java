package dev.unfold.rnn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.rnn.train.Schedule.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {
    private static final int BATCHES = 10;
    private static final int EPOCHS = 4;

    private static Progress after(int updates, double... losses) {
        List<Epoch> history = new ArrayList<>();
        for (double loss : losses) {
            history.add(new Epoch(history.size() + 1, 1, 1, null, new Score(loss, 0, 1), 0));
        }
        while (history.size() < updates / BATCHES) {
            history.add(new Epoch(history.size() + 1, 1, 1, null, null, 0));
        }
        return new Progress(updates, BATCHES, EPOCHS, history);
    }

    private static double[] factors(Schedule schedule, int... updates) {
        return IntStream.of(updates)
                .mapToDouble(each -> schedule.factor(after(each)))
                .toArray();
    }

    @Test
    void rates_should_fall_as_their_names_say() {
        assertThat(factors(Schedule.constant(), 0, 39)).containsExactly(1, 1);
        assertThat(factors(Schedule.linear(), 0, 10, 39)).containsExactly(1, 0.75, 1 - 39 / 40.0);
        assertThat(factors(Schedule.cosine(), 0, 20)).containsExactly(new double[] {1, 0.5}, within(1e-15));
        assertThat(factors(Schedule.cosine(), 10)[0]).isCloseTo((1 + Math.sqrt(0.5)) / 2, within(1e-15));
        assertThat(factors(Schedule.step(2, 0.1), 0, 19, 20, 39))
                .containsExactly(new double[] {1, 1, 0.1, 0.1}, within(1e-15));
        assertThat(factors(Schedule.exponential(0.5), 0, 10, 29, 30)).containsExactly(1, 0.5, 0.25, 0.125);
    }

    @Test
    void warm_up_should_rise_in_a_straight_line_and_then_leave_alone() {
        Schedule schedule = Schedule.warmUp(5, Schedule.exponential(0.5));
        assertThat(factors(schedule, 0, 1, 3, 4, 5, 10))
                .containsExactly(new double[] {0.2, 0.4, 0.8, 1, 1, 0.5}, within(1e-15));
    }

    @Test
    void plateau_should_wait_for_its_patience_and_count_anew_behind_a_reduction() {
        Schedule schedule = Schedule.onPlateau(0.1, 1);
        assertThat(schedule.factor(after(10, 5))).isEqualTo(1);
        assertThat(schedule.factor(after(20, 5, 5))).isEqualTo(1);
        assertThat(schedule.factor(after(30, 5, 5, 6))).isCloseTo(0.1, within(1e-15));
        assertThat(schedule.factor(after(40, 5, 5, 6, 7))).isCloseTo(0.1, within(1e-15));
        assertThat(schedule.factor(after(50, 5, 5, 6, 7, 5))).isCloseTo(0.01, within(1e-15));
        assertThat(schedule.factor(after(50, 5, 5, 4.9, 7, 4.8))).isEqualTo(1);
        // Better by less than one in ten thousand is no better.
        assertThat(schedule.factor(after(30, 5, 4.9999, 4.9998))).isCloseTo(0.1, within(1e-15));
        assertThat(Schedule.warmUp(3, schedule).readsValidation()).isTrue();
        assertThat(Schedule.warmUp(3, Schedule.cosine()).readsValidation()).isFalse();
    }

    static Stream<Schedule> all() {
        return Stream.of(
                Schedule.constant(),
                Schedule.linear(),
                Schedule.cosine(),
                Schedule.step(1, 0.5),
                Schedule.exponential(0.9),
                Schedule.warmUp(7, Schedule.cosine()),
                Schedule.onPlateau(0.5, 0));
    }

    @ParameterizedTest
    @MethodSource("all")
    void factors_should_lie_above_0_and_at_most_at_1(Schedule schedule) {
        for (int update = 0; update < BATCHES * EPOCHS; update++) {
            assertThat(schedule.factor(after(update))).isGreaterThan(0).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void numbers_that_make_no_schedule_should_be_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.step(0, 0.5))
                .withMessage("schedule step: every 0 epochs; expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.exponential(1))
                .withMessage("schedule exponential: the factor is 1.0; expected a number between 0 and 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.onPlateau(Double.NaN, 1))
                .withMessageContaining("on plateau");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.onPlateau(0.5, -1))
                .withMessageContaining("patience is -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.warmUp(0, Schedule.constant()))
                .withMessageContaining("over 0 updates");
    }
}
