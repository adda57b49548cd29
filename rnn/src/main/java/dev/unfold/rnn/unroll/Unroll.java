package dev.unfold.rnn.unroll;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.State;
import java.util.List;

/**
 * Unfolds a cell over time: one step of the cell for each step of a sequence, with the same parameters, each beginning with the
 * state that the one before left.
 *
 * <pre>
 * state = initial state
 * for t = 0 .. T-1:  output[t], state = cell.step(inputs[t], state)
 * </pre>
 *
 * <p>Sequences are time-major, {@code [T, N, D]}: T steps of N rows with D features. {@link Lengths} say which steps of which rows
 * count. Steps that count for no row are not computed.
 *
 * <p>Immutable; the methods that change something return a new object.
 */
public interface Unroll {
    /** Unfolds as the batch asks for it: every step runs and is recorded anew, as many as the sequence has. */
    static Unroll dynamic(Cell cell) {
        return new CellUnroll(cell, DynamicUnroll.DYNAMIC);
    }

    /**
     * Unfolds by one recording of the step, made for sequences of so many steps and rows and replayed: what runs and what comes out is
     * the same as of {@link #dynamic}, to the last bit. The number of recorded operations does not grow with the number of steps, and
     * the memory is that of the greatest sequences, whatever comes: each graph makes it at the first run and keeps it. In a {@link
     * dev.unfold.graph.Plan} it is there before the first batch, and training allocates nothing.
     *
     * <p>The cell must record the same operations at every step: one that branches on values, counts its calls or draws numbers of its
     * own is refused when its step is recorded.
     *
     * @param maxSteps the most steps that a sequence will have, at least 1
     * @param maxRows the most rows that a batch will have, at least 1
     * @throws IllegalArgumentException for less than one step or row
     */
    static Unroll fixed(Cell cell, int maxSteps, int maxRows) {
        return FixedUnroll.of(cell, maxSteps, maxRows);
    }

    /**
     * Unfolds one cell forwards and another, with weights of its own, backwards over the same sequences, and puts their outputs
     * together. Fields of the state are named {@code forward.h} and {@code backward.h}.
     *
     * @throws IllegalArgumentException where the cells take in different sizes, share parameters, or give out sizes that cannot be
     *     merged so
     */
    static Unroll bidirectional(Cell forward, Cell backward, Merge merge) {
        return bidirectional(dynamic(forward), dynamic(backward), merge);
    }

    /**
     * Puts together the outputs of two unrollings over the same sequences, the second of which is {@link #reversed} for that.
     *
     * @throws IllegalArgumentException as {@link #bidirectional(Cell, Cell, Merge)}
     */
    static Unroll bidirectional(Unroll forward, Unroll backward, Merge merge) {
        return new BidirectionalUnroll(forward, backward.reversed(), merge);
    }

    /**
     * Unfolds layer upon layer, each over all outputs of the one below: what layers that go both ways need. (Layers that go one way
     * can be one cell: {@link dev.unfold.rnn.cell.StackedCell}.) Fields of the state are named {@code 0.forward.h} and so on.
     *
     * @throws IllegalArgumentException for no layers, sizes that do not fit, or layers that share parameters
     */
    static Unroll stacked(List<? extends Unroll> layers) {
        return new StackedUnroll(List.copyOf(layers));
    }

    /**
     * Unfolds with gradients over the last steps only. The steps before them are run, and recorded, as ever, but to the backward pass
     * their outputs, and the state that they leave, are constants: a loss on them trains what lies above the unroll and nothing in it.
     * All other bits stay. Trailing steps that count for no row are not among the last ones.
     *
     * @param unroll what to run; forwards
     * @param steps over how many steps gradients flow, at least 1
     * @throws IllegalArgumentException for less than 1 step or an unroll that goes backwards
     */
    static Unroll truncated(Unroll unroll, int steps) {
        return new TruncatedUnroll(unroll, steps);
    }

    /** Returns this, beginning with a state of the graph, to which gradients flow; its fields are {@code [N, size]}. */
    Unroll from(State initial);

    /** Returns this, beginning with the values of a state; its fields are {@code [N, size]}. */
    Unroll from(DetachedState initial);

    /**
     * Returns this within a budget of bytes for the values and gradients of its steps, and all else that it works in. Where keeping what
     * backward reads of all steps takes more, steps are computed again in backward, as few as the budget allows: the bits stay, and {@link
     * dev.unfold.graph.Graph#explain} and {@link dev.unfold.graph.Plan#explain} say what it costs. A budget that is too small is refused when
     * the unroll is first run or planned, by an {@link IllegalArgumentException} that names the smallest that is workable.
     *
     * <p>What is taken out is not part of it. A plan keeps the outputs and states that its recording asks for. On any other graph a {@link
     * #fixed} unroll keeps those of all steps, since it runs before it is asked; a {@link #dynamic} one runs when it is first asked, keeps
     * what has been asked for by then and the last of each row, and runs once more for what is asked for later. Steps that are run again
     * must compute the same: a dynamic cell that draws numbers of its own is refused in backward, by an {@link IllegalStateException}.
     *
     * @param bytes the most bytes
     * @throws IllegalArgumentException for less than one byte
     * @throws IllegalStateException where several parts are put together, which have budgets of their own
     */
    default Unroll budget(long bytes) {
        throw new IllegalStateException(
                "budget: this unroll has several parts; give each its own budget before they are put together");
    }

    /**
     * Returns this, going through each row from its last step that counts to its first. Outputs stay in the order of the inputs,
     * padding stays where it is, and the final state is the one behind the first step.
     *
     * @throws IllegalArgumentException for one that is {@link #truncated}
     */
    Unroll reversed();

    /**
     * Returns whether outputs depend on their own and earlier steps only, so that a sequence may be cut anywhere and gone on with from
     * the state: false as soon as any direction of any layer goes backwards.
     */
    boolean isCausal();

    /** Returns D, the features that a step takes in. */
    int inputSize();

    /** Returns the features that a step gives out. */
    int outputSize();

    /** Returns the cells and how they are put together. */
    Structure structure();

    /** Returns all parameters, each once. */
    List<Parameter> parameters();

    /**
     * Unfolds over constant inputs.
     *
     * @param graph where to record
     * @param inputs {@code [T, N, D]}, not copied
     * @param lengths which steps of which rows count
     * @throws IllegalArgumentException where inputs, lengths or initial state do not fit, or the cell breaks its contract
     * @throws IllegalStateException where the graph is spent, or records a plan and the lengths can only be looked at dynamically
     */
    Unrolled over(Graph graph, Tensor inputs, Lengths lengths);

    /**
     * Unfolds over values of a graph; gradients flow to them.
     *
     * @param inputs {@code [T, N, D]}
     * @param lengths which steps of which rows count
     * @throws IllegalArgumentException where inputs, lengths or initial state do not fit, or the cell breaks its contract
     * @throws IllegalStateException where the graph is spent, or records a plan and the lengths can only be looked at dynamically
     */
    Unrolled over(Node inputs, Lengths lengths);

    /** Unfolds over constant inputs of which every step counts: see {@link #over(Graph, Tensor, Lengths)}. */
    default Unrolled over(Graph graph, Tensor inputs) {
        return over(graph, inputs, Lengths.full());
    }

    /** Unfolds over values of a graph of which every step counts: see {@link #over(Node, Lengths)}. */
    default Unrolled over(Node inputs) {
        return over(inputs, Lengths.full());
    }
}
