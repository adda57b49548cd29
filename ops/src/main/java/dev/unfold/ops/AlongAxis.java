package dev.unfold.ops;

import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import java.util.Map;

/** An operation that reduces one axis, or with {@link #ALL} all elements, and drops it from the shape. */
abstract class AlongAxis extends NamedOp {
    /** In place of an axis: every element, whatever the shape. */
    static final int ALL = Integer.MIN_VALUE;

    private final int axis;

    AlongAxis(String name, int axis) {
        super(name);
        this.axis = axis;
    }

    @Override
    public final Map<String, Object> settings() {
        return axis == ALL ? Map.of() : Map.of("axis", axis);
    }

    @Override
    public final Shape shape(Shape[] inputs) {
        Shape x = inputs[0];
        Shape reduced = axis == ALL ? Shape.scalar() : x.without(Shapes.checkAxis(name(), x, axis));
        if (length(x) == 0 && !definedForNothing()) {
            throw Shapes.refuse(name(), "x is " + x, "there is nothing to reduce along an axis of length 0");
        }
        return reduced;
    }

    @Override
    public final Rows rows(Shape[] inputs, boolean[] rowed) {
        return axis == ALL || inputs[0].axis(axis) == 0 ? Rows.TOGETHER : Rows.APART;
    }

    /** Whether the result over no elements at all is a number: a sum of nothing is 0, a mean of nothing is not. */
    abstract boolean definedForNothing();

    /** The number of elements that go into one of the output. */
    final int length(Shape x) {
        return axis == ALL ? x.size() : x.dim(axis);
    }

    /** The distance between elements that go into the same one of the output. */
    final int inner(Shape x) {
        return axis == ALL ? 1 : x.inner(x.axis(axis));
    }
}
