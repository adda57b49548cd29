package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.PointwiseKernels;
import java.util.Map;

/** y = its inputs one after the other along an axis: along one that they have, or (a stack) along a new one. */
record Concat(int axis, int inputs, boolean newAxis) implements Op {
    Concat {
        if (inputs == 0) {
            throw new IllegalArgumentException((newAxis ? "stack" : "concat") + ": there is nothing to put together");
        }
    }

    @Override
    public String name() {
        return newAxis ? "stack" : "concat";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("axis", axis);
    }

    @Override
    public Shape shape(Shape[] shapes) {
        Shape first = shapes[0];
        if (newAxis) {
            return stacked(shapes, first);
        }
        int counted = Shapes.checkAxis(name(), first, axis);
        int length = 0;
        for (int i = 0; i < shapes.length; i++) {
            if (shapes[i].rank() != first.rank()
                    || !shapes[i].withDim(counted, 0).equals(first.withDim(counted, 0))) {
                throw mismatch(i, shapes[i], first, "all must agree in every axis but " + axis);
            }
            length += shapes[i].dim(counted);
        }
        return first.withDim(counted, length);
    }

    private Shape stacked(Shape[] shapes, Shape first) {
        if (axis < 0 || axis > first.rank() || first.rank() == Shape.MAX_RANK) {
            throw Shapes.refuse(
                    name(),
                    "new axis " + axis + " of " + first,
                    "expected 0.." + first.rank() + " and a rank of at most 2");
        }
        for (int i = 0; i < shapes.length; i++) {
            if (!shapes[i].equals(first)) {
                throw mismatch(i, shapes[i], first, "all must have one shape");
            }
        }
        return first.with(axis, shapes.length);
    }

    private IllegalArgumentException mismatch(int position, Shape shape, Shape first, String rule) {
        return Shapes.refuse(name(), "input 0 is " + first + " and input " + position + " is " + shape, rule);
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.NOTHING;
    }

    @Override
    public Rows rows(Shape[] inputs, boolean[] rowed) {
        boolean apart = axis(inputs[0]) > 0;
        for (boolean each : rowed) {
            apart &= each;
        }
        return apart ? Rows.APART : Rows.TOGETHER;
    }

    @Override
    public void forward(Pass pass) {
        Tensor y = pass.output();
        int outer = outer(y.shape());
        int stride = run(y.shape());
        int at = 0;
        for (int i = 0; i < inputs; i++) {
            Tensor x = pass.input(i);
            int run = run(x.shape());
            for (int o = 0; o < outer; o++) {
                y.copyRun(x, o * run, o * stride + at, run);
            }
            at += run;
        }
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Tensor dx = pass.inputGradient();
        int outer = outer(dy.shape());
        int stride = run(dy.shape());
        int run = run(dx.shape());
        // Along a new axis all are alike, and there may be as many as steps.
        int at = newAxis ? input * run : 0;
        for (int i = 0; !newAxis && i < input; i++) {
            at += run(pass.inputShape(i));
        }
        PointwiseKernels kernels = Kernels.of(dy.dtype()).pointwise();
        for (int o = 0; o < outer; o++) {
            kernels.addRun(dy, o * stride + at, dx, o * run, run);
        }
    }

    private int outer(Shape y) {
        return y.outer(y.axis(axis));
    }

    /** How many elements an input or the output holds for each index of the axes before the one put together along. */
    private int run(Shape shape) {
        int from = axis(shape);
        return from == 0 ? shape.size() : shape.inner(from - 1);
    }

    /** That axis, counted from 0; a new one lies in front of this axis of an input. */
    private int axis(Shape shape) {
        return newAxis ? axis : shape.axis(axis);
    }
}
