package dev.unfold.rnn.train;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.io.ModelFile;
import dev.unfold.rnn.io.WeightsFileException;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.optim.Optimizer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How far a training has come, to and from a file. */
final class Checkpoint {
    private static final String WEIGHTS = "weights/";
    private static final String BEST = "best/";
    private static final String OPTIMIZER = "optimizer/";
    private static final String CARRIED = "carried/";
    private static final String LOCK = "lock";
    private static final String UNFINISHED = "{" + Checkpoints.LAST + "," + Checkpoints.BEST + "}.*.tmp";

    private final Checkpoints where;
    private final Optimizer optimizer;
    private final Map<String, Tensor> carried;
    private final Map<String, String> settings;
    private @Nullable FileChannel lock;

    /**
     * Makes one.
     *
     * @param carried of the learner
     * @param settings of the loop, which those of the user join
     */
    Checkpoint(Checkpoints where, Optimizer optimizer, Map<String, Tensor> carried, Map<String, String> settings) {
        this.where = where;
        this.optimizer = optimizer;
        this.carried = carried;
        this.settings = new LinkedHashMap<>(settings);
        where.settings().forEach((name, value) -> this.settings.put("setting " + name, value));
    }

    /**
     * Makes the folder where there is none, keeps other programs out of it, and removes what one that was killed has left unfinished. The
     * system opens the lock when a program ends, however it does.
     *
     * @throws WeightsFileException where that fails, or another training is going on there
     */
    void open() {
        Path folder = where.folder();
        try {
            Files.createDirectories(folder);
            FileChannel channel =
                    FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock = channel;
            if (!isFree(channel)) {
                close();
                throw new WeightsFileException(
                        folder, "another training is going on there; wait for its end or name another folder");
            }
            try (DirectoryStream<Path> unfinished = Files.newDirectoryStream(folder, UNFINISHED)) {
                for (Path each : unfinished) {
                    Files.delete(each);
                }
            }
        } catch (IOException | DirectoryIteratorException exception) {
            throw new WeightsFileException(
                    folder, "checkpoints cannot be written there: " + exception + "; name another folder", exception);
        }
    }

