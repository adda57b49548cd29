package dev.unfold.rnn.optim;

import dev.unfold.graph.GradientRows;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.RowView;
import dev.unfold.graph.Tensor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * What an {@link Optimizer} updates at a time: a parameter as a whole or, where a step changes few of its rows, one of these. Its tensors
 * go together, element by element.
 */
public final class Portion {
    private static final int NONE = -1;

    private final Parameter parameter;
    private final GradientRows gradientRows;
    private final RowView value;
    private final List<Tensor> states = new ArrayList<>();
    private final List<RowView> rowsOfStates = new ArrayList<>();
    private final int rows;
    /** The rows whose gradient has ever been other than zero. */
    private final BitSet ever;

    private Optimizer.Reach reach = Optimizer.Reach.ALL;
    private int row = NONE;

    Portion(Parameter parameter, int states) {
        this.parameter = parameter;
        this.gradientRows = parameter.gradientRows();
        this.value = new RowView(parameter.value());
        for (int i = 0; i < states; i++) {
            Tensor state = Tensor.zeros(parameter.dtype(), parameter.shape());
            this.states.add(state);
            rowsOfStates.add(new RowView(state));
        }
        this.rows = parameter.shape().rows();
        this.ever = new BitSet(rows);
    }

    /** Returns the tensors that are kept from step to step. */
    List<Tensor> states() {
        return states;
    }

    /** Finds the rows that have ever had a gradient by what is kept of them: where all bits are 0, an update changes nothing. */
    void restored() {
        ever.clear();
        for (Tensor state : states) {
            int columns = state.size() / Math.max(1, rows);
            for (int i = 0; i < state.size(); i++) {
                if (Double.doubleToRawLongBits(state.getFlat(i)) != 0) {
                    ever.set(i / columns);
                }
            }
        }
    }

    /** Stands on the first of those that a step is to update; false where there is none. */
    boolean first(Optimizer.Reach reachOfStep) {
        reach = reachOfStep;
        int count = rows;
        if (reach == Optimizer.Reach.GRADIENT) {
            count = gradientRows.count();
        } else if (reach == Optimizer.Reach.EVER) {
            note();
            count = ever.cardinality();
        }
        // One long run is faster than many short ones, and where nothing is to be changed it changes nothing.
        boolean whole = 2 * count > rows;
        row = whole ? NONE : rowFrom(0);
        return whole || row != NONE;
    }

    private void note() {
        for (int each = gradientRows.next(0); each != NONE; each = gradientRows.next(each + 1)) {
            ever.set(each);
        }
    }

    /** Goes on to the next; false where there is none. */
    boolean next() {
        if (row != NONE) {
            row = rowFrom(row + 1);
        }
        return row != NONE;
    }

    private int rowFrom(int from) {
        return reach == Optimizer.Reach.EVER ? ever.nextSetBit(from) : gradientRows.next(from);
    }

    /** Returns the gradient, to be read. */
    public Tensor gradient() {
        return row == NONE ? gradientRows.gradient() : gradientRows.row(row);
    }

    /** Returns the value, to be changed. */
    public Tensor value() {
        return row == NONE ? parameter.value() : value.at(row);
    }

    /** Returns one of the tensors that are kept from step to step, as the last step left it, to be changed. */
    public Tensor state(int number) {
        return row == NONE ? states.get(number) : rowsOfStates.get(number).at(row);
    }
}
