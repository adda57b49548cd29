package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;

/** y = the rows of a table at given indices (an embedding); the gradients of an index's uses add up in its row. */
final class Gather implements Op {
    @Override
    public String name() {
        return "gather";
    }

    @Override
    public Shape shape(Shape[] inputs) {
        return shape(name(), inputs);
    }

    static Shape shape(String who, Shape[] inputs) {
        Shape table = inputs[0];
        Shape indices = inputs[1];
        Shapes.checkRank(who, "the table", table, 2);
        if (indices.rank() == Shape.MAX_RANK) {
            throw Shapes.refuse(who, "the indices are " + indices, "expected rank 2 or less");
        }
        return indices.with(indices.rank(), table.columns());
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
        Tensor y = pass.output();
        Kernels.of(y.dtype()).rows().gather(pass.input(0), pass.input(1), y);
    }

    @Override
    public int rowsPickedBy(int input) {
        return 1;
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor dy = pass.outputGradient();
        Kernels.of(dy.dtype()).rows().gatherGradient(pass.input(1), dy, pass.inputGradient());
    }
}
