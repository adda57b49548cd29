package dev.unfold.graph;

/**
 * Which of an operation's values its backward looks at. What nobody looks at again may be overwritten or freed, so an
 * operation names as little as it can.
 */
public final class Reads {
    /** Backward needs nothing but the gradient of the output. */
    public static final Reads NOTHING = new Reads(0, false);

    /** Backward needs the output. */
    public static final Reads OUTPUT = new Reads(0, true);

    /** Most operations read one input, and say so again and again. */
    private static final Reads[] ONE_INPUT = new Reads[Integer.SIZE];

    static {
        for (int position = 0; position < Integer.SIZE; position++) {
            ONE_INPUT[position] = new Reads(1 << position, false);
        }
    }

    private final int inputs;
    private final boolean output;

    private Reads(int inputs, boolean output) {
        this.inputs = inputs;
        this.output = output;
    }

    /**
     * Backward needs the inputs at the given positions.
     *
     * @throws IllegalArgumentException for a position outside 0..31
     */
    public static Reads inputs(int... positions) {
        if (positions.length == 1 && positions[0] >= 0 && positions[0] < Integer.SIZE) {
            return ONE_INPUT[positions[0]];
        }
        int mask = 0;
        for (int position : positions) {
            if (position < 0 || position >= Integer.SIZE) {
                throw new IllegalArgumentException("reads: input " + position + " cannot be named; expected 0..31");
            }
            mask |= 1 << position;
        }
        return new Reads(mask, false);
    }

    /** Returns what this and another name together. */
    public Reads and(Reads other) {
        return new Reads(inputs | other.inputs, output || other.output);
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
