package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.PICK_ROWS;
import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientRowsTest {
    private final Parameter table =
            new Parameter("table", Tensor.zeros(DType.FLOAT64, 6, 1).fill(2));
    private final Parameter other =
            new Parameter("other", Tensor.zeros(DType.FLOAT64, 6, 1).fill(3));
    private final Graph graph = new Graph();

    private static List<Integer> rows(Parameter parameter) {
        GradientRows rows = parameter.gradientRows();
        List<Integer> found = new ArrayList<>();
        for (int row = rows.next(0); row >= 0; row = rows.next(row + 1)) {
            found.add(row);
        }
        assertThat(rows.count()).isEqualTo(found.size());
        return found;
    }

    private Node pick(int... numbers) {
        return graph.record(PICK_ROWS, table, graph.input(Tensor.of(numbers, numbers.length)));
    }

    private void backward(Node... roots) {
        List<Node> totals = new ArrayList<>();
        for (Node root : roots) {
            totals.add(graph.record(TOTAL, root));
        }
        graph.backward(totals);
        graph.reset();
    }

    @Test
    void should_be_those_that_were_picked_until_the_gradient_is_zeroed() {
        assertThat(rows(table)).isEmpty();
        backward(pick(4, 1, 4), graph.record(SQUARE, pick(1, 3)));
        assertThat(rows(table)).containsExactly(1, 3, 4);
        backward(pick(0));
        assertThat(rows(table)).containsExactly(0, 1, 3, 4);
        assertThat(table.gradientRows().gradient().toDoubles()).containsExactly(1, 5, 0, 4, 2, 0);
        table.zeroGradient();
        assertThat(rows(table)).isEmpty();
        assertThat(table.gradientRows().gradient().toDoubles()).containsOnly(0);
    }

    @Test
    void should_be_all_where_any_other_operation_uses_the_parameter_too() {
        backward(pick(2), graph.record(TIMES, table, other));
        assertThat(rows(table)).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(rows(other)).containsExactly(0, 1, 2, 3, 4, 5);
        table.zeroGradient();
        other.zeroGradient();
        assertThat(table.gradientRows().gradient().toDoubles()).containsOnly(0);
        assertThat(rows(other)).isEmpty();
        backward(pick(2));
        assertThat(rows(table)).containsExactly(2);
    }

    @Test
    void should_be_all_where_the_parameter_itself_is_a_root_or_what_a_loop_begins_with() {
        graph.backward(List.of(graph.use(table)), List.of(Tensor.zeros(DType.FLOAT64, 6, 1)));
        graph.reset();
        assertThat(rows(table)).hasSize(6);
        Loop loop = new Loop("loop", 2, 6, (sequences, carried) -> {
            Node next = sequences.get(0).graph().record(TIMES, sequences.get(0), carried.get(0));
            return List.of(next, next);
        });
        Node x = graph.input(Tensor.zeros(DType.FLOAT64, 2, 6, 1));
        backward(graph.repeat(loop, TinySchedule.whole(2, 6), List.of(x), List.of(graph.use(other)))
                .result(1, 1));
        assertThat(rows(other)).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void should_be_those_of_all_steps_of_a_loop(int threads) {
        graph.threads(threads);
        Node numbers = graph.input(Tensor.of(new int[] {5, 0, 0, 0, 5, 5, 2, 0, 0, 0, 0, 5}, 2, 6));
        Node start = graph.input(Tensor.zeros(DType.FLOAT64, 6).fill(1));
        Loop.Body picks = (sequences, carried) -> {
            Node picked = carried.get(0).graph().record(PICK_ROWS, table, sequences.get(0));
            Node next = picked.graph().record(TIMES, picked, carried.get(0));
            return List.of(next, next);
        };
        backward(
                graph.repeat(new Loop("picks", 2, 6, picks), TinySchedule.whole(2, 6), List.of(numbers), List.of(start))
                        .result(1, 1));
        assertThat(rows(table)).containsExactly(0, 2, 5);
    }

    @Test
    void should_be_all_for_good_where_somebody_may_write_into_the_gradient() {
        Tensor mine = table.gradient();
        table.zeroGradient();
        assertThat(rows(table)).hasSize(6);
        backward(pick(2));
        mine.fill(7);
        assertThat(rows(table)).hasSize(6);
        table.zeroGradient();
        assertThat(mine.toDoubles()).containsOnly(0);
        assertThat(rows(table)).hasSize(6);
    }

    @Test
    void looking_at_the_gradient_of_a_node_should_change_nothing() {
        Node used = graph.use(table);
        graph.backward(graph.record(TOTAL, pick(3)));
        assertThat(used.gradient().toDoubles()).containsExactly(0, 0, 0, 1, 0, 0);
        assertThat(rows(table)).containsExactly(3);
    }

    @Test
    void zeroing_should_leave_the_other_rows_alone() {
        backward(pick(2));
        table.gradientRows().gradient().set(9, 5, 0);
        table.zeroGradient();
        assertThat(table.gradientRows().gradient().toDoubles()).containsExactly(0, 0, 0, 0, 0, 9);
    }

    @Test
    void a_row_should_be_a_part_of_the_gradient() {
        backward(pick(2, 2));
        Tensor row = table.gradientRows().row(2);
        assertThat(row.toDoubles()).containsExactly(2);
        row.fill(5);
        assertThat(table.gradientRows().gradient().toDoubles()).containsExactly(0, 0, 5, 0, 0, 0);
        assertThat(table.gradientRows().row(0)).isSameAs(row);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> table.gradientRows().row(6));
    }

    @Test
    void a_scalar_and_a_vector_should_be_one_row_and_nothing_at_all_none() {
        for (Shape shape : List.of(Shape.scalar(), Shape.of(3))) {
            Parameter parameter = new Parameter("p", Tensor.zeros(DType.FLOAT32, shape));
            assertThat(rows(parameter)).isEmpty();
            backward(graph.use(parameter));
            assertThat(rows(parameter)).containsExactly(0);
            assertThat(parameter.gradientRows().row(0).fill(4).toDoubles()).containsOnly(4);
            parameter.zeroGradient();
            assertThat(parameter.gradientRows().gradient().toDoubles()).containsOnly(0);
        }
        Parameter nothing = new Parameter("n", Tensor.zeros(DType.FLOAT32, 0, 4));
        nothing.gradient();
        assertThat(rows(nothing)).isEmpty();
        nothing.zeroGradient();
    }

    @Test
    void should_refuse_a_row_that_there_is_not() {
        Parameter vector = new Parameter("v", Tensor.zeros(DType.FLOAT64, 6));
        Node picked = graph.record(PICK_ROWS, vector, graph.input(Tensor.of(new int[] {3}, 1)));
        assertThatIllegalStateException()
                .isThrownBy(() -> graph.backward(graph.record(TOTAL, picked)))
                .withMessage("gradient [6]: an operation adds to row 3; there are 1, as Shape.rows counts them");
    }
}
