package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A product onto a sum, to the last bit. */
class AddMmTest {
    private static final int CASES = 32;

    private static Tensor random(Random random, DType dtype, Shape shape) {
        Tensor tensor = Tensor.zeros(dtype, shape);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, random.nextGaussian());
        }
        return tensor;
    }

    private static double fma(DType dtype, double a, double b, double c) {
        return dtype == DType.FLOAT32 ? Math.fma((float) a, (float) b, (float) c) : Math.fma(a, b, c);
    }

    /** Returns the sum plus the product by its definition, with x as the matrix of its rows. */
    private static Tensor byDefinition(Tensor sum, Tensor x, Tensor w) {
        Tensor y = sum.copy();
        int inner = w.shape().dim(0);
        int columns = w.shape().dim(1);
        for (int i = 0; i < y.size(); i++) {
            double chain = sum.getFlat(i);
            for (int k = 0; k < inner; k++) {
                chain = fma(y.dtype(), x.getFlat(i / columns * inner + k), w.get(k, i % columns), chain);
            }
            y.setFlat(i, chain);
        }
        return y;
    }

    private static Tensor transposed(Tensor x) {
        int rows = x.shape().rows();
        int columns = x.shape().columns();
        Tensor result = Tensor.zeros(x.dtype(), columns, rows);
        for (int i = 0; i < x.size(); i++) {
            result.set(x.getFlat(i), i % columns, i / columns);
        }
        return result;
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void should_be_one_chain_from_the_sum_over_ascending_k_on_one_thread_and_on_two(DType dtype) {
        for (int seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            // One in four is large enough for two threads to share it, whatever is drawn.
            boolean large = seed % 4 == 0;
            int inner = large ? 120 + random.nextInt(60) : 1 + random.nextInt(20);
            int columns = large ? 120 + random.nextInt(60) : 1 + random.nextInt(20);
            int rows = large ? 40 + random.nextInt(20) : 1 + random.nextInt(20);
            Shape x = seed % 8 < 4 ? Shape.of(rows, inner) : Shape.of(2 + random.nextInt(2), rows, inner);
            Graph graph = new Graph();
            graph.threads(large ? 2 : 1);
            Node sum = graph.variable(random(random, dtype, x.withDim(x.rank() - 1, columns)));
            Node left = graph.variable(random(random, dtype, x));
            Parameter w = new Parameter("w", random(random, dtype, Shape.of(inner, columns)));
            Node y = Ops.addmm(sum, left, w);
            assertSame("value", seed, y.value(), byDefinition(sum.value(), left.value(), w.value()));

            Tensor dy = random(random, dtype, y.shape());
            graph.backward(Ops.sum(y.times(graph.input(dy))));
            assertSame("gradient of the sum", seed, sum.gradient(), dy);
            Tensor dx = byDefinition(Tensor.zeros(dtype, x), dy, transposed(w.value()));
            assertSame("gradient of x", seed, left.gradient(), dx);
            Tensor dw = byDefinition(Tensor.zeros(dtype, inner, columns), transposed(left.value()), matrix(dy));
            assertSame("gradient of w", seed, w.gradient(), dw);
        }
    }

    private static Tensor matrix(Tensor x) {
        return x.reshape(x.shape().rows(), x.shape().columns());
    }

    private static void assertSame(String what, int seed, Tensor actual, Tensor expected) {
        assertThat(actual.sameBits(expected))
                .as("%s, seed %d: %s, expected %s", what, seed, actual, expected)
                .isTrue();
    }
}
