package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Rows;
import dev.unfold.graph.Shape;
import dev.unfold.ops.kernel.Kernels;

/**
 * y = the sum of some rows of a table, each times a value of its own (a bag of embeddings): a product with a sparse matrix, of which a
 * value of 0 is no part. Values come with data and get no gradient.
 */
record GatherSum() implements Op {
    @Override
    public String name() {
        return "gatherSum";
    }

    @Override
    public Shape shape(Shape[] inputs) {
        Shape table = inputs[0];
        Shape indices = inputs[1];
        Shapes.checkRank(name(), "the table", table, 2);
        if (indices.rank() == 0) {
            throw Shapes.refuse(name(), "the indices are " + indices, "expected rank 1 or more");
        }
        if (!indices.equals(inputs[2])) {
            throw Shapes.refuse(
                    name(),
                    "the indices are " + indices + " and the values " + inputs[2],
                    "there must be a value for each index");
        }
        return indices.withDim(indices.rank() - 1, table.columns());
    }

    @Override
    public boolean takesIntegers(int input) {
        return input == 1;
    }

    @Override
    public boolean differentiates(int input) {
        return input == 0;
    }

    @Override
    public Reads backwardReads(int input) {
        return Reads.inputs(1, 2);
    }

    @Override
    public Rows rows(Shape[] inputs, boolean[] rowed) {
        boolean summedApart = !rowed[0] && rowed[1] && rowed[2] && inputs[1].rank() > 1;
        return summedApart ? Rows.APART : Rows.TOGETHER;
    }

    @Override
    public int rowsPickedBy(int input) {
        return 1;
    }

    @Override
    public void forward(Pass pass) {
        Kernels.of(pass.output().dtype()).rows().gatherSum(pass.input(0), pass.input(1), pass.input(2), pass.output());
    }

    @Override
    public void backward(Pass pass, int input) {
        Kernels.of(pass.outputGradient().dtype())
                .rows()
                .gatherSumGradient(pass.input(1), pass.input(2), pass.outputGradient(), pass.inputGradient());
    }
}
