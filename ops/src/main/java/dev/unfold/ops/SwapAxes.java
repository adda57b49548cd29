package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import java.util.Map;

/** y = x with two axes in each other's place: the transpose of a matrix, or time-major made batch-major. */
record SwapAxes(int axisA, int axisB) implements Op {
    @Override
    public String name() {
        return "swapAxes";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("axisA", axisA, "axisB", axisB);
    }

    @Override
    public Shape shape(Shape[] inputs) {
        Shape x = inputs[0];
        int a = Shapes.checkAxis(name(), x, axisA);
        int b = Shapes.checkAxis(name(), x, axisB);
        if (a == b) {
            throw Shapes.refuse(name(), "both axes of " + x + " are axis " + a, "expected two");
        }
        return x.withDim(a, x.dim(b)).withDim(b, x.dim(a));
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.NOTHING;
    }

    @Override
    public Rows rows(Shape[] inputs, boolean[] rowed) {
        return first(inputs[0]) > 0 ? Rows.APART : Rows.TOGETHER;
    }

    @Override
    public void forward(Pass pass) {
        Tensor x = pass.input(0);
        Tensor y = pass.output();
        Shape shape = x.shape();
        Kernels.of(y.dtype())
                .rows()
                .swapAxes(x, shape.dim(first(shape)), middle(shape), shape.dim(second(shape)), inner(shape), y);
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dx = pass.inputGradient();
        Shape shape = dx.shape();
        Kernels.of(dx.dtype())
                .rows()
                .swapAxesGradient(
                        pass.outputGradient(),
                        shape.dim(first(shape)),
                        middle(shape),
                        shape.dim(second(shape)),
                        inner(shape),
                        dx);
    }

    private int first(Shape shape) {
        return Math.min(shape.axis(axisA), shape.axis(axisB));
    }

    private int second(Shape shape) {
        return Math.max(shape.axis(axisA), shape.axis(axisB));
    }

    private int middle(Shape shape) {
        int product = 1;
        for (int axis = first(shape) + 1; axis < second(shape); axis++) {
            product *= shape.dim(axis);
        }
        return product;
    }

    private int inner(Shape shape) {
        return shape.inner(second(shape));
    }
}
