package dev.unfold.rnn.model;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The values of a model's parameters taken together. */
public final class Weights {
    private final List<Parameter> parameters;
    private final List<Tensor> values;

    private Weights(List<Parameter> parameters) {
        this.parameters = List.copyOf(parameters);
        this.values = parameters.stream().map(each -> each.value().copy()).toList();
    }

    /** Copies the present values, to be put back by {@link #restore()}. */
    public static Weights copyOf(List<Parameter> parameters) {
        return new Weights(parameters);
    }

    /** Returns the copied values themselves, by the names of the parameters. */
    public Map<String, Tensor> values() {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            named.put(parameters.get(i).name(), values.get(i));
        }
        return named;
    }

    /** Puts the copied values back into the parameters. */
    public void restore() {
        for (int i = 0; i < parameters.size(); i++) {
            parameters.get(i).value().copyFrom(values.get(i));
        }
    }

    /** Returns the number of numbers in all parameters. */
    public static long count(List<Parameter> parameters) {
        return parameters.stream().mapToLong(each -> each.value().size()).sum();
    }

    /**
     * Returns the SHA-256, in hexadecimal, of the bits of all parameters in the order of their names, each element as 4 or
     * 8 bytes, the lowest first. Equal hashes mean equal weights to the last bit.
     */
    public static String sha256(List<Parameter> parameters) {
        Hasher hasher = Hashing.sha256().newHasher();
        parameters.stream().sorted(Comparator.comparing(Parameter::name)).forEach(each -> put(hasher, each.value()));
        return hasher.hash().toString();
    }

    private static void put(Hasher hasher, Tensor value) {
        for (int i = 0; i < value.size(); i++) {
            if (value.dtype() == DType.FLOAT32) {
                hasher.putInt(Float.floatToRawIntBits(value.floats()[value.offset() + i]));
            } else {
                hasher.putLong(Double.doubleToRawLongBits(value.doubles()[value.offset() + i]));
            }
        }
    }
}
