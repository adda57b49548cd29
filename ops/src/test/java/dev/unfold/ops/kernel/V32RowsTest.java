package dev.unfold.ops.kernel;

import dev.unfold.graph.DType;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel along rows gives the same bits on the Vector API as in plain Java: any length, any offset, any number. */
class V32RowsTest {
    private static final int ROWS = 5;

    private static final long SEED = 29;

    private final Parity parity = new Parity(SEED);
    private final RowKernels plain = KernelSet.plain().kernels().rows();
    private RowKernels vector = plain;

    @BeforeEach
    void findVector() {
        vector = KernelSet.vector().kernels().rows();
    }

    static IntStream lengths() {
        return IntStream.of(1, 2, 3, 4, 5, 8, 12, 15, 16, 17, 31, 32, 33, 47, 48, 49, 100, 1000);
    }

    private void check(String name, @Nullable Object... arguments) {
        Method method = Arrays.stream(RowKernels.class.getMethods())
                .filter(each -> each.getName().equals(name))
                .findFirst()
                .orElseThrow();
        parity.check(plain, vector, method, arguments);
    }

    private Tensor numbers(int... dims) {
        return parity.numbers(Shape.of(dims));
    }

    /** Numbers of one magnitude, so that what comes out is no NaN. */
    private Tensor moderate(int... dims) {
        Tensor tensor = numbers(dims);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, 3 * parity.random().nextGaussian());
        }
        return tensor;
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void should_have_the_bits_of_plain_java(int columns) {
        for (boolean special : new boolean[] {false, true}) {
            for (int i = 0; i < 10; i++) {
                Tensor x = special ? numbers(ROWS, columns) : moderate(ROWS, columns);
                Tensor y = special ? numbers(ROWS, columns) : moderate(ROWS, columns);
                Tensor each = special ? numbers(ROWS) : moderate(ROWS);
                along(x, y, each, columns);
                check("softmax", x, numbers(ROWS, columns));
                check("softmaxGradient", y, x, moderate(ROWS, columns));
                check("logSoftmax", x, numbers(ROWS, columns));
                check("logSoftmaxGradient", y, x, moderate(ROWS, columns));
                check("layerNorm", x, 1e-5, numbers(ROWS, columns), numbers(ROWS));
                check("layerNormGradient", y, each, x, moderate(ROWS, columns));
            }
        }
    }

    private void along(Tensor x, Tensor y, Tensor each, int columns) {
        Tensor down = moderate(columns);
        check("sum", x, columns, 1, 0.3, numbers(ROWS));
        check("sum", x, ROWS, columns, 0.3, numbers(columns));
        check("sumGradient", each, columns, 1, 0.3, y.copy());
        check("sumGradient", down, ROWS, columns, 0.3, y.copy());
        check("max", x, columns, 1, numbers(ROWS));
        check("max", x, ROWS, columns, numbers(columns));
        check("logSumExp", x, columns, 1, numbers(ROWS));
        check("logSumExp", x, ROWS, columns, numbers(columns));
        check("logSumExpGradient", x, each, each, columns, 1, y.copy());
        check("swapAxesGradient", x, ROWS, 1, columns, 1, y.copy());
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void should_lose_the_same_bits_in_cross_entropy(int columns) {
        for (int i = 0; i < 20; i++) {
            Tensor x = i % 2 == 0 ? moderate(4, ROWS, columns) : numbers(4, ROWS, columns);
            Tensor labels = Tensor.zeros(DType.INT32, 4, ROWS);
            for (int j = 0; j < labels.size(); j++) {
                labels.setFlat(j, parity.random().nextInt(columns));
            }
            Tensor lengths = Tensor.of(new int[] {4, 0, 2, 3, 1}, ROWS);
            Tensor classes = moderate(columns);
            LabelRules rules = new LabelRules(i % 3 == 0, false, 0);
            Tensor saved = moderate(4 * ROWS + 1);
            check("crossEntropy", x, labels, null, lengths, classes, rules, saved, moderate());
            check(
                    "crossEntropyGradient",
                    x,
                    labels,
                    null,
                    lengths,
                    classes,
                    rules,
                    saved,
                    moderate(),
                    moderate(4, ROWS, columns));
        }
    }

    @Test
    void should_move_rows_alike() {
        Tensor table = numbers(7, 45);
        Tensor indices = Tensor.of(new int[] {3, 0, 3, 6}, 4);
        Tensor mask = Tensor.of(new int[] {1, 0, 0, 1}, 4);
        check("gather", table, indices, numbers(4, 45));
        check("gatherGradient", indices, numbers(4, 45), numbers(7, 45));
        Tensor bags = Tensor.of(new int[] {3, 0, 3, 6, 1, 1, 5, 2}, 4, 2);
        check("gatherSum", table, bags, numbers(4, 2), numbers(4, 45));
        check("gatherSumGradient", bags, numbers(4, 2), numbers(4, 45), numbers(7, 45));
        check("select", mask, numbers(4, 45), numbers(4, 45), numbers(4, 45));
        check("selectGradient", mask, true, numbers(4, 45), numbers(4, 45));
    }
}
