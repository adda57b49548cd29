package dev.unfold.tribuo.onnx;

import dev.unfold.graph.Op;
import java.util.List;
import java.util.Objects;

/**
 * One recorded use of an operation, to be written as operators of ONNX.
 *
 * @param op the operation
 * @param inputs the names of its operands in the graph of ONNX, in order
 * @param shapes the lengths of the axes of each operand; {@link #ANY} where that depends on the batch
 * @param shape those of the output
 */
public record OnnxUse(Op op, List<String> inputs, List<List<Integer>> shapes, List<Integer> shape) {
    /** In place of the length of an axis: it depends on the batch. */
    public static final int ANY = -1;

    /** Copies the lists. */
    public OnnxUse {
        inputs = List.copyOf(inputs);
        shapes = List.copyOf(shapes);
        shape = List.copyOf(shape);
    }

    /** Returns the name of an operand. */
    public String input(int index) {
        return inputs.get(index);
    }

    /** Returns the number of axes of an operand. */
    public int rank(int index) {
        return shapes.get(index).size();
    }

    /** Returns a setting of the operation, of {@link Op#settings()}, that is a number. */
    public double number(String setting) {
        return ((Number) setting(setting)).doubleValue();
    }

    /** Returns a setting of the operation that is a whole number. */
    public int integer(String setting) {
        return (Integer) setting(setting);
    }

    /** Returns a setting of the operation that is true or false. */
    public boolean flag(String setting) {
        return (Boolean) setting(setting);
    }

    private Object setting(String name) {
        return Objects.requireNonNull(
                op.settings().get(name),
                () -> op.name() + ": has no setting '" + name + "'; there are " + op.settings());
    }
}
