package dev.unfold.rnn.io;

import static dev.unfold.rnn.io.WeightsFileException.quoted;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.Maps;
import com.google.common.hash.Funnels;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.io.Safetensors.Header;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A model or a checkpoint in a file: tensors, and a JSON object with all that is no tensor. It is a safetensors file, so other programs can
 * look into it, whose metadata say what kind of file it is, in which version of its form, and the SHA-256 of what it holds.
 */
public final class ModelFile {
    private static final String VERSION = "1";
    private static final String KIND_KEY = "format";
    private static final String VERSION_KEY = "version";
    private static final String JSON_KEY = "json";
    private static final String HASH_KEY = "sha256";
    private static final Set<String> KEYS = Set.of(KIND_KEY, VERSION_KEY, JSON_KEY, HASH_KEY);
    private static final String NOTHING = "nothing";
    private static final int LISTED = 10;

    private final Path file;
    private final JsonObject json;
    private final Map<String, Tensor> tensors;

    private ModelFile(Path file, JsonObject json, Map<String, Tensor> tensors) {
        this.file = file;
        this.json = json;
        this.tensors = tensors;
    }

    /**
     * Adds the values of parameters, which are not copied, to tensors to be written, each by a prefix and its name.
     *
     * @throws IllegalArgumentException where there is a tensor of such a name
     */
    public static void put(Map<String, Tensor> tensors, String prefix, List<Parameter> parameters) {
        for (Parameter parameter : parameters) {
            String name = prefix + parameter.name();
            if (tensors.putIfAbsent(name, parameter.value()) != null) {
                throw new IllegalArgumentException("model file: two tensors would be called " + quoted(name)
                        + "; give parameters different names or prefixes");
            }
        }
    }

    /**
     * Writes a file, which appears whole or not at all.
     *
     * @param kind what the file is, for example {@code unfold-checkpoint}; it is read as nothing else
     * @param json all that is no tensor
     * @param tensors are written in their order
     * @throws WeightsFileException where that fails
     * @throws IllegalArgumentException for names and texts that are not Unicode, or JSON that could not be read again
     */
    public static void write(Path file, String kind, JsonObject json, Map<String, Tensor> tensors) {
        String text = json.toString();
        try {
            parse(text);
        } catch (JsonParseException exception) {
            throw new IllegalArgumentException(
                    "model file: its JSON cannot be read again: " + quoted(exception), exception);
        }
        Map<String, String> metadata =
                Map.of(KIND_KEY, kind, VERSION_KEY, VERSION, JSON_KEY, text, HASH_KEY, sha256(kind, text, tensors));
        new Safetensors(tensors, metadata).write(file);
    }

    /**
     * Reads a file.
     *
     * @param kind what it must be
     * @throws WeightsFileException for a file that cannot be read, is of another kind or a newer version, or is damaged
     */
    public static ModelFile read(Path file, String kind) {
        return read(file, kind, Integer.MAX_VALUE);
    }

    /**
     * Reads a file whose JSON is short.
     *
     * @param kind what it must be
     * @param longest the most characters of JSON; more are refused before memory is taken for what they say
     * @throws WeightsFileException for a file that cannot be read, is of another kind or a newer version, or is damaged
     */
    public static ModelFile read(Path file, String kind, int longest) {
        return read(file, kind, header -> {
            int length = header.metadata().getOrDefault(JSON_KEY, "").length();
            if (length > longest) {
                throw new WeightsFileException(
                        file,
                        "its text under 'json' has " + length + " characters; a file of the kind " + quoted(kind)
                                + " has at most " + longest + "; write it anew");
            }
        });
    }

    /**
     * Reads a file that holds the values of parameters, which {@link #copyTo} then copies; where it does not, no memory is taken.
     *
     * @param kind what it must be
     * @throws WeightsFileException for a file that cannot be read, is of another kind or a newer version, is damaged, or where
     *     {@link #copyTo} would throw
     */
    public static ModelFile read(Path file, String kind, List<Parameter> parameters, String prefix) {
        Map<String, Tensor> targets = named(prefix, parameters);
        return read(file, kind, header -> {
            Map<String, String> found = Maps.transformValues(
                    header.entries(), entry -> text(entry.type().dtype(), entry.shape()));
            checkSame(file, found, targets, prefix);
        });
    }

    private static ModelFile read(Path file, String kind, Consumer<Header> check) {
        Safetensors content = Safetensors.read(file, header -> {
            checkKind(file, kind, header.metadata());
            check.accept(header);
        });
        String text = content.metadata().getOrDefault(JSON_KEY, "");
        String found = sha256(kind, text, content.tensors());
        if (!found.equals(content.metadata().get(HASH_KEY))) {
            throw new WeightsFileException(
                    file,
                    "the file is damaged: the SHA-256 of what it holds is " + found + "; it says "
                            + quoted(content.metadata().getOrDefault(HASH_KEY, "")) + "; get it again");
        }
        try {
            return new ModelFile(file, parse(text), content.tensors());
        } catch (JsonParseException exception) {
            throw new WeightsFileException(
                    file, "its text under 'json' is no JSON object: " + quoted(exception), exception);
        }
    }

