package dev.unfold.rnn.cell;

import dev.unfold.graph.Node;
import dev.unfold.ops.Ops;

/**
 * A cell whose rows may begin anew in the midst of a sequence: for streams in which several documents lie one behind the other in a
 * row.
 *
 * <p>The flags come with the data, in features behind those of the inner cell. Where a row's flag is not 0, the row begins this step
 * with the initial state of the inner cell, to which gradients flow where it is learned, instead of with what was carried. One of
 * both is selected: what is dropped goes nowhere, NaN included, and no gradient flows back over the border or to a flag. A flag of
 * NaN is refused; a flag at a step that does not count is not looked at.
 *
 * <p>A run obeys flags in the order in which it goes: forwards a flag belongs at the first step of a document, backwards at the last.
 * Both ways therefore take a flag each:
 *
 * <pre>{@code
 * // x [T, N, D + 2]: the features, whether a document begins at this step, whether it ends
 * Unroll.bidirectional(new ResetCell(forward, 2, 0), new ResetCell(backward, 2, 1), Merge.CONCAT);
 * }</pre>
 *
 * <p>Around a {@link StackedCell} it resets all layers. A {@link LearnedStartCell} is to be inside: around this it would only say how a
 * sequence begins.
 */
public final class ResetCell extends WrappedCell {
    private final int flags;
    private final int flag;

    /** Wraps a cell that takes in D features; this takes in D + 1, the last of which is the flag. */
    public ResetCell(Cell inner) {
        this(inner, 1, 0);
    }

    /**
     * Wraps a cell that takes in D features; this takes in {@code D + flags}.
     *
     * @param inner any cell
     * @param flags how many flags stand behind the features, at least 1
     * @param flag the one to obey, from 0
     * @throws IllegalArgumentException where there is no such flag
     */
    public ResetCell(Cell inner, int flags, int flag) {
        super(inner);
        if (flag < 0 || flag >= flags) {
            throw new IllegalArgumentException("reset of cell '" + inner.name() + "': flag " + flag + " of " + flags
                    + "; expected at least one flag, counted from 0");
        }
        this.flags = flags;
        this.flag = flag;
    }

    @Override
    public int inputSize() {
        return inner().inputSize() + flags;
    }

    @Override
    public Step step(Node x, State state) {
        int features = inner().inputSize();
        Node resets = Ops.at(x, 1, features + flag);
        State start = inner().initialState(x.graph(), x.shape().dim(0), x.dtype());
        State from = state;
        for (StateSpec.Field field : stateSpec().fields()) {
            String name = field.name();
            from = from.with(name, Ops.selectNonZero(resets, start.get(name), state.get(name)));
        }
        return inner().step(Ops.slice(x, 1, 0, features), from);
    }
}
