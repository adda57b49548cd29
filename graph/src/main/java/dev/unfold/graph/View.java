package dev.unfold.graph;

import org.jspecify.annotations.Nullable;

/**
 * Part of a value, where that lies.
 *
 * @param base what it is part of, itself no view
 * @param distance the elements before it
 * @param cursor lies where the gradient of this part does
 */
record View(Graph graph, Node base, int distance, Tensor cursor) implements Stage.Within {
    @Override
    public String name() {
        return "slice of " + base.name();
    }

    @Override
    public void forward(Node node) {
        node.value.place(base.value, distance);
    }

    @Override
    public Tensor reach() {
        cursor.place(graph.reach(base), distance);
        return cursor;
    }

    @Override
    public @Nullable Tensor gradient() {
        Tensor whole = null;
        if (base.parameter != null) {
            whole = base.parameter.gradientRows().gradient();
        } else if (base.stage instanceof Stage.Within value) {
            whole = value.gradient();
        } else if (base.reached) {
            whole = base.gradient;
        }
        if (whole == null) {
            return null;
        }
        cursor.place(whole, distance);
        return cursor;
    }
}
