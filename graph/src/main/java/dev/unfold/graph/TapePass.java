package dev.unfold.graph;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The pass of a tape, where each node has tensors of its own. */
final class TapePass extends RunningPass {
    private final Graph graph;

    TapePass(Graph graph) {
        this.graph = graph;
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

    /**
     * Passes the gradient of a node that has been reached on to those inputs that are no parameters.
     *
     * @return whether there are parameters among the inputs, to be served by {@link #contribute(Node, int, int)} later
     */
    boolean passBack(Node present) {
        boolean parameters = false;
        for (int i = 0; i < present.inputs.length; i++) {
            Node input = present.inputs[i];
            if (StepRecord.passesBack(present, i)) {
                if (input.parameter != null) {
                    // Made here, by one thread.
                    input.parameter.gradientRows();
                    parameters = true;
                } else {
                    graph.passBack(present, i);
                }
            }
        }
        return parameters;
    }

    /** Contributes to the gradients of those of the inputs that are parameters, or to the part of them that is one lane's. */
    void contribute(Node present, int lane, int threads) {
        for (int i = 0; i < present.inputs.length; i++) {
            Node input = present.inputs[i];
            Op op = present.op;
            if (op == null || input.parameter == null || !StepRecord.passesBack(present, i)) {
                continue;
            }
            if (lane == Team.ALL) {
                contribute(present, i, 0, 1);
            } else if (input.divided) {
                contribute(present, i, lane, threads);
            } else if (input.lane == lane) {
                contribute(present, i, 0, 1);
            }
        }
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
