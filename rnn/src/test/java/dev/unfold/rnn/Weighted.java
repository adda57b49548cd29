package dev.unfold.rnn;

import static dev.unfold.ops.Ops.concat;
import static dev.unfold.ops.Ops.sum;
import static dev.unfold.ops.Ops.transpose;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import java.util.Arrays;

/** Small things that tests of cells share. */
public final class Weighted {
    private Weighted() {}

    /** Returns a parameter of a cell by the last part of its name. */
    public static Parameter parameter(Cell cell, String name) {
        return cell.parameters().stream()
                .filter(each -> each.name().endsWith("." + name))
                .findFirst()
                .orElseThrow();
    }

    /** Overwrites a parameter, rounding to its precision. */
    public static void set(Cell cell, String name, Tensor value) {
        Tensor target = parameter(cell, name).value();
        target.copyFrom(value.to(target.dtype()));
    }

    /** Returns the transpose of a matrix: references hold [H, D] where cells hold [D, H]. */
    public static Tensor transposed(Tensor matrix) {
        return transpose(Graph.inference().input(matrix)).value();
    }

    /** Returns tensors one after the other along their last axis: gates that references hold apart. */
    public static Tensor joined(Tensor... parts) {
        Graph graph = Graph.inference();
        Node[] nodes = Arrays.stream(parts).map(graph::input).toArray(Node[]::new);
        return concat(-1, nodes).value();
    }

    /** Returns the sum of two tensors. */
    public static Tensor added(Tensor a, Tensor b) {
        Graph graph = Graph.inference();
        return graph.input(a).plus(graph.input(b)).value();
    }

    /** Returns a tensor of evenly spaced values from low to high, both included, in row-major order. */
    public static Tensor linspace(double low, double high, int... dims) {
        Tensor tensor = Tensor.zeros(DType.FLOAT64, dims);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, low + (high - low) * i / (tensor.size() - 1));
        }
        return tensor;
    }

    /** Records the sum of a node weighted by a tensor. */
    public static Node weightedSum(Node node, Tensor weights) {
        return sum(node.times(node.graph().input(weights.to(node.dtype()))));
    }
}
