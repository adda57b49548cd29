package dev.unfold.ops;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Recorded;
import dev.unfold.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * An operation and operands for it, in a domain where it is smooth.
 *
 * @param method the name of its method in {@link Ops}, or of the class that records it
 * @param operands float64, of numbers that float32 holds too, or int32
 * @param constants how many of the last operands are not differentiated by
 * @param recording records it
 */
record OpSample(String method, List<Tensor> operands, int constants, Recording recording) {
    /** Records an operation on the nodes of its operands. */
    @FunctionalInterface
    interface Recording {
        Node record(List<Node> operands);
    }

    /** Returns the operands as they are in one precision; those to be differentiated by are parameters. */
    List<Parameter> parameters(DType dtype) {
        List<Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < operands.size() - constants; i++) {
            parameters.add(new Parameter("operand" + i, operands.get(i).to(dtype)));
        }
        return parameters;
    }

    /** Records the operation over parameters from {@link #parameters} and the constant operands. */
    Node record(Graph graph, List<Parameter> parameters) {
        List<Node> nodes = new ArrayList<>();
        for (Parameter parameter : parameters) {
            nodes.add(graph.use(parameter));
        }
        for (Tensor constant : operands.subList(parameters.size(), operands.size())) {
            nodes.add(graph.input(
                    constant.dtype().isFloat() ? constant.to(parameters.get(0).dtype()) : constant));
        }
        return recording.record(nodes);
    }

    /** Returns the operations that the sample records in one precision, in training, so that what is random takes place. */
    List<Recorded.Use> uses(DType dtype) {
        Graph graph = new Graph();
        graph.training(OpRun.SEED);
        record(graph, parameters(dtype));
        return Recorded.uses(graph);
    }

    /** Returns the method and the shapes, as in {@code times [3] [2, 3]}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(method);
        operands.forEach(operand -> text.append(' ').append(operand.shape()));
        return text.toString();
    }
}
