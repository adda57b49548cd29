package dev.unfold.graph;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The pass of a tape, where each node has tensors of its own. */
final class TapePass extends RunningPass {
    private final Graph graph;
    private final RowStack stack;

    TapePass(Graph graph) {
        this.graph = graph;
        this.stack = new RowStack(graph);
    }

    @Override
    Tensor valueOf(Node any) {
        return any.value;
    }

    @Override
    @Nullable
    Tensor savedOf(Node any) {
        return any.saved;
    }

    @Override
    Tensor gradientOf(Node reached) {
        return Objects.requireNonNull(reached.gradient);
    }

    /** Passes the gradient of a node on to those inputs that are no parameters, and has those that are noted. */
    void passBack(Node present) {
        for (int i = present.inputs.length - 1; i >= 0; i--) {
            Parameter parameter = present.inputs[i].parameter;
            if (parameter != null && StepRecord.passesBack(present, i)) {
                if (graph.does() == Graph.Does.ALL) {
                    // Made here, by one thread.
                    parameter.gradientRows();
                }
                graph.noteUse(present, i);
            }
        }
        for (int i = 0; i < present.inputs.length; i++) {
            if (present.inputs[i].parameter == null && StepRecord.passesBack(present, i)) {
                graph.passBack(present, i);
            }
        }
    }

    /** The bytes of scratch. */
    long bytes() {
        return stack.bytes();
    }

    /** Gives back scratch. */
    void drop() {
        stack.drop();
    }

    /** Forgets what a backward pass that failed has left. */
    void clear() {
        stack.clear();
    }

    /** Contributes to the gradient of a parameter, or to a part of it, by all uses that are noted, the last noted first. */
    void contribute(ParameterUses uses, Node parameter, int part, int parts) {
        for (int use = parameter.firstUse; use >= 0; use = uses.next(use)) {
            Node node = uses.node(use);
            int input = uses.input(use);
            if (stack.takes(node)) {
                stack.add(node, input, part, parts);
            } else {
                stack.flush(part, parts);
                if (graph.does() == Graph.Does.ALL) {
                    contribute(node, input, part, parts);
                }
            }
        }
        stack.flush(part, parts);
    }

    @Override
    public long seed() {
        return graph.seed();
    }

    @Override
    public int step() {
        return node().step;
    }

    @Override
    public int rowOf(int position) {
        return node().rowOf(position);
    }

    @Override
    public int stepOf(int position) {
        return node().stepOf(position);
    }
}
