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

    @Override
    Tensor reach(Node any) {
        return graph.reach(any);
    }

    @Override
    int laneOf(Node parameter) {
        return parameter.lane;
    }

    @Override
    public long seed() {
        return graph.seed();
    }

    @Override
    public int step() {
        return node().step;
    }
}
