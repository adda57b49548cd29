package dev.unfold.rnn.weights;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.io.Safetensors;
import dev.unfold.rnn.unroll.Unroll;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Networks and files of random numbers. */
final class Networks {
    private Networks() {}

    /** Returns a network of any sizes; layers are of one size where a layout has room for no more. */
    static Unroll random(WeightLayout layout, NumpyRandom random, DType dtype) {
        RecurrentKind kind = layout.kind();
        boolean pytorch = layout.origin() == WeightLayout.Origin.PYTORCH;
        int hidden = random.randint(2, 5);
        int projection = pytorch && kind == RecurrentKind.LSTM && random.randint(0, 2) == 0 ? 1 : 0;
        List<Network.Size> sizes = new ArrayList<>();
        for (int layers = random.randint(1, 4); layers > 0; layers--) {
            sizes.add(new Network.Size(pytorch ? hidden : random.randint(1, 5), projection));
        }
        boolean vanilla = kind == RecurrentKind.RNN || kind == RecurrentKind.RNN_RELU;
        boolean bias = !vanilla || random.randint(0, 2) == 0;
        return of(new Network(kind, bias, random.randint(0, 2) == 0, random.randint(1, 5), sizes), random, dtype);
    }

    static Unroll of(Network network, NumpyRandom random, DType dtype) {
        Unroll unroll = network.unroll(network.cells(new Parameters("made", dtype, random)), Unroll::dynamic);
        for (Parameter parameter : unroll.parameters()) {
            fill(parameter.value(), random);
        }
        return unroll;
    }

    static Tensor tensor(NumpyRandom random, int... dims) {
        return fill(Tensor.zeros(DType.FLOAT64, dims), random);
    }

    private static Tensor fill(Tensor tensor, NumpyRandom random) {
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, random.nextGaussian() * 0.7);
        }
        return tensor;
    }

    static Tensor outputs(Unroll unroll, Tensor input) {
        return unroll.over(Graph.inference(), input).outputs().value();
    }

    static Path write(Path file, Map<String, Tensor> tensors) {
        new Safetensors(tensors, Map.of()).write(file);
        return file;
    }
}
