package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Assertions that tensors are the same bit for bit, each with the words that say what was compared. */
final class Bits {
    private Bits() {}

    static void assertZero(String what, Tensor actual) {
        assertSame(what, Tensor.zeros(actual.dtype(), actual.shape()), actual);
    }

    static void assertSameRow(String what, DetachedState expected, int row, DetachedState actual, int at) {
        for (String name : expected.values().keySet()) {
            assertSame(
                    what + " " + name,
                    expected.get(name).at(row),
                    actual.get(name).at(at));
        }
    }

    static void assertSameAll(String what, Map<String, Tensor> expected, Map<String, Tensor> actual) {
        assertThat(actual.keySet()).as(what).isEqualTo(expected.keySet());
        expected.forEach((name, tensor) -> assertSame(what + ": " + name, tensor, actual.get(name)));
    }

    static void assertSame(String what, Tensor expected, @Nullable Tensor actual) {
        assertThat(actual).as(what).isNotNull();
        assertThat(Objects.requireNonNull(actual).sameBits(expected))
                .as("%s: expected %s, not %s", what, expected, actual)
                .isTrue();
    }
}
