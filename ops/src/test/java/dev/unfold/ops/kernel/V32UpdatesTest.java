package dev.unfold.ops.kernel;

import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every update gives the same bits on the Vector API as in plain Java: any size, any offset, any number. */
class V32UpdatesTest {
    private static final int[] SIZES = {0, 1, 3, 4, 8, 15, 16, 17, 33, 100, 1000};

    private static final long SEED = 23;

    private final Parity parity = new Parity(SEED);

    static List<Method> kernels() {
        return List.of(UpdateKernels.class.getMethods());
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void should_have_the_bits_of_plain_java(Method kernel) {
        UpdateKernels plain = KernelSet.plain().kernels().updates();
        UpdateKernels vector = KernelSet.vector().kernels().updates();
        for (int size : SIZES) {
            for (int i = 0; i < 40; i++) {
                parity.check(plain, vector, kernel, arguments(kernel, size));
            }
        }
    }

    private Object[] arguments(Method kernel, int size) {
        Class<?>[] types = kernel.getParameterTypes();
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            if (types[i] == Tensor.class) {
                arguments[i] = parity.numbers(Shape.of(size));
            } else if (types[i] == boolean.class) {
                arguments[i] = parity.random().nextBoolean();
            } else {
                arguments[i] = parity.random().nextDouble();
            }
        }
        return arguments;
    }
}
