package dev.unfold.graph;

/**
 * Which of an operation's values its backward looks at. What nobody looks at again may be overwritten or freed, so an
 * operation names as little as it can.
 */
public final class Reads {
    private static final int FEW = 1 << 6;
    private static final Reads[] OF_FEW_INPUTS = new Reads[FEW];
    private static final Reads[] OF_FEW_INPUTS_AND_OUTPUT = new Reads[FEW];

    static {
        for (int inputs = 0; inputs < FEW; inputs++) {
            OF_FEW_INPUTS[inputs] = new Reads(inputs, false);
            OF_FEW_INPUTS_AND_OUTPUT[inputs] = new Reads(inputs, true);
        }
    }

    /** Backward needs nothing but the gradient of the output. */
    public static final Reads NOTHING = of(0, false);

    /** Backward needs the output. */
    public static final Reads OUTPUT = of(0, true);

    private final int inputs;
    private final boolean output;

    private Reads(int inputs, boolean output) {
        this.inputs = inputs;
        this.output = output;
    }

    /**
     * Backward needs the input at a position.
     *
     * @throws IllegalArgumentException for a position outside 0..31
     */
    public static Reads inputs(int position) {
        if (position < 0 || position >= Integer.SIZE) {
            throw new IllegalArgumentException("reads: input " + position + " cannot be named; expected 0..31");
        }
        return of(1 << position, false);
    }

    /**
     * Backward needs the inputs at two positions.
     *
     * @throws IllegalArgumentException for a position outside 0..31
     */
    public static Reads inputs(int first, int second) {
        return inputs(first).and(inputs(second));
    }

    /** Backward passes ask again and again and must not allocate: those of the first few inputs are there already. */
    private static Reads of(int inputs, boolean output) {
        if (inputs >= 0 && inputs < FEW) {
            return output ? OF_FEW_INPUTS_AND_OUTPUT[inputs] : OF_FEW_INPUTS[inputs];
        }
        return new Reads(inputs, output);
    }

    /** Returns what this and another name together. */
    public Reads and(Reads other) {
        return of(inputs | other.inputs, output || other.output);
    }

    /** Returns whether the input at a position is named. Inputs behind the 32nd are never. */
    public boolean input(int position) {
        return position < Integer.SIZE && (inputs & (1 << position)) != 0;
    }

    /** Returns whether the output is named. */
    public boolean output() {
        return output;
    }
}
