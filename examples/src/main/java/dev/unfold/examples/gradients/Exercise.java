package dev.unfold.examples.gradients;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceTagger;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A loss to differentiate: the mean cross entropy of a tagger at its first weights, on one batch of made-up sequences.
 *
 * @param inputs normal numbers, {@code [T, N, D]}
 * @param labels {@code [T, N]}
 */
record Exercise(SequenceTagger tagger, Tensor inputs, Tensor labels) {
    static Exercise of(CommonOptions common, SizeOptions sizes, CellOptions cells) {
        NumpyRandom random = new NumpyRandom(common.seed());
        Parameters rnn = new Parameters("rnn", DType.FLOAT64, random);
        Unroll unroll = stacked(rnn, common.isStatic(), sizes, cells);
        Parameters output = new Parameters("output", DType.FLOAT64, random);
        int steps = sizes.steps();
        int rows = sizes.rows();
        Tensor labels = Tensor.zeros(DType.INT32, steps, rows);
        for (int i = 0; i < labels.size(); i++) {
            labels.setFlat(i, random.randint(0, sizes.classes()));
        }
        Tensor inputs = Tensor.of(random.randn(steps * rows * sizes.input()), steps, rows, sizes.input());
        return new Exercise(new SequenceTagger(output, unroll, sizes.classes()), inputs, labels);
    }

    private static Unroll stacked(Parameters rnn, boolean isStatic, SizeOptions sizes, CellOptions cells) {
        List<Unroll> layers = new ArrayList<>();
        int size = sizes.input();
        for (int i = 0; i < cells.layers(); i++) {
            Parameters own = cells.layers() == 1 ? rnn : rnn.below("layer" + i);
            Unroll layer = layer(own, size, isStatic, sizes, cells);
            layers.add(layer);
            size = layer.outputSize();
        }
        return layers.size() == 1 ? layers.get(0) : Unroll.stacked(layers);
    }

    private static Unroll layer(Parameters own, int inputSize, boolean isStatic, SizeOptions sizes, CellOptions cells) {
        if (!cells.bidirectional()) {
            return oneWay(cells.cell().make(own, inputSize, sizes.hidden()), isStatic, sizes);
        }
        Cell forward = cells.cell().make(own.below("forward"), inputSize, sizes.hidden());
        Cell backward = cells.cell().make(own.below("backward"), inputSize, sizes.hidden());
        return Unroll.bidirectional(oneWay(forward, isStatic, sizes), oneWay(backward, isStatic, sizes), Merge.CONCAT);
    }

    private static Unroll oneWay(Cell cell, boolean isStatic, SizeOptions sizes) {
        return isStatic ? Unroll.fixed(cell, sizes.steps(), sizes.rows()) : Unroll.dynamic(cell);
    }

    /** Records the loss. */
    Node loss(Graph graph) {
        int[] lengths = new int[labels.shape().dim(1)];
        Arrays.fill(lengths, labels.shape().dim(0));
        return tagger.loss(graph.input(inputs), Tensor.of(lengths, lengths.length), labels);
    }

    List<Parameter> parameters() {
        return tagger.parameters();
    }
}
