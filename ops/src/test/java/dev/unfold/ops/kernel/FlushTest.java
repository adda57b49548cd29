package dev.unfold.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients that vanish over many steps become exactly zero instead of subnormal; what is normal stays as it is. */
class FlushTest {
    static List<KernelSet> sets() {
        return KernelSet.all();
    }

    private static double leastNormal(KernelSet set) {
        return set.dtype() == DType.FLOAT32 ? Float.MIN_NORMAL : Double.MIN_NORMAL;
    }

    @ParameterizedTest
    @MethodSource("sets")
    void gradients_through_gates_are_flushed(KernelSet set) {
        double least = leastNormal(set);
        PointwiseKernels kernels = set.kernels().pointwise();
        Tensor y = Tensor.zeros(set.dtype(), 37).fill(0.5);
        Tensor dy = Tensor.zeros(set.dtype(), 37);
        for (int i = 0; i < 37; i++) {
            dy.setFlat(i, least * i * (i % 2 == 0 ? 1 : -1));
        }
        Tensor dx = Tensor.zeros(set.dtype(), 37);
        kernels.sigmoidGradient(y, dy, dx);
        assertFlushed(dx, dy, 0.25, least);
        kernels.tanhGradient(y, dy, dx.fill(0));
        assertFlushed(dx, dy, 0.75, least);
        kernels.multiplyGradient(y, dy, dx.fill(0));
        assertFlushed(dx, dy, 0.5, least);
    }

    private static void assertFlushed(Tensor dx, Tensor dy, double slope, double least) {
        for (int i = 0; i < dx.size(); i++) {
            double whole = slope * dy.getFlat(i);
            double wanted = Math.abs(whole) < least ? 0 : whole;
            assertThat(dx.getFlat(i)).as("from %s", dy.getFlat(i)).isEqualTo(wanted);
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void a_gradient_that_is_summed_over_rows_is_not_flushed(KernelSet set) {
        double tiny = leastNormal(set) / 4;
        Tensor other = Tensor.zeros(set.dtype(), 3, 20).fill(1);
        Tensor dy = Tensor.zeros(set.dtype(), 3, 20).fill(tiny);
        Tensor dx = Tensor.zeros(set.dtype(), 20);
        set.kernels().pointwise().multiplyGradient(other, dy, dx);
        assertThat(dx.sameBits(Tensor.zeros(set.dtype(), 20).fill(3 * tiny))).isTrue();
    }
}
