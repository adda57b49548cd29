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
    /** Makes the part of a value that begins at an element; views of views would have to be followed one by one. */
    static View of(Graph graph, Node node, int first, Shape shape) {
        Tensor cursor = Tensor.unplaced(node.dtype(), shape);
        return node.stage instanceof View view
                ? new View(graph, view.base, view.distance + first, cursor)
                : new View(graph, node, first, cursor);
    }

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
    public boolean keepsGradient() {
        return !(base.stage instanceof Stage.Within value) || value.keepsGradient();
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
