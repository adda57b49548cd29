package dev.unfold.rnn.train;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.CrossEntropy;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.layer.Dense;
import dev.unfold.rnn.layer.Embedding;
import dev.unfold.rnn.model.Weights;
import dev.unfold.rnn.optim.Optimizer;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A training in which all that a checkpoint must keep matters: sparse updates of an embedding, dropout, a state that goes from batch to
 * batch, a rate that goes by validation, early stopping. It learns in a second.
 */
final class SmallTraining implements Learner<int[]> {
    static final int SYMBOLS = 30;
    private static final int HIDDEN = 8;
    private static final int STEPS = 6;
    private static final int ROWS = 4;
    private static final int TRAINING = 44;
    private static final int VALIDATION = 12;

    final List<Parameter> parameters = new ArrayList<>();
    final Optimizer optimizer;
    private final Embedding symbols;
    private final Cell cell;
    private final Dense next;
    private final TrainStep step;
    private final int[][] sequences = new int[TRAINING + VALIDATION][];
    private final Map<String, Tensor> carried = new LinkedHashMap<>();
    private State left = State.EMPTY;

    SmallTraining(Function<List<Parameter>, Optimizer> optimizer) {
        this(optimizer, HIDDEN);
    }

    SmallTraining(Function<List<Parameter>, Optimizer> optimizer, int hidden) {
        Parameters p = new Parameters("small", DType.FLOAT32, new NumpyRandom(7));
        symbols = new Embedding(p.below("symbols"), SYMBOLS, 5);
        cell = new DropoutCell(
                p.below("dropout"),
                new LstmCell(p.below("lstm"), 5, hidden),
                DropoutCell.options().output(0.8));
        next = new Dense(p.below("next"), hidden, SYMBOLS);
        parameters.addAll(symbols.parameters());
        parameters.addAll(cell.parameters());
        parameters.addAll(next.parameters());
        this.optimizer = optimizer.apply(parameters);
        step = new TrainStep(this.optimizer, 1, 3);
        for (String field : List.of("h", "c")) {
            carried.put(field, Tensor.zeros(DType.FLOAT32, ROWS, hidden));
        }
        NumpyRandom random = new NumpyRandom(1);
        for (int i = 0; i < sequences.length; i++) {
            int first = random.randint(0, SYMBOLS);
            int stride = 1 + random.randint(0, 2);
            sequences[i] = new int[STEPS + 1];
            for (int t = 0; t <= STEPS; t++) {
                sequences[i][t] = (first + t * stride) % SYMBOLS;
            }
        }
    }

    /** Makes the loop of this training. */
    TrainingLoop<int[]> loop(int epochs) {
        return loop(epochs, 4);
    }

    /** Makes the loop of this training with another patience. */
    TrainingLoop<int[]> loop(int epochs, int patience) {
        return new TrainingLoop<>(
                        optimizer,
                        Batches.shuffled(TRAINING, ROWS, 11, batch -> batch, batch -> batch.length),
                        this,
                        TrainingOptions.epochs(epochs)
                                .schedule(Schedule.warmUp(5, Schedule.onPlateau(0.5, 0)))
                                .patience(patience))
                .validation(this::validate);
    }

    private Tensor tokens(int[] batch, int from) {
        int[] tokens = new int[STEPS * batch.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = sequences[batch[i % batch.length]][i / batch.length + from];
        }
        return Tensor.of(tokens, STEPS, batch.length);
    }

    @Override
    public double update(int[] batch) {
        double loss = step.run(graph -> {
            State first = State.EMPTY;
            for (Map.Entry<String, Tensor> each : carried.entrySet()) {
                first = first.with(each.getKey(), graph.input(each.getValue()));
            }
            Unrolled run = Unroll.dynamic(cell).from(first).over(symbols.of(graph.input(tokens(batch, 0))));
            left = run.finalNodes();
            return CrossEntropy.meanOverTokens().of(next.of(run.outputs()), graph.input(tokens(batch, 1)));
        });
        carried.forEach((name, value) -> value.copyFrom(left.get(name).value()));
        return loss;
    }

    @Override
    public void beginEpoch() {
        carried.values().forEach(each -> each.fill(0));
    }

    @Override
    public Map<String, Tensor> carried() {
        return carried;
    }

    private Score validate() {
        int[] batch = new int[VALIDATION];
        for (int i = 0; i < VALIDATION; i++) {
            batch[i] = TRAINING + i;
        }
        Graph graph = Graph.inference();
        Node logits = next.of(Unroll.dynamic(cell)
                .over(symbols.of(graph.input(tokens(batch, 0))))
                .outputs());
        Tensor labels = tokens(batch, 1);
        double loss =
                CrossEntropy.meanOverTokens().of(logits, graph.input(labels)).item();
        return Score.of(loss, logits.value(), labels);
    }

    String sha256() {
        return Weights.sha256(parameters);
    }
}
