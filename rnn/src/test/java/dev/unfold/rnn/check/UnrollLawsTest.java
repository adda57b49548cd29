package dev.unfold.rnn.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UnrollLawsTest {
    private final Batch batch = new Batch(
            Tensor.of(new NumpyRandom(1).randn(12), 2, 2, 3),
            Tensor.of(new int[] {1, 1, 1, 0}, 2, 2),
            DetachedState.EMPTY);

    private static Parameters parameters() {
        return new Parameters("cell", DType.FLOAT64, new NumpyRandom(7));
    }

    private List<String> differences(Cell expected, Cell actual) {
        List<String> found = new ArrayList<>();
        new UnrollLaws(new Runs(1, Set.of()), found::add)
                .same("otherwise", Unroll.dynamic(expected), Unroll.dynamic(actual), new Graph(), List.of(batch));
        return found;
    }

    @Test
    void same_should_find_nothing_where_there_is_nothing() {
        assertThat(differences(new VanillaCell(parameters(), 3, 4), new VanillaCell(parameters(), 3, 4)))
                .isEmpty();
    }

    @Test
    void same_should_find_a_single_bit() {
        Cell other = new VanillaCell(parameters(), 3, 4);
        Tensor bias = other.parameters().get(2).value();
        bias.setFlat(1, Double.MIN_NORMAL);
        assertThat(differences(new VanillaCell(parameters(), 3, 4), other)).isEmpty();
        bias.setFlat(1, 1e-15);
        assertThat(differences(new VanillaCell(parameters(), 3, 4), other))
                .hasSize(4)
                .allMatch(each -> each.startsWith("2 steps of 2 rows of lengths [2, 1], otherwise")
                        && each.contains(": outputs[0, 0, 1]: expected ")
                        && each.contains(" (as well: last, final h, "));
    }

    @Test
    void same_should_find_what_is_only_in_gradients() {
        Cell other = new BrokenCellTest.Plain(parameters()) {
            @Override
            Node next(Node x, Node h) {
                return super.next(x, Ops.stopGradient(h));
            }
        };
        assertThat(differences(new BrokenCellTest.Plain(parameters()), other))
                .hasSize(4)
                .anyMatch(each -> each.contains("otherwise: gradient of inputs[0, 0, 0]: expected "))
                .anyMatch(each -> each.contains("otherwise, over constants: gradient of cell.wx[0, 0]: expected "));
    }

    @Test
    void same_should_find_other_fields_and_shapes() {
        Cell vanilla = new VanillaCell(parameters(), 3, 4);
        assertThat(differences(vanilla, new LstmCell(parameters(), 3, 4)).get(0))
                .contains(
                        "otherwise: expected [outputs, last, final h, loss, ",
                        "got [outputs, last, final h, final c, loss, ");
        assertThat(differences(vanilla, new VanillaCell(parameters(), 3, 5)).get(0))
                .contains("otherwise: outputs: expected float64 [2, 2, 4] {", "}, got float64 [2, 2, 5] {");
    }
}
