package dev.unfold.examples.mnist;

import com.google.common.base.Throwables;
import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.unfold.examples.data.DataException;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.io.ModelFile;
import dev.unfold.rnn.io.WeightsFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Trained classifiers of digits in files: {@link NetworkSettings} as JSON, and the weights. */
final class DigitFile {
    private static final String KIND = "unfold-mnist";
    private static final String PATH = "mnist";
    private static final Gson GSON = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .create();

    private DigitFile() {}

    /**
     * Writes a network.
     *
     * @throws WeightsFileException where that fails
     */
    static void write(Path file, DigitNetwork network) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        ModelFile.put(weights, "", network.parameters());
        ModelFile.write(file, KIND, GSON.toJsonTree(network.settings()).getAsJsonObject(), weights);
    }

    /**
     * Reads a network.
     *
     * @throws WeightsFileException for a file that cannot be read, is of another kind, or is damaged
     * @throws DataException for settings that no network can have
     */
    static DigitNetwork read(Path file) {
        ModelFile content = ModelFile.read(file, KIND);
        NetworkSettings settings = settings(file, content.json());
        long numbers =
                content.tensors().values().stream().mapToLong(Tensor::size).sum();
        DigitNetwork network;
        try {
            network = new DigitNetwork(settings, Parameters.zeros(PATH, settings.dtype(), numbers));
        } catch (IllegalArgumentException exception) {
            throw unusable(file, exception);
        }
        content.copyTo(network.parameters(), "");
        return network;
    }

    private static NetworkSettings settings(Path file, JsonObject json) {
        try {
            return GSON.fromJson(json, NetworkSettings.class);
        } catch (RuntimeException exception) {
            // What a record's constructor throws comes wrapped.
            throw unusable(file, exception);
        }
    }

    private static DataException unusable(Path file, RuntimeException why) {
        return new DataException(
                file + ": its settings are not those of a model of mnist --save: "
                        + Throwables.getRootCause(why).getMessage(),
                why);
    }
}
