package dev.unfold.rnn.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class WeightsTest {
    private final Parameter a = new Parameter("a", Tensor.of(new float[] {1, 2}, 2));
    private final Parameter b = new Parameter("b", Tensor.of(new double[] {3}, 1));

    @Test
    void hash_should_depend_on_every_bit_but_not_on_the_order_of_the_list() {
        String hash = Weights.sha256(List.of(a, b));
        assertThat(hash).hasSize(64).isEqualTo(Weights.sha256(List.of(b, a)));
        b.value().setFlat(0, Math.nextUp(3.0));
        assertThat(Weights.sha256(List.of(a, b))).isNotEqualTo(hash);
        b.value().setFlat(0, 3);
        a.value().setFlat(0, -1);
        assertThat(Weights.sha256(List.of(a, b))).isNotEqualTo(hash);
    }

    @Test
    void hash_should_be_that_of_the_bytes_lowest_first() {
        // SHA-256 of the bytes 00 00 80 3f 00 00 00 40.
        assertThat(Weights.sha256(List.of(a)))
                .isEqualTo(com.google.common.hash.Hashing.sha256()
                        .hashBytes(new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40})
                        .toString());
    }

    @Test
    void restore_should_put_copied_values_back() {
        Weights copy = Weights.copyOf(List.of(a, b));
        a.value().fill(9);
        b.value().fill(9);
        copy.restore();
        assertThat(a.value().toDoubles()).containsExactly(1, 2);
        assertThat(b.value().toDoubles()).containsExactly(3);
        assertThat(Weights.count(List.of(a, b))).isEqualTo(3);
    }
}
