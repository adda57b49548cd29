package dev.unfold.rnn.cell;

import static dev.unfold.ops.Ops.tanh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class StateTest {
    private final Graph graph = new Graph();
    private final Node h = graph.variable(Tensor.of(new double[] {1, 2}, 1, 2));
    private final Node c = graph.input(Tensor.of(new double[] {3}, 1, 1));

    @Test
    void fields_should_be_found_by_name_and_keep_their_order() {
        State state = State.of("h", h, "c", c);
        assertThat(state.get("h")).isSameAs(h);
        assertThat(state.get("c")).isSameAs(c);
        assertThat(state.names()).containsExactly("h", "c");
    }

    @Test
    void with_should_replace_a_field_and_leave_the_original_alone() {
        State before = State.of("h", h);
        State after = before.with("h", c).with("d", h);
        assertThat(before.get("h")).isSameAs(h);
        assertThat(after.get("h")).isSameAs(c);
        assertThat(after.names()).containsExactly("h", "d");
    }

    @Test
    void an_unknown_field_should_be_refused_with_the_known_ones() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> State.of("h", h, "c", c).get("cell"))
                .withMessage("state: no field 'cell'; there are [h, c]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DetachedState.EMPTY.get("h"))
                .withMessage("state: no field 'h'; there are []");
    }

    @Test
    void a_detached_state_should_outlive_its_graph_and_stop_gradients() {
        DetachedState detached = State.of("h", tanh(h)).detach();
        graph.reset();
        Node again = detached.attach(graph).get("h");
        assertThat(again.value().getFlat(0)).isEqualTo(Math.tanh(1), org.assertj.core.api.Assertions.within(1e-15));
        assertThat(detached.values().keySet()).containsExactly("h");
    }

    @Test
    void rows_should_be_copied_in_the_order_in_which_they_are_chosen() {
        Tensor two = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 3, 2);
        Tensor one = Tensor.of(new float[] {7, 8, 9}, 3, 1);
        DetachedState chosen = DetachedState.of("h", two).with("c", one).rows(2, 0, 2, 2);
        assertThat(chosen.get("h").toDoubles()).containsExactly(5, 6, 1, 2, 5, 6, 5, 6);
        assertThat(chosen.get("c").toDoubles()).containsExactly(9, 7, 9, 9);
        assertThat(chosen.values().keySet()).containsExactly("h", "c");
        chosen.get("h").fill(0);
        assertThat(two.toDoubles()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(DetachedState.of("h", two).rows().get("h").shape().dims()).containsExactly(0, 2);
    }

    @Test
    void a_row_that_is_not_there_should_be_refused_with_field_and_number_of_rows() {
        DetachedState state = DetachedState.of("h", Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 3, 2));
        for (int row : new int[] {-1, 3}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> state.rows(0, row))
                    .withMessage("state: no row " + row + " in field 'h' [3, 2]; there are 3");
        }
    }

    @Test
    void a_spec_should_refuse_doubled_names_and_empty_fields() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StateSpec.of("h", 2).and("h", 3))
                .withMessageContaining("have one name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StateSpec.of("h", 0))
                .withMessage("state field 'h' of size 0; expected a name and a size of at least 1");
        assertThat(StateSpec.of("h", 2).and("c", 3).fields())
                .isEqualTo(List.of(new StateSpec.Field("h", 2), new StateSpec.Field("c", 3)));
    }
}
