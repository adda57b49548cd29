package dev.unfold.tribuo.onnx;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Batches to be run here and elsewhere. */
final class Batches {
    private Batches() {}

    /** Steps and rows. */
    static final List<int[]> SIZES = List.of(
            new int[] {1, 1}, new int[] {7, 1}, new int[] {1, 3}, new int[] {5, 3}, new int[] {1, 17}, new int[] {9, 17
            });

    static Parameters parameters(int seed) {
        return new Parameters("rnn", DType.FLOAT32, new NumpyRandom(seed));
    }

    /** Draws all weights anew, so that none is 0 or 1. */
    static void shake(List<Parameter> parameters, long seed) {
        Random random = new Random(seed);
        for (Parameter parameter : parameters) {
            for (int i = 0; i < parameter.value().size(); i++) {
                parameter.value().setFlat(i, 0.6 * random.nextGaussian());
            }
        }
    }

    static Tensor random(Random random, int... dims) {
        Tensor tensor = Tensor.zeros(DType.FLOAT32, dims);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, random.nextGaussian());
        }
        return tensor;
    }

    /** Draws lengths, among them 0, 1 and all steps where there are so many rows. */
    static Tensor lengths(Random random, int steps, int rows) {
        Tensor lengths = Tensor.zeros(DType.INT32, rows);
        int[] first = {steps, 0, 1};
        for (int row = 0; row < rows; row++) {
            lengths.setFlat(row, row < first.length && rows > 1 ? first[row] : random.nextInt(steps + 1));
        }
        return lengths;
    }

    /** Puts NaN where steps do not count. */
    static void spoil(Tensor input, Tensor lengths) {
        for (int t = 0; t < input.shape().dim(0); t++) {
            for (int row = 0; row < lengths.size(); row++) {
                if (t >= lengths.getFlat(row)) {
                    input.at(t).at(row).fill(Double.NaN);
                }
            }
        }
    }

    /** Returns all that an unroll makes of a batch, named as in what is exported. */
    static Map<String, Tensor> expected(Unroll unroll, Tensor input, Lengths lengths) {
        Unrolled run = unroll.over(Graph.inference(), input, lengths);
        Map<String, Tensor> expected = new LinkedHashMap<>();
        expected.put("output", run.outputs().value());
        expected.put("last", run.last().value());
        run.finalState().values().forEach((field, value) -> expected.put("final." + field, value));
        return expected;
    }
}
