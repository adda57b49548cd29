package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;

/** y = the rows of a table at given indices, and zeros where an index is -1; the gradients of an index's uses add up in its row. */
record GatherOrZero() implements Op {
    private static final int NONE = -1;

    @Override
    public String name() {
        return "gatherOrZero";
    }

    @Override
    public Shape shape(Shape[] inputs) {
        return Gather.shape(name(), inputs);
    }

    @Override
    public boolean takesIntegers(int input) {
        return input == 1;
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.inputs(1);
    }

    @Override
    public Rows rows(Shape[] inputs, boolean[] rowed) {
        return rowed[0] ? Rows.TOGETHER : Rows.APART;
    }

    @Override
    public void forward(Pass pass) {
        Tensor table = pass.input(0);
        Tensor indices = pass.input(1);
        Tensor y = pass.output().fill(0);
        int width = table.shape().columns();
        for (int i = 0; i < indices.size(); i++) {
            int index = indices.ints()[indices.offset() + i];
            if (index < NONE || index >= table.shape().rows()) {
                throw new IllegalArgumentException(name() + ": index " + index + " at position " + i
                        + "; expected -1 for none, or the number of one of the table's "
                        + table.shape().rows() + " rows");
            }
            if (index != NONE) {
                y.copyRun(table, index * width, i * width, width);
            }
        }
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Kernels.of(dy.dtype()).rows().gatherGradient(pass.input(1), dy, pass.inputGradient());
    }
}
