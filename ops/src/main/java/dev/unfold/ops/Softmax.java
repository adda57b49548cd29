package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;

/** y = e^x / sum of e^x along the last axis; dx = y (dy - sum of y dy). */
final class Softmax implements Op {
    @Override
    public String name() {
        return "softmax";
    }

    @Override
    public Shape shape(Shape[] inputs) {
        Shapes.checkRankAtLeast(name(), "x", inputs[0], 1);
        return inputs[0];
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.OUTPUT;
    }

    @Override
    public void forward(Pass pass) {
        Tensor y = pass.output();
        Kernels.of(y.dtype()).rows().softmax(pass.input(0), y);
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Kernels.of(dy.dtype()).rows().softmaxGradient(pass.output(), dy, pass.inputGradient());
    }
}