    private static boolean isFree(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException ofThisProgram) {
            return false;
        }
    }

    /** Lets others in. */
    void close() {
        FileChannel held = lock;
        lock = null;
        if (held != null) {
            try {
                held.close();
            } catch (IOException exception) {
                throw new WeightsFileException(where.folder(), "its lock cannot be opened: " + exception, exception);
            }
        }
    }

    void write(TrainingState state, double seconds) {
        ModelFile.write(where.last(), Checkpoints.KIND_OF_LAST, json(state, seconds), tensors(state));
    }

    /** Returns what going on depends on: the tensors themselves, so that what is copied into them goes on. */
    private Map<String, Tensor> tensors(TrainingState state) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        ModelFile.put(tensors, WEIGHTS, optimizer.parameters());
        optimizer.state().forEach((name, value) -> tensors.put(OPTIMIZER + name, value));
        carried.forEach((name, value) -> tensors.put(CARRIED + name, value));
        Weights best = state.best;
        if (best != null) {
            best.values().forEach((name, value) -> tensors.put(BEST + name, value));
        }
        return tensors;
    }

    /** Writes the best weights, where there are some. */
    void writeBest(TrainingState state) {
        Weights best = state.best;
        if (best != null) {
            JsonObject json = new JsonObject();
            json.add("epoch", json(state.epochs.get(state.bestEpoch - 1)));
            ModelFile.write(where.best(), Checkpoints.KIND_OF_BEST, json, best.values());
        }
    }

    /**
     * Goes back to where a training has come.
     *
     * @param epochs that there will be at most
     * @throws WeightsFileException where the file is damaged or holds other tensors; nothing is changed then
     * @throws IllegalArgumentException where the training was another one; nothing is changed then
     */
    TrainingState read(int epochs) {
        ModelFile file = ModelFile.read(where.last(), Checkpoints.KIND_OF_LAST);
        refuseOthers(file.json());
        TrainingState state = state(file.json());
        int finished = state.epochs.size();
        if (finished > epochs || (finished == epochs && state.batches > 0)) {
            throw new IllegalArgumentException(
                    where.last() + ": holds a training that has come to batch " + state.batches
                            + " of epoch " + (finished + 1) + ", and there are to be " + epochs
                            + "; give as many epochs, or name another folder");
        }
        if (state.bestEpoch > 0) {
            state.best = Weights.copyOf(optimizer.parameters());
        }
        file.copyTo(tensors(state), "");
        optimizer.restore(file.json().get("optimizer_steps").getAsLong());
        return state;
    }

    private void refuseOthers(JsonObject json) {
        JsonObject there = json.getAsJsonObject("settings");
        List<String> differences = new ArrayList<>();
        settings.forEach((name, value) -> {
            JsonElement other = there.get(name);
            if (other == null || !other.getAsString().equals(value)) {
                differences.add(name + " is " + value + ", there "
                        + (other == null ? "it is not set" : "it is " + other.getAsString()));
            }
        });
        there.keySet().stream()
                .filter(name -> !settings.containsKey(name))
                .forEach(name -> differences.add(
                        name + " is not set, there it is " + there.get(name).getAsString()));
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException(where.last() + ": holds a training of another kind: "
                    + String.join("; ", differences) + "; go on with what it was begun with, or name another folder");
        }
    }

    private JsonObject json(TrainingState state, double seconds) {
        JsonObject json = new JsonObject();
        JsonObject all = new JsonObject();
        settings.forEach(all::addProperty);
        json.add("settings", all);
        json.addProperty("optimizer_steps", optimizer.steps());
        JsonArray epochs = new JsonArray();
        state.epochs.forEach(each -> epochs.add(json(each)));
        json.add("epochs", epochs);
        json.addProperty("batches", state.batches);
        json.addProperty("loss_sum", state.lossSum);
        json.addProperty("weight_sum", state.weightSum);
        json.addProperty("seconds", seconds);
        json.addProperty("best_epoch", state.bestEpoch);
        return json;
    }

    private static TrainingState state(JsonObject json) {
        TrainingState state = new TrainingState();
        List<Epoch> epochs = new ArrayList<>();
        json.getAsJsonArray("epochs").forEach(each -> epochs.add(epoch(each.getAsJsonObject())));
        state.epochs = List.copyOf(epochs);
        state.batches = json.get("batches").getAsInt();
        state.lossSum = json.get("loss_sum").getAsDouble();
        state.weightSum = json.get("weight_sum").getAsDouble();
        state.seconds = json.get("seconds").getAsDouble();
        state.bestEpoch = json.get("best_epoch").getAsInt();
        return state;
    }

    private static JsonObject json(Epoch epoch) {
        JsonObject json = new JsonObject();
        json.addProperty("number", epoch.number());
        json.addProperty("learning_rate", epoch.learningRate());
        json.add("train_loss", number(epoch.trainLoss()));
        json.add("training", json(epoch.training()));
        json.add("validation", json(epoch.validation()));
        json.addProperty("seconds", epoch.seconds());
        return json;
    }

    /** Also of a mean over nothing, for which JSON has no number. */
    private static JsonPrimitive number(double value) {
        return Double.isFinite(value) ? new JsonPrimitive(value) : new JsonPrimitive(Double.toString(value));
    }

    private static Epoch epoch(JsonObject json) {
        return new Epoch(
                json.get("number").getAsInt(),
                json.get("learning_rate").getAsDouble(),
                json.get("train_loss").getAsDouble(),
                score(json.get("training")),
                score(json.get("validation")),
                json.get("seconds").getAsDouble());
    }

    private static JsonElement json(@Nullable Score score) {
        if (score == null) {
            return JsonNull.INSTANCE;
        }
        JsonObject json = new JsonObject();
        json.add("loss_sum", number(score.lossSum()));
        json.addProperty("hits", score.hits());
        json.addProperty("count", score.count());
        return json;
    }

    private static @Nullable Score score(JsonElement json) {
        if (json.isJsonNull()) {
            return null;
        }
        JsonObject score = json.getAsJsonObject();
        return new Score(
                score.get("loss_sum").getAsDouble(),
                score.get("hits").getAsLong(),
                score.get("count").getAsLong());
    }
}
