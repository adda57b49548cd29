package dev.unfold.rnn.unroll;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import java.util.function.UnaryOperator;

/**
 * Runs a cell one step at a time, for inputs that come one at a time, with the bits of a run over the whole sequence.
 *
 * <pre>{@code
 * Stepper stepper = Stepper.of(cell).reading(embedding::of).giving(h -> softmax(dense.of(h)));
 * DetachedState state = stepper.start(FLOAT32, 1);
 * while (true) {
 *     StepResult step = stepper.next(token, state); // token int32 [1]
 *     ...
 *     state = step.state();
 * }
 * }</pre>
 *
 * <p>The state is a value that the caller holds, and no step changes it: to fork, go on from one state more than once; to roll back,
 * go on from an earlier one; to keep the best beams, choose {@link DetachedState#rows}. Rows do not touch each other, so that any
 * number of streams may share a batch.
 *
 * <p>A stepper keeps nothing from step to step but the memory of one step, which it uses again. It belongs to one thread at a time; what
 * it runs is only read, and may be run by any number of steppers at once.
 */
public final class Stepper {
    private final Graph graph = Graph.inference();
    private final Unroll unroll;
    private final UnaryOperator<Node> reading;
    private final UnaryOperator<Node> giving;

    private Stepper(Unroll unroll, UnaryOperator<Node> reading, UnaryOperator<Node> giving) {
        this.unroll = unroll;
        this.reading = reading;
        this.giving = giving;
    }

    /** Makes a stepper of a cell. */
    public static Stepper of(Cell cell) {
        return of(Unroll.dynamic(cell));
    }

    /**
     * Makes a stepper of an unroll, of several layers for instance.
     *
     * @throws IllegalArgumentException where it goes backwards
     */
    public static Stepper of(Unroll unroll) {
        if (!unroll.isCausal()) {
            throw new IllegalArgumentException(
                    "stepper: the unroll goes backwards and so begins with the end of a sequence, which"
                            + " has not come yet; expected one that goes forwards, in all its layers");
        }
        return new Stepper(unroll, UnaryOperator.identity(), UnaryOperator.identity());
    }

    /** Returns one with what comes before the cell: a function from the node of the input to {@code [N, D]}, an embedding for example. */
    public Stepper reading(UnaryOperator<Node> function) {
        return new Stepper(unroll, function, giving);
    }

    /** Returns one with what comes behind the cell: a function of its output {@code [N, H]}, a dense layer and softmax for example. */
    public Stepper giving(UnaryOperator<Node> function) {
        return new Stepper(unroll, reading, function);
    }

    /**
     * Returns the state to begin with.
     *
     * @param dtype the precision of the cell
     * @param rows N
     */
    public DetachedState start(DType dtype, int rows) {
        graph.reset();
        return unroll.over(graph, Tensor.zeros(dtype, 0, rows, unroll.inputSize()))
                .finalState();
    }

    /**
     * Makes one step.
     *
     * @param x {@code [N, D]}, or whatever is read
     * @param state what the step begins with; it stays as it is
     * @throws IllegalArgumentException where input or state do not fit
     */
    public StepResult next(Tensor x, DetachedState state) {
        graph.reset();
        Node input = reading.apply(graph.input(x));
        Shape shape = input.shape();
        if (shape.rank() != 2 || shape.dim(1) != unroll.inputSize()) {
            throw new IllegalArgumentException("stepper: the input of a step is " + shape
                    + "; expected [batch, features " + unroll.inputSize() + "]");
        }
        Node sequence = Ops.reshape(input, 1, shape.dim(0), shape.dim(1));
        Unrolled run = unroll.from(state).over(sequence);
        return new StepResult(giving.apply(run.output(0)).value(), run.finalState());
    }

    /** Returns the bytes of the memory in which the values of a step live. */
    public long bytes() {
        return graph.bytes();
    }
}
