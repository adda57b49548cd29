package dev.unfold.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.unfold.graph.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/**
 * A file of reference values, {@code {"about", "config", "tensors": {name: {"shape", "data"}}}}, from the folder
 * {@code golden} of the directory that the system property {@code unfold.shared} names. A test that asks for a file
 * which is not there is skipped.
 */
public final class Golden {
    private static final double COARSE = 1e-6;
    /** Half a unit of the last of eight decimals. */
    private static final double PRINTED = 5e-9;

    private final String name;
    private final JsonObject config;
    private final JsonObject tensors;

    private Golden(String name, JsonObject file) {
        this.name = name;
        this.config = file.getAsJsonObject("config");
        this.tensors = file.getAsJsonObject("tensors");
    }

    /** Reads {@code NAME.json}, or skips the test that asks. */
    public static Golden load(String name) {
        Path path = Path.of(System.getProperty("unfold.shared", "../shared"), "golden", name + ".json");
        Assumptions.assumeTrue(
                Files.isRegularFile(path),
                () -> "no reference values at " + path.toAbsolutePath()
                        + "; set -Dshared.dir to the folder above golden");
        try {
            return new Golden(
                    name, JsonParser.parseString(Files.readString(path)).getAsJsonObject());
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be read", e);
        }
    }

    /** Returns a tensor in float64. */
    public Tensor tensor(String tensor) {
        JsonObject found = member(tensors, "tensor", tensor).getAsJsonObject();
        return Tensor.of(doubles(found.getAsJsonArray("data")), ints(found.getAsJsonArray("shape")));
    }

    /** Returns whether there is a tensor of the name. */
    public boolean hasTensor(String tensor) {
        return tensors.has(tensor);
    }

    /** Returns the names of all tensors, in the order of the file. */
    public Set<String> tensorNames() {
        return tensors.keySet();
    }

    /** Returns whether there is a setting of the name. */
    public boolean hasConfig(String key) {
        return config.has(key);
    }

    /** Returns a setting that is a number. */
    public double config(String key) {
        return member(config, "setting", key).getAsDouble();
    }

    /** Returns a setting that is a number, or another value where there is none. */
    public double config(String key, double otherwise) {
        return config.has(key) ? config(key) : otherwise;
    }

    /** Returns a setting that is a whole number. */
    public int configInt(String key) {
        return member(config, "setting", key).getAsInt();
    }

    /** Returns a setting that is true or false; false where there is none. */
    public boolean configFlag(String key) {
        return config.has(key) && config.get(key).getAsBoolean();
    }

    /** Returns a setting that is a list of numbers. */
    public double[] configDoubles(String key) {
        return doubles(member(config, "setting", key).getAsJsonArray());
    }

    /** Returns a setting that is a list of whole numbers. */
    public int[] configInts(String key) {
        return ints(member(config, "setting", key).getAsJsonArray());
    }

    /** Returns whole numbers of the entry {@code first_sentence_of_the_course} of {@code lxmls_course_ud_ewt}. */
    public int[] firstSentence(String key) {
        return ints(firstSentence().getAsJsonArray(key));
    }

    /** Returns a number of the entry {@code first_sentence_of_the_course} of {@code lxmls_course_ud_ewt}. */
    public double firstSentenceNumber(String key) {
        return firstSentence().get(key).getAsDouble();
    }

    private JsonObject firstSentence() {
        return config.getAsJsonObject("first_sentence_of_the_course");
    }

    /**
     * Asserts that shapes are the same and that in every element {@code |a - b| <= relative |b|}; for float32 results, of a relative
     * bound that is coarse, {@code relative max(1, |b|)}.
     */
    public static void assertClose(Tensor expected, Tensor actual, double relative) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        for (int i = 0; i < expected.size(); i++) {
            double b = expected.getFlat(i);
            double a = actual.getFlat(i);
            double bound = relative * Math.max(relative > COARSE ? 1 : 0, Math.abs(b));
            // Not "> bound": a NaN must fail.
            if (!(Math.abs(a - b) <= bound)) {
                throw new AssertionError("element " + i + " of " + actual.shape() + " is " + a + "; expected " + b
                        + " to within " + bound);
            }
        }
    }

    /** Asserts that every element agrees with a number that was printed with eight decimals. */
    public static void assertPrinted(Tensor expected, Tensor actual) {
        assertThat(actual.shape()).isEqualTo(expected.shape());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.getFlat(i)).as("element " + i).isCloseTo(expected.getFlat(i), within(PRINTED + 1e-12));
        }
    }

    private JsonElement member(JsonObject object, String kind, String key) {
        JsonElement found = object.get(key);
        if (found == null) {
            throw new IllegalArgumentException(
                    "golden " + name + ": no " + kind + " '" + key + "'; there are " + object.keySet());
        }
        return found;
    }

    private static double[] doubles(JsonArray array) {
        double[] numbers = new double[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).getAsDouble();
        }
        return numbers;
    }

    private static int[] ints(JsonArray array) {
        int[] numbers = new int[array.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = array.get(i).getAsInt();
        }
        return numbers;
    }
}
