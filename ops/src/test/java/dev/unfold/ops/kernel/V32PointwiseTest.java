package dev.unfold.ops.kernel;

import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every element-wise kernel gives the same bits on the Vector API as in plain Java: any size, any offset, any number. */
class V32PointwiseTest {
    private static final int[] SIZES = {0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 64, 100, 1000};

    private static final long SEED = 17;

    private final Parity parity = new Parity(SEED);
    private final PointwiseKernels plain = KernelSet.plain().kernels().pointwise();
    private PointwiseKernels vector = plain;

    @BeforeEach
    void findVector() {
        vector = KernelSet.vector().kernels().pointwise();
    }

    static List<Method> kernels() {
        return Arrays.stream(PointwiseKernels.class.getMethods())
                .filter(method -> Arrays.stream(method.getParameterTypes()).noneMatch(type -> type == int.class))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void should_have_the_bits_of_plain_java(Method kernel) {
        for (int size : SIZES) {
            for (int i = 0; i < 20; i++) {
                parity.check(plain, vector, kernel, arguments(kernel, Shape.of(size), -1, Shape.of(size)));
            }
        }
    }

    static List<Method> repeating() {
        List<String> names =
                List.of("add", "subtract", "multiply", "divide", "addGradient", "multiplyGradient", "dividendGradient");
        return kernels().stream()
                .filter(method -> names.contains(method.getName()))
                .toList();
    }

    /** Of two inputs each may be the smaller one; of a gradient, the target. */
    @ParameterizedTest
    @MethodSource("repeating")
    void should_repeat_or_sum_over_what_is_smaller(Method kernel) {
        boolean gradient = kernel.getName().endsWith("Gradient");
        for (int columns : SIZES) {
            for (int small : gradient ? new int[] {2} : new int[] {0, 1}) {
                if (columns > 0) {
                    parity.check(
                            plain, vector, kernel, arguments(kernel, Shape.of(7, columns), small, Shape.of(columns)));
                }
            }
        }
    }

    /** Makes arguments of one shape, with one of another. */
    private Object[] arguments(Method kernel, Shape shape, int small, Shape smallShape) {
        Class<?>[] types = kernel.getParameterTypes();
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            Tensor tensor = parity.numbers(i == small ? smallShape : shape);
            arguments[i] =
                    types[i] == Tensor.class ? tensor : (Object) parity.random().nextGaussian();
        }
        return arguments;
    }

    @ParameterizedTest
    @MethodSource("runs")
    void should_keep_to_its_run(Method kernel) {
        for (int i = 0; i < 200; i++) {
            Tensor x = parity.numbers(Shape.of(100));
            Tensor y = parity.numbers(Shape.of(100));
            int from = parity.random().nextInt(50);
            int length = parity.random().nextInt(51);
            if (kernel.getName().equals("addRun")) {
                parity.check(plain, vector, kernel, x, from, y, 50 - from, length);
            } else {
                parity.check(plain, vector, kernel, x, from, length, 77L, 0.7, y);
            }
        }
    }

    static List<Method> runs() {
        return Arrays.stream(PointwiseKernels.class.getMethods())
                .filter(method -> !kernels().contains(method))
                .toList();
    }
}
