package dev.unfold.rnn.io;

import dev.unfold.graph.DType;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Named tensors of any bits, among them those of NaN. */
final class RandomTensors {
    private static final int[] CHARACTERS = {
        'a', 'z', 'N', '0', '.', '/', '"', '\\', '\'', ' ', '{', '\n', '\t', 0, 0x1F, 0x7F, 0xE9, 0x416, 0x2028, 0xFEFF,
        0x4E2D, 0x1F600
    };
    private static final List<DType> TYPES = List.of(DType.FLOAT32, DType.FLOAT64, DType.INT32);
    private static final int[] LENGTHS = {0, 1, 1, 2, 3, 5, 17};

    private final SplittableRandom random;

    RandomTensors(SplittableRandom random) {
        this.random = random;
    }

    Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        int count = random.nextInt(7);
        for (int i = 0; i < count; i++) {
            tensors.put(text(), tensor());
        }
        return tensors;
    }

    Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
            texts.put(text(), text());
        }
        return texts;
    }

    String text() {
        StringBuilder text = new StringBuilder();
        int count = random.nextInt(9);
        for (int i = 0; i < count; i++) {
            text.appendCodePoint(CHARACTERS[random.nextInt(CHARACTERS.length)]);
        }
        return text.toString();
    }

    private Tensor tensor() {
        int[] dims = new int[random.nextInt(Shape.MAX_RANK + 1)];
        for (int axis = 0; axis < dims.length; axis++) {
            dims[axis] = LENGTHS[random.nextInt(LENGTHS.length)];
        }
        DType dtype = TYPES.get(random.nextInt(TYPES.size()));
        // A view too begins where its offset says.
        Shape shape = Shape.of(dims);
        Tensor tensor = random.nextBoolean() || dims.length == Shape.MAX_RANK
                ? Tensor.zeros(dtype, shape)
                : Tensor.zeros(dtype, shape.with(0, 3)).at(1);
        for (int i = tensor.offset(); i < tensor.offset() + tensor.size(); i++) {
            switch (dtype) {
                case FLOAT32 -> tensor.floats()[i] = Float.intBitsToFloat(random.nextInt() | bitsOfNan(0x7FC00000));
                case FLOAT64 ->
                    tensor.doubles()[i] =
                            Double.longBitsToDouble(random.nextLong() | (long) bitsOfNan(0x7FF80000) << 32);
                case INT32 -> tensor.ints()[i] = random.nextInt();
            }
        }
        return tensor;
    }

    private int bitsOfNan(int bits) {
        return random.nextInt(3) == 0 ? bits : 0;
    }
}
