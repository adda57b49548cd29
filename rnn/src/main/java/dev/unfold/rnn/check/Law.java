package dev.unfold.rnn.check;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a {@link CellContract} holds a cell to. A law's name, in messages and options, is its constant in lower case: {@code both ways}. */
public enum Law {
    /** Also: parameters are listed, once, under names of their own, in the precision that was asked for. */
    DECLARED("output, state and parameters are as the cell declares them"),
    /** On new graphs and used ones, by the same cell and by one that was made alike. */
    REPEATABLE("two runs have the same bits"),
    /** Through time, in float64, by parameters, inputs and initial state, forwards and backwards. */
    GRADIENTS("gradients agree with central differences"),
    /** In at least one of several runs. */
    LEARNING("every parameter gets a gradient that is not zero"),
    /** Be it NaN, infinity or noise; and it gets no gradient. */
    PADDING("what stands in padding changes no bit"),
    /** Wherever it stands in the batch, and whatever stands beside it. */
    ROWS("a row has the bits of the row alone"),
    /** A row without steps, and a sequence without steps. */
    EMPTY("where no step counts, outputs are zero and the state is the initial one"),
    /** The state carried as a value, with other runs of the same cell between the steps. */
    STEPS("one step at a time has the bits of the whole run"),
    /** Each on a graph of its own. */
    THREADS("threads that run one cell at once get the bits of one after the other"),
    /** In everything, for any number of threads, for batches of all sizes one after the other. */
    STATIC("static unrolling has the bits of dynamic unrolling"),
    /** With a second cell of its kind, and what fits the two together between them. */
    STACKED("what holds of the cell holds in a stack of two"),
    /** However the outputs of the two directions are merged. */
    BOTH_WAYS("what holds of the cell holds in both directions at once");

    private final String description;

    Law(String description) {
        this.description = description;
    }

    /** Returns the law in one line. */
    public String description() {
        return description;
    }

    /** Returns the name. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /**
     * Returns the law of a name.
     *
     * @throws IllegalArgumentException where there is none
     */
    static Law named(String name) {
        List<Law> all = Arrays.asList(values());
        return all.stream()
                .filter(law -> law.toString().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("cell contract: no law '" + name + "'; there are " + all));
    }
}
