package dev.unfold.examples.text;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.unfold.examples.data.DataException;
import dev.unfold.examples.mnist.CellKind;
import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.io.ModelFile;
import dev.unfold.rnn.model.LanguageModel;
import dev.unfold.rnn.unroll.Unroll;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** A language model with what its symbols are. */
final class TextModel {
    private static final String KIND = "unfold-text";
    private static final String PATH = "text";
    private static final String ALL = "";

    private final Shape shape;
    private final Vocabulary vocabulary;
    private final String start;
    private final List<Cell> layers = new ArrayList<>();
    private final LanguageModel model;

    /**
     * What a model is made of.
     *
     * @param tokens what its symbols are
     * @param cell of every layer
     * @param embedding numbers that stand for a symbol
     * @param hidden size of every layer
     * @param layers how many
     * @param keep the probability that an output between two layers is kept in training
     * @param dtype the precision
     */
    record Shape(Tokens tokens, CellKind cell, int embedding, int hidden, int layers, double keep, DType dtype) {}

    /** All of a model but its weights, as a file has it. */
    private record Stored(Shape shape, String start, List<String> vocabulary) {}

    /**
     * Makes a model with first weights.
     *
     * @param start the symbol that samples begin with where none is asked for
     */
    TextModel(Shape shape, Vocabulary vocabulary, String start, int seed) {
        this(shape, vocabulary, start, new Parameters(PATH, shape.dtype(), new NumpyRandom(seed)));
    }

    private TextModel(Shape shape, Vocabulary vocabulary, String start, Parameters parameters) {
        this.shape = shape;
        this.vocabulary = vocabulary;
        this.start = start;
        for (int i = 0; i < shape.layers(); i++) {
            Parameters own = parameters.below("layer" + i);
            Cell cell = shape.cell().make(own, i == 0 ? shape.embedding() : shape.hidden(), shape.hidden());
            boolean drops = shape.keep() < 1 && i < shape.layers() - 1;
            layers.add(drops ? new DropoutCell(own, cell, DropoutCell.options().output(shape.keep())) : cell);
        }
        this.model = new LanguageModel(parameters, vocabulary.size(), unroll(Unroll::dynamic));
    }

    private Unroll unroll(Function<Cell, Unroll> mode) {
        return Unroll.stacked(layers.stream().map(mode).toList());
    }

    /** Returns the model, unrolled dynamically. */
    LanguageModel model() {
        return model;
    }

    /** Returns the model, unrolled statically. */
    LanguageModel fixed(int steps, int rows) {
        return model.unrolled(unroll(cell -> Unroll.fixed(cell, steps, rows)));
    }

    /** Returns what its symbols are. */
    Tokens tokens() {
        return shape.tokens();
    }

    /** Returns the symbols that it knows. */
    Vocabulary vocabulary() {
        return vocabulary;
    }

    /** Returns the symbol that samples begin with where none is asked for. */
    String start() {
        return start;
    }

    /**
     * Writes the model to a file.
     *
     * @throws dev.unfold.rnn.io.WeightsFileException where that fails
     */
    void save(Path file) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        ModelFile.put(tensors, ALL, model.parameters());
        Stored stored = new Stored(shape, start, vocabulary.symbols());
        ModelFile.write(file, KIND, new Gson().toJsonTree(stored).getAsJsonObject(), tensors);
    }

    /**
     * Reads a model that {@link #save} has written.
     *
     * @throws dev.unfold.rnn.io.WeightsFileException where the file is none
     * @throws DataException where it describes none
     */
    static TextModel load(Path file) {
        ModelFile read = ModelFile.read(file, KIND);
        long numbers = read.tensors().values().stream().mapToLong(Tensor::size).sum();
        TextModel loaded;
        try {
            Stored stored = new Gson().fromJson(read.json(), Stored.class);
            Objects.requireNonNull(stored.start(), "it lacks a start");
            Objects.requireNonNull(stored.shape(), "it lacks a shape");
            Objects.requireNonNull(stored.shape().tokens(), "its tokens are of no known kind");
            loaded = new TextModel(
                    stored.shape(),
                    new Vocabulary(stored.vocabulary()),
                    stored.start(),
                    Parameters.zeros(PATH, stored.shape().dtype(), numbers));
        } catch (JsonParseException | IllegalArgumentException | NullPointerException exception) {
            throw new DataException(
                    file + ": does not describe a model of text --save: " + exception.getMessage(), exception);
        }
        read.copyTo(loaded.model.parameters(), ALL);
        return loaded;
    }
}
