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

/** y = x from one index of an axis to before another; of a single index also without the axis. */
record Slice(int axis, int from, int to, boolean dropAxis) implements Op {
    static Slice range(int axis, int from, int to) {
        return new Slice(axis, from, to, false);
    }

    static Slice at(int axis, int index) {
        return new Slice(axis, index, index + 1, true);
    }

    @Override
    public String name() {
        return dropAxis ? "at" : "slice";
    }

    @Override
    public Map<String, Object> settings() {
        return dropAxis ? Map.of("axis", axis, "index", from) : Map.of("axis", axis, "from", from, "to", to);
    }

    @Override
    public Shape shape(Shape[] inputs) {
        Shape x = inputs[0];
        int counted = Shapes.checkAxis(name(), x, axis);
        int length = x.dim(counted);
        if (from < 0 || to < from || to > length) {
            throw Shapes.refuse(
                    name(),
                    dropAxis
                            ? "index " + from + " of axis " + axis + " of " + x
                            : from + ".." + to + " of axis " + axis + " of " + x,
                    "the axis has length " + length);
        }
        return dropAxis ? x.without(counted) : x.withDim(counted, to - from);
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.NOTHING;
    }

    @Override
    public Rows rows(Shape[] inputs, boolean[] rowed) {
        return inputs[0].axis(axis) > 0 ? Rows.APART : Rows.TOGETHER;
    }

    @Override
    public void forward(Pass pass) {
        Tensor x = pass.input(0);
        Tensor y = pass.output();
        Shape shape = x.shape();
        int counted = shape.axis(axis);
        int stride = shape.inner(counted) * shape.dim(counted);
        int run = shape.inner(counted) * (to - from);
        for (int o = 0; o < shape.outer(counted); o++) {
            y.copyRun(x, o * stride + from * shape.inner(counted), o * run, run);
        }
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Tensor dx = pass.inputGradient();
        Shape shape = dx.shape();
        int counted = shape.axis(axis);
        int stride = shape.inner(counted) * shape.dim(counted);
        int run = shape.inner(counted) * (to - from);
        PointwiseKernels kernels = Kernels.of(dy.dtype()).pointwise();
        for (int o = 0; o < shape.outer(counted); o++) {
            kernels.addRun(dy, o * run, dx, o * stride + from * shape.inner(counted), run);
        }
    }
}
