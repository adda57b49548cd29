package dev.unfold.ops;

import dev.unfold.graph.Arithmetic;
import dev.unfold.graph.Node;
import dev.unfold.graph.Operand;

/** The service behind the fluent methods of {@link Node}. */
public final class OpsArithmetic implements Arithmetic {
    @Override
    public Node plus(Operand a, Operand b) {
        return Ops.plus(a, b);
    }

    @Override
    public Node minus(Operand a, Operand b) {
        return Ops.minus(a, b);
    }

    @Override
    public Node times(Operand a, Operand b) {
        return Ops.times(a, b);
    }

    @Override
    public Node dividedBy(Operand a, Operand b) {
        return Ops.divide(a, b);
    }

    @Override
    public Node plus(Operand a, double number) {
        return Ops.plus(a, number);
    }

    @Override
    public Node times(Operand a, double factor) {
        return Ops.scale(a, factor);
    }
}
