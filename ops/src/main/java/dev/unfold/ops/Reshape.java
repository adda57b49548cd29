package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import java.util.Map;

/** y = the elements of x, in their order, under another shape. */
record Reshape(Shape wanted) implements Op {
    @Override
    public String name() {
        return "reshape";
    }

    @Override
    public Map<String, Object> settings() {
        return Map.of("shape", wanted);
    }

    @Override
    public Shape shape(Shape[] inputs) {
        if (inputs[0].size() != wanted.size()) {
            throw Shapes.refuse(
                    name(),
                    "x is " + inputs[0] + " and the wanted shape is " + wanted,
                    inputs[0].size() + " elements cannot become " + wanted.size());
        }
        return wanted;
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.NOTHING;
    }

    @Override
    public Rows rows(Shape[] inputs, boolean[] rowed) {
        boolean keepsRows = wanted.rank() > 0 && wanted.dim(0) == inputs[0].dim(0);
        return keepsRows ? Rows.APART : Rows.TOGETHER;
    }

    @Override
    public void forward(Pass pass) {
        Tensor y = pass.output();
        y.copyRun(pass.input(0), 0, 0, y.size());
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Kernels.of(dy.dtype()).pointwise().addRun(dy, 0, pass.inputGradient(), 0, dy.size());
    }
}
