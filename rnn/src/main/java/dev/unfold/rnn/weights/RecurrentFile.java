package dev.unfold.rnn.weights;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.io.ModelFile;
import dev.unfold.rnn.io.WeightsFileException;
import dev.unfold.rnn.unroll.Unroll;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Recurrent layers in a file: their weights under our names, and what they are made of. */
public final class RecurrentFile {
    private static final String KIND = "unfold-recurrent";
    private static final String PATH = "rnn";
    /** Sizes above it would overflow in products with the number of gates. */
    private static final int GREATEST_SIZE = 1 << 24;
    /** Of what is said of the most layers, with the greatest sizes. */
    private static final int LONGEST_JSON = 200 + 20 * Network.MOST_LAYERS;

    private RecurrentFile() {}

    /**
     * Writes an unroll, whose initial state, budget and mode are not kept; parameters get names of their own.
     *
     * @throws WeightsFileException where that fails
     * @throws IllegalArgumentException where it is made of anything but layers of one kind that other systems have, saying why
     */
    public static void write(Path file, Unroll unroll) {
        List<List<Cell>> cells = Network.cells(unroll.structure());
        Network network = Network.of(cells);
        JsonObject json = new JsonObject();
        Gson gson = new Gson();
        json.addProperty("cell", network.kind().name());
        json.addProperty("bias", network.bias());
        json.addProperty("bidirectional", network.isBothWays());
        json.addProperty("input", network.inputSize());
        json.add(
                "hidden",
                gson.toJsonTree(
                        network.layers().stream().map(Network.Size::hidden).toList()));
        json.add(
                "projection",
                gson.toJsonTree(
                        network.layers().stream().map(Network.Size::projection).toList()));
        List<Parameter> parameters = Network.parameters(cells);
        DType dtype = parameters.get(0).dtype();
        List<Parameter> named = Network.parameters(network.cells(Parameters.zeros(PATH, dtype, Long.MAX_VALUE)));
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < named.size(); i++) {
            tensors.put(named.get(i).name(), parameters.get(i).value());
        }
        ModelFile.write(file, KIND, json, tensors);
    }

    /**
     * Reads an unroll, which is dynamic.
     *
     * @throws WeightsFileException where the file cannot be read, is no such file or is damaged
     */
    public static Unroll read(Path file) {
        ModelFile content = ModelFile.read(file, KIND, LONGEST_JSON);
        List<List<Cell>> cells;
        Network network;
        try {
            network = network(content.json());
            long numbers =
                    content.tensors().values().stream().mapToLong(Tensor::size).sum();
            if (numbers == 0) {
                throw new IllegalArgumentException("there are no weights");
            }
            DType dtype = content.tensors().values().iterator().next().dtype();
            cells = network.cells(Parameters.zeros(PATH, dtype, numbers));
        } catch (RuntimeException exception) {
            throw new WeightsFileException(
                    file, "says of no network what it is: " + exception.getMessage() + "; write it anew", exception);
        }
        content.copyTo(Network.parameters(cells), "");
        return network.unroll(cells, Unroll::dynamic);
    }

    private static Network network(JsonObject json) {
        List<Integer> hidden = sizes(json, "hidden", 1);
        List<Integer> projection = sizes(json, "projection", 0);
        if (hidden.isEmpty() || hidden.size() != projection.size()) {
            throw new IllegalArgumentException(hidden.size() + " hidden and " + projection.size()
                    + " projection sizes; expected as many, at least one");
        }
        return new Network(
                RecurrentKind.valueOf(get(json, "cell").getAsString()),
                get(json, "bias").getAsBoolean(),
                get(json, "bidirectional").getAsBoolean(),
                checked("input", get(json, "input"), 1),
                IntStream.range(0, hidden.size())
                        .mapToObj(i -> new Network.Size(hidden.get(i), projection.get(i)))
                        .toList());
    }

    private static List<Integer> sizes(JsonObject json, String name, int least) {
        JsonElement found = get(json, name);
        if (!found.isJsonArray()) {
            throw new IllegalArgumentException("'" + name + "' is " + found + "; expected an array of sizes");
        }
        Network.checkLayers(found.getAsJsonArray().size());
        List<Integer> sizes = new ArrayList<>();
        found.getAsJsonArray().forEach(each -> sizes.add(checked(name, each, least)));
        return sizes;
    }

    private static JsonElement get(JsonObject json, String name) {
        JsonElement found = json.get(name);
        if (found == null || found.isJsonNull()) {
            throw new IllegalArgumentException("there is no '" + name + "'");
        }
        return found;
    }

    private static int checked(String name, JsonElement size, int least) {
        int number = size.getAsInt();
        if (number < least || number > GREATEST_SIZE) {
            throw new IllegalArgumentException(
                    name + " size " + number + "; expected " + least + " to " + GREATEST_SIZE);
        }
        return number;
    }
}
