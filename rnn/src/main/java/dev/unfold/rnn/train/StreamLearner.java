package dev.unfold.rnn.train;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.model.LanguageModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Trains a language model on {@link Streams}, one update for each batch: a batch begins with the values of the state that the one before
 * left, through which no gradient flows. At the beginning of an epoch the state is the model's own; where that is learned it stays as it is,
 * since no gradient flows to it.
 *
 * <pre>{@code
 * StreamLearner learner = StreamLearner.planned(model.unrolled(Unroll.fixed(cell, 35, 20)), step, 35, 20);
 * new TrainingLoop<>(optimizer, Streams.of(symbols, 20, 35), learner, TrainingOptions.epochs(5)).run();
 * }</pre>
 */
public final class StreamLearner implements Learner<Streams.Batch> {
    private static final int FIRST_OF_STATE = 2;

    private final LanguageModel model;
    private final TrainStep step;
    private final int rows;
    private final Map<String, Tensor> carried;
    private final @Nullable Plan plan;
    /** What the run over so many steps leaves: a plan has a recording for each number of steps. */
    private final Map<Integer, State> left = new HashMap<>();

    private StreamLearner(LanguageModel model, TrainStep step, int rows, int plannedSteps) {
        this.model = model;
        this.step = step;
        this.rows = rows;
        this.carried = model.start(rows).values();
        if (plannedSteps > 0) {
            Tensor symbols = Tensor.zeros(DType.INT32, plannedSteps, rows);
            this.plan = Plan.training(this::loss, batch(new Streams.Batch(symbols, symbols)));
        } else {
            this.plan = null;
        }
    }

    /**
     * Makes a learner that records every batch anew.
     *
     * @param step makes the updates; the threads that it was given work
     * @param rows N, how many streams there are
     */
    public static StreamLearner recording(LanguageModel model, TrainStep step, int rows) {
        return new StreamLearner(model, step, rows, 0);
    }

    /**
     * Makes a learner that replays a plan, with the bits of {@link #recording}.
     *
     * @param steps T, the most steps of a batch
     * @param rows N, how many streams there are
     * @throws IllegalArgumentException for less than one step
     */
    public static StreamLearner planned(LanguageModel model, TrainStep step, int steps, int rows) {
        if (steps < 1) {
            throw new IllegalArgumentException(
                    "stream learner: it is planned for " + steps + " steps; expected at least 1");
        }
        return new StreamLearner(model, step, rows, steps);
    }

    /** Lets so many threads share the work: of the plan where there is one, else of the step. */
    public StreamLearner threads(int count) {
        if (plan == null) {
            step.threads(count);
        } else {
            plan.threads(count);
        }
        return this;
    }

    private Tensor[] batch(Streams.Batch symbols) {
        List<Tensor> batch = new ArrayList<>(List.of(symbols.tokens(), symbols.next()));
        batch.addAll(carried.values());
        return batch.toArray(new Tensor[0]);
    }

    private Node loss(Graph graph, List<Tensor> batch) {
        State state = State.EMPTY;
        int input = FIRST_OF_STATE;
        for (String field : carried.keySet()) {
            state = state.with(field, graph.input(batch.get(input++)));
        }
        LanguageModel.Run run = model.from(state).over(graph.input(batch.get(0)));
        left.put(batch.get(0).shape().dim(0), run.finalNodes());
        return run.loss(graph.input(batch.get(1)));
    }

    @Override
    public double update(Streams.Batch batch) {
        Tensor[] tensors = batch(batch);
        double loss = plan == null ? step.run(graph -> loss(graph, List.of(tensors))) : step.run(plan, tensors);
        State state = left.getOrDefault(batch.tokens().shape().dim(0), State.EMPTY);
        carried.forEach((field, value) -> value.copyFrom(state.get(field).value()));
        return loss;
    }

    @Override
    public void beginEpoch() {
        DetachedState start = model.start(rows);
        carried.forEach((field, value) -> value.copyFrom(start.get(field)));
    }

    /** Returns the state that goes from batch to batch, by the names of its fields. */
    @Override
    public Map<String, Tensor> carried() {
        return carried;
    }
}