    private static void checkKind(Path file, String kind, Map<String, String> metadata) {
        String found = metadata.get(KIND_KEY);
        if (!kind.equals(found)) {
            throw new WeightsFileException(
                    file,
                    "is " + (found == null ? "of no kind" : "of the kind " + quoted(found))
                            + "; expected a file of the kind " + quoted(kind));
        }
        String version = metadata.getOrDefault(VERSION_KEY, "");
        if (!version.equals(VERSION)) {
            throw new WeightsFileException(
                    file,
                    "its version is " + quoted(version) + "; this release reads version " + VERSION
                            + "; use the release that wrote it, or a newer one");
        }
        if (!metadata.keySet().equals(KEYS)) {
            throw new WeightsFileException(
                    file,
                    "the file is damaged: its metadata are called "
                            + quoted(metadata.keySet().toString()) + "; get it again");
        }
    }

    /** Returns all that is no tensor, as a copy. */
    public JsonObject json() {
        return json.deepCopy();
    }

    /** Returns the tensors by name, in the order of the file. */
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /**
     * Copies the tensors whose names are a prefix and the name of a parameter into the values of parameters. All that begins with the prefix
     * must be the value of one of them, and have its precision and shape.
     *
     * @throws WeightsFileException where that is not so, naming all that differ; nothing is changed then
     */
    public void copyTo(List<Parameter> parameters, String prefix) {
        copyTo(named(prefix, parameters), prefix);
    }

    /**
     * Copies tensors into those of the same names. All that begins with a prefix must be among them, and have their precision and shape.
     *
     * @param targets are written into
     * @throws WeightsFileException where that is not so, naming all that differ; nothing is changed then
     */
    public void copyTo(Map<String, Tensor> targets, String prefix) {
        checkSame(file, Maps.transformValues(tensors, ModelFile::text), targets, prefix);
        targets.forEach((name, target) -> target.copyFrom(Objects.requireNonNull(tensors.get(name))));
    }

    private static Map<String, Tensor> named(String prefix, List<Parameter> parameters) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        put(named, prefix, parameters);
        return named;
    }

    private static void checkSame(Path file, Map<String, String> found, Map<String, Tensor> targets, String prefix) {
        List<String> differing = new ArrayList<>();
        targets.forEach((name, target) -> {
            String there = found.getOrDefault(name, NOTHING);
            if (!there.equals(text(target))) {
                differing.add(quoted(name) + ": expected " + text(target) + ", found " + there);
            }
        });
        found.forEach((name, there) -> {
            if (name.startsWith(prefix) && !targets.containsKey(name)) {
                differing.add(quoted(name) + ": expected " + NOTHING + ", found " + there);
            }
        });
        if (!differing.isEmpty()) {
            int more = differing.size() - LISTED;
            throw new WeightsFileException(
                    file,
                    "its weights are not those of the model: "
                            + String.join("; ", differing.subList(0, Math.min(LISTED, differing.size())))
                            + (more > 0 ? "; and " + more + " more" : "")
                            + "; make the model with the settings that the file was written with");
        }
    }

    private static String text(Tensor tensor) {
        return text(tensor.dtype(), tensor.shape());
    }

    private static String text(DType dtype, Shape shape) {
        return dtype + " " + shape;
    }

    /** Reads a JSON object and nothing behind it. */
    private static JsonObject parse(String text) {
        JsonReader reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
        JsonElement parsed = JsonParser.parseReader(reader);
        try {
            if (!parsed.isJsonObject() || reader.peek() != JsonToken.END_DOCUMENT) {
                throw new JsonParseException("expected one object");
            }
        } catch (IOException exception) {
            throw new JsonParseException(exception);
        }
        return parsed.getAsJsonObject();
    }

    /** Every text goes in behind its length, so what differs cannot look the same. */
    private static String sha256(String kind, String json, Map<String, Tensor> tensors) {
        Hasher hasher = Hashing.sha256().newHasher();
        List.of(kind, VERSION, json).forEach(each -> put(hasher, each));
        hasher.putInt(tensors.size());
        OutputStream elements = Funnels.asOutputStream(hasher);
        tensors.forEach((name, tensor) -> {
            put(hasher, name);
            put(hasher, StoredType.of(tensor.dtype()).name());
            hasher.putInt(tensor.shape().rank());
            for (int length : tensor.shape().dims()) {
                hasher.putInt(length);
            }
            try {
                StoredType.write(tensor, elements);
            } catch (IOException exception) {
                throw new UncheckedIOException(exception);
            }
        });
        return hasher.hash().toString();
    }

    private static void put(Hasher hasher, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        hasher.putInt(bytes.length).putBytes(bytes);
    }
}
