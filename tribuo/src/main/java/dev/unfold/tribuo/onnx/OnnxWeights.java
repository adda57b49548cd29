package dev.unfold.tribuo.onnx;

import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Blocks of weights, one for each gate, in the order in which operators of ONNX take them: one behind the other and transposed. */
final class OnnxWeights {
    private OnnxWeights() {}

    /**
     * The part of a parameter that belongs to one gate.
     *
     * @param of {@code [rows, gates * size]} or {@code [gates * size]}; null for zeros
     * @param index which of the gates of the parameter
     */
    record Block(@Nullable Parameter of, int index) {
        static final Block ZEROS = new Block(null, 0);
    }

    /** Returns {@code [1, gates * size, rows]} of matrices {@code [rows, ... * size]}. */
    static Tensor matrices(List<Block> blocks, int rows, int size) {
        Tensor whole = Tensor.zeros(DType.FLOAT32, 1, blocks.size() * size, rows);
        for (int gate = 0; gate < blocks.size(); gate++) {
            Block block = blocks.get(gate);
            for (int i = 0; block.of != null && i < size * rows; i++) {
                double weight = block.of.value().get(i % rows, block.index * size + i / rows);
                whole.set(weight, 0, gate * size + i / rows, i % rows);
            }
        }
        return whole;
    }

    /** Returns {@code [1, gates * size]} of vectors {@code [... * size]}. */
    static Tensor vectors(List<Block> blocks, int size) {
        Tensor whole = Tensor.zeros(DType.FLOAT32, 1, blocks.size() * size);
        for (int gate = 0; gate < blocks.size(); gate++) {
            Block block = blocks.get(gate);
            for (int j = 0; block.of != null && j < size; j++) {
                whole.set(block.of.value().get(block.index * size + j), 0, gate * size + j);
            }
        }
        return whole;
    }
}
