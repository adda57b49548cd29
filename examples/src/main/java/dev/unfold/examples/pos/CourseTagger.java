package dev.unfold.examples.pos;

import dev.unfold.examples.pos.CourseData.Indexed;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.optim.Sgd;
import dev.unfold.rnn.report.RunReport;
import dev.unfold.rnn.train.Score;
import dev.unfold.rnn.train.TrainStep;
import dev.unfold.rnn.unroll.LengthBuckets;
import dev.unfold.rnn.unroll.Unroll;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The LxMLS course's NumpyRNN: embeddings, a sigmoid cell and an output layer, all without biases; the mean cross entropy of a sentence;
 * gradient descent by one sentence at a time, in the order of the file.
 */
final class CourseTagger {
    static final int EMBEDDING = 50;
    static final int HIDDEN = 20;
    static final double LEARNING_RATE = 0.1;
    private static final double EMBEDDING_SCALE = 0.01;
    private static final int ROWS_AT_ONCE = 100;

    private final Embedding words;
    private final Cell cell;
    private final Dense tags;
    private final Unroll dynamic;
    private final List<Parameter> parameters = new ArrayList<>();
    private final ToDoubleFunction<Indexed> update;

    /**
     * What the numbers depend on, and how they are computed.
     *
     * @param fromPrimitives whether the cell is the one written from operations, not the library's
     */
    record Settings(
            int seed, DType dtype, boolean fromPrimitives, boolean isStatic, int threads, int words, int tags) {}

    CourseTagger(Settings settings) {
        // These draws are thrown away; the library's own first values are other ones.
        Parameters p = new Parameters("course", settings.dtype(), new NumpyRandom(settings.seed()));
        words = new Embedding(p.below("words"), settings.words(), EMBEDDING);
        cell = settings.fromPrimitives()
                ? new CourseCell(p.below("rnn"), EMBEDDING, HIDDEN)
                : new VanillaCell(p.below("rnn"), EMBEDDING, HIDDEN, Activation.SIGMOID, false);
        tags = new Dense(p.below("tags"), HIDDEN, settings.tags(), false);
        parameters.addAll(words.parameters());
        parameters.addAll(cell.parameters());
        parameters.addAll(tags.parameters());
        draw(new NumpyRandom(settings.seed()));
        dynamic = Unroll.dynamic(cell);
        update = updates(settings);
    }

    /** Draws first values as the course does: a matrix after the other, which there stand the other way round from the second on. */
    private void draw(NumpyRandom random) {
        for (Parameter parameter : parameters) {
            Tensor value = parameter.value();
            double[] draws = random.uniform(value.size());
            int rows = value.shape().dim(0);
            int columns = value.shape().dim(1);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    value.set(
                            parameter == words.table() ? EMBEDDING_SCALE * draws[i * columns + j] : draws[j * rows + i],
                            i,
                            j);
                }
            }
        }
    }

    private ToDoubleFunction<Indexed> updates(Settings settings) {
        TrainStep step = new TrainStep(new Sgd(parameters, LEARNING_RATE));
        step.threads(settings.threads());
        if (!settings.isStatic()) {
            return sentence ->
                    step.run(graph -> loss(dynamic, graph.input(sentence.words()), graph.input(sentence.tags())));
        }
        Unroll fixed = Unroll.fixed(cell, CourseData.LONGEST, 1);
        Tensor greatest = Tensor.zeros(DType.INT32, CourseData.LONGEST, 1);
        Plan plan = Plan.training(
                (graph, in) -> loss(fixed, graph.input(in.get(0)), graph.input(in.get(1))), greatest, greatest);
        plan.threads(settings.threads());
        return sentence -> step.run(plan, sentence.words(), sentence.tags());
    }

    private Node loss(Unroll unroll, Node sentence, Node right) {
        return CrossEntropy.meanOverTokens().of(logits(unroll, sentence), right);
    }

    private Node logits(Unroll unroll, Node sentences) {
        return tags.of(unroll.over(words.of(sentences)).outputs());
    }

    /** Returns what a page tells of the network on its way to the loss of a sentence. */
    RunReport report(Indexed sentence) {
        return RunReport.of(
                "course tagger",
                dynamic,
                (graph, unroll) -> loss(unroll, graph.input(sentence.words()), graph.input(sentence.tags())));
    }

    /** Returns all parameters: embeddings, the cell's, the output layer's. */
    List<Parameter> parameters() {
        return parameters;
    }

    /** Learns from each sentence once; returns the mean loss, each sentence's before it was learned from. */
    double train(List<Indexed> sentences) {
        double sum = 0;
        for (Indexed sentence : sentences) {
            sum += update.applyAsDouble(sentence);
        }
        return sum / sentences.size();
    }

    /** Returns how many words get their right tag. */
    int hits(List<Indexed> sentences) {
        List<int[]> given = tag(sentences);
        int hits = 0;
        for (int i = 0; i < given.size(); i++) {
            for (int step = 0; step < given.get(i).length; step++) {
                hits += given.get(i)[step] == (int) sentences.get(i).tags().getFlat(step) ? 1 : 0;
            }
        }
        return hits;
    }

    /** Returns the index of the tag that each word of each sentence gets. */
    List<int[]> tag(List<Indexed> sentences) {
        int[] lengths = sentences.stream().mapToInt(Indexed::length).toArray();
        List<int[]> given =
                Arrays.stream(lengths).mapToObj(length -> new int[length]).toList();
        Graph graph = Graph.inference();
        for (LengthBuckets.Batch batch :
                LengthBuckets.of(lengths, ROWS_AT_ONCE, 0).batches()) {
            List<Integer> rows = batch.sequences();
            graph.reset();
            Node words = graph.input(
                    sideBySide(rows.stream().map(i -> sentences.get(i).words()).toList()));
            Tensor logits = logits(dynamic, words).value();
            for (int row = 0; row < rows.size(); row++) {
                int[] tagsOfRow = given.get(rows.get(row));
                for (int step = 0; step < tagsOfRow.length; step++) {
                    tagsOfRow[step] = Score.best(logits, step * rows.size() + row);
                }
            }
        }
        return given;
    }

    /** Joins {@code [T, 1]} to {@code [T, N]}. */
    private static Tensor sideBySide(List<Tensor> columns) {
        int steps = columns.get(0).size();
        int rows = columns.size();
        int[] joined = new int[steps * rows];
        for (int i = 0; i < joined.length; i++) {
            joined[i] = (int) columns.get(i % rows).getFlat(i / rows);
        }
        return Tensor.of(joined, steps, rows);
    }
}
