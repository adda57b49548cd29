package dev.unfold.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Recorded;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Guarded;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Calls a kernel of both providers with the same arguments and compares every bit that it wrote; one NaN is as good as another. */
final class Parity {
    private static final float[] SPECIAL = {
        0f,
        -0f,
        1f,
        -1f,
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        Math.nextDown(Float.MIN_NORMAL),
        Float.MAX_VALUE,
        -Float.MAX_VALUE,
        88.72284f,
        88.7f,
        -87.33655f,
        -104f,
        0.625f,
        10f,
        1e-20f,
        -1e-20f,
        0.41421357f
    };

    private final Random random;

    Parity(long seed) {
        random = new Random(seed);
    }

    Random random() {
        return random;
    }

    /** Makes numbers of all sizes, one in eight of them special, that begin anywhere in their array. */
    Tensor numbers(Shape shape) {
        Tensor whole = Tensor.zeros(DType.FLOAT32, shape.size() + 40);
        for (int i = 0; i < whole.size(); i++) {
            whole.floats()[i] = number();
        }
        return Recorded.part(whole, random.nextInt(40), shape);
    }

    private float number() {
        return switch (random.nextInt(8)) {
            case 0 -> SPECIAL[random.nextInt(SPECIAL.length)];
            case 1 -> Float.intBitsToFloat(random.nextInt());
            case 2 -> (float) (100 * random.nextGaussian());
            default -> (float) random.nextGaussian();
        };
    }

    /** Calls the same method of both; the arguments of the second call are copies of those of the first. */
    void check(Object plain, Object vector, Method method, @Nullable Object... arguments) {
        List<Guarded> copies = new ArrayList<>();
        @Nullable Object[] copied = arguments.clone();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof Tensor tensor) {
                Guarded copy = Guarded.copy(tensor);
                copies.add(copy);
                copied[i] = copy.tensor();
            }
        }
        Object expected = call(plain, method, arguments);
        Object found = call(vector, method, copied);
        String what = method.getName() + " of " + List.of(sizes(arguments));
        assertThat(found).as(what).isEqualTo(expected);
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof Tensor tensor) {
                assertSame(what + ", argument " + i, (Tensor) Objects.requireNonNull(copied[i]), tensor);
            }
        }
        assertThat(copies).as(what + " wrote elsewhere").allMatch(Guarded::untouched);
    }

    private static Object call(Object kernels, Method method, @Nullable Object... arguments) {
        try {
            method.setAccessible(true);
            Object result = method.invoke(kernels, arguments);
            return result == null ? "" : result;
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new LinkageError(method.getName(), e);
        }
    }

    private static Object[] sizes(@Nullable Object... arguments) {
        Object[] described = new Object[arguments.length];
        for (int i = 0; i < described.length; i++) {
            described[i] = arguments[i] instanceof Tensor tensor ? tensor.shape() : String.valueOf(arguments[i]);
        }
        return described;
    }

    private static void assertSame(String what, Tensor found, Tensor expected) {
        if (expected.dtype() != DType.FLOAT32) {
            return;
        }
        for (int i = 0; i < expected.size(); i++) {
            float wanted = expected.floats()[expected.offset() + i];
            float got = found.floats()[found.offset() + i];
            if (Float.floatToIntBits(wanted) != Float.floatToIntBits(got)) {
                throw new AssertionError(what + ", element " + i + ": vector " + got + ", plain " + wanted);
            }
        }
    }
}
