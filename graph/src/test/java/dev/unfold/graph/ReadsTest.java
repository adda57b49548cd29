package dev.unfold.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class ReadsTest {
    @Test
    void should_name_what_was_given_and_nothing_else() {
        Reads reads = Reads.inputs(0, 31).and(Reads.inputs(2));
        for (int position = 0; position < 40; position++) {
            assertThat(reads.input(position)).isEqualTo(position == 0 || position == 2 || position == 31);
        }
        assertThat(reads.output()).isFalse();
        assertThat(reads.and(Reads.OUTPUT).output()).isTrue();
        assertThat(reads.and(Reads.OUTPUT).input(31)).isTrue();
        assertThat(Reads.NOTHING.input(0) || Reads.NOTHING.output() || Reads.OUTPUT.input(0))
                .isFalse();
    }

    @Test
    void should_refuse_a_position_that_it_cannot_name() {
        for (int position : new int[] {-1, 32, 33}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Reads.inputs(position));
        }
    }
}
