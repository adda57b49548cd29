package dev.unfold.rnn.init;

import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.math3.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Makes the parameters of a model's cells and layers: of one precision, named below a path, drawn from one stream of
 * random numbers in the order in which they are made.
 */
public final class Parameters {
    private final String path;
    private final DType dtype;
    private final @Nullable RandomGenerator random;
    private final Model model;

    /** What all paths of one model share. */
    private static final class Model {
        /** What has been made below each path, in order. */
        final Map<String, List<Parameter>> made = new HashMap<>();

        final Set<String> claimed = new HashSet<>();
        long room;

        Model(long room) {
            this.room = room;
        }
    }

    /**
     * Begins a model.
     *
     * @param path what all names begin with, for example {@code rnn}
     * @param dtype float32 or float64
     * @param random where first values are drawn from, for example a {@link NumpyRandom}
     */
    public Parameters(String path, DType dtype, RandomGenerator random) {
        this(path, dtype, random, new Model(Long.MAX_VALUE));
    }

    private Parameters(String path, DType dtype, @Nullable RandomGenerator random, Model model) {
        this.path = path;
        this.dtype = dtype;
        this.random = random;
        this.model = model;
    }

    /**
     * Begins a model whose values are there already, to be copied in: initialisers draw nothing, and parameters are zeros where a cell does
     * not set them itself.
     *
     * @param path what all names begin with
     * @param dtype float32 or float64
     * @param numbers how many numbers there are; a parameter that needs more than are left is refused before it takes memory
     */
    public static Parameters zeros(String path, DType dtype, long numbers) {
        return new Parameters(path, dtype, null, new Model(numbers));
    }

    /** Returns the same below a longer path; model, stream and precision stay. */
    public Parameters below(String name) {
        return new Parameters(path + "." + name, dtype, random, model);
    }

    /** Returns what all names begin with. */
    public String path() {
        return path;
    }

    /** Returns everything that has been made below this path so far, in order. */
    public List<Parameter> made() {
        return List.copyOf(model.made.getOrDefault(path, List.of()));
    }

    /**
     * Makes a parameter.
     *
     * @param name its name below the path
     * @param initializer gives the first values
     * @param dims the lengths of its axes, a matrix as [fan-in, fan-out]
     * @throws IllegalArgumentException where there is one of that name already, or no room for it (see {@link #zeros})
     */
    public Parameter make(String name, Initializer initializer, int... dims) {
        String whole = claim("parameter", name);
        Shape shape = Shape.of(dims);
        if (shape.size() > model.room) {
            throw new IllegalArgumentException("parameter '" + whole + "' " + shape
                    + ": it holds more numbers than the " + model.room + " that are left for it");
        }
        model.room -= shape.size();
        Parameter parameter = random == null
                ? new Parameter(whole, Tensor.zeros(dtype, shape))
                : initializer.parameter(whole, dtype, random, dims);
        for (int dot = whole.indexOf('.'); dot >= 0; dot = whole.indexOf('.', dot + 1)) {
            model.made
                    .computeIfAbsent(whole.substring(0, dot), key -> new ArrayList<>())
                    .add(parameter);
        }
        return parameter;
    }

    /**
     * Takes a name of which the model may have one only: that of a parameter, or of something else that its name tells apart.
     *
     * @param what what is named so, for the message
     * @param name its name below the path
     * @return the whole name
     * @throws IllegalArgumentException where it is taken
     */
    public String claim(String what, String name) {
        String whole = path + "." + name;
        if (!model.claimed.add(whole)) {
            throw new IllegalArgumentException(what + " '" + whole
                    + "': there is one already; give each cell and layer a path of its own by below(name)");
        }
        return whole;
    }

    /**
     * Returns a size that a cell or layer was given.
     *
     * @throws IllegalArgumentException where it is below 1
     */
    public int checkSize(String what, int size) {
        if (size < 1) {
            throw new IllegalArgumentException(path + ": " + what + " is " + size + "; it must be at least 1");
        }
        return size;
    }
}
