package dev.unfold.ops;

import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;

/** y[t, n] = x[length of row n - 1 - t, n] within the length of a row; padding stays where it is. */
final class ReverseByLength implements Op {
    @Override
    public String name() {
        return "reverseByLength";
    }

    @Override
    public Shape shape(Shape[] inputs) {
        RowLengths.checkShape(name(), "x", inputs[0], inputs[1]);
        return inputs[0];
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
    public void forward(Pass pass) {
        Tensor x = pass.input(0);
        Tensor lengths = pass.input(1);
        Tensor y = pass.output();
        RowLengths.check(name(), lengths, x.shape().dim(0));
        int width = x.shape().columns();
        for (int position = 0; position < x.size(); position += width) {
            y.copyRun(x, source(lengths, x.shape(), position), position, width);
        }
    }

    @Override
    public void backward(Pass pass, int input) {
        Tensor lengths = pass.input(1);
        Tensor dy = pass.outputGradient();
        Tensor dx = pass.inputGradient();
        int width = dy.shape().columns();
        for (int position = 0; position < dy.size(); position += width) {
            int source = source(lengths, dy.shape(), position);
            Kernels.of(dy.dtype()).pointwise().addRun(dy, position, dx, source, width);
        }
    }

    /** Where the row that goes to a position of y lies in x. */
    private static int source(Tensor lengths, Shape shape, int position) {
        int rows = shape.dim(1);
        int step = position / (rows * shape.columns());
        int row = position / shape.columns() % rows;
        int length = lengths.ints()[lengths.offset() + row];
        int from = step < length ? length - 1 - step : step;
        return (from * rows + row) * shape.columns();
    }
}
