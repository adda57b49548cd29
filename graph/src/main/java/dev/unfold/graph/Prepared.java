package dev.unfold.graph;

import org.jspecify.annotations.Nullable;

/**
 * What kernels derive from a value that stays the same for a whole run, such as a weight packed for products: made when it is first asked
 * for in a run, in room that is kept from run to run. Several threads may ask at once.
 */
public final class Prepared {
    /** The number of different things that can be derived from one value. */
    public static final int KINDS = 4;

    private final @Nullable Object[] made = new Object[KINDS];
    /** One bit for each kind that is up to date. */
    private volatile int fresh;

    /** Derives something. */
    @FunctionalInterface
    public interface Maker {
        /**
         * Derives something from a value.
         *
         * @param room what was made in a run before, to be used again where it fits; null the first time
         */
        Object make(Tensor value, @Nullable Object room);
    }

    /** Makes a place with nothing in it. */
    public Prepared() {}

    /**
     * Returns what is derived from a value.
     *
     * @param kind from 0 to {@link #KINDS} - 1: each always with the same maker
     * @param value always the same tensor
     */
    public Object get(int kind, Tensor value, Maker maker) {
        if ((fresh & 1 << kind) == 0) {
            make(kind, value, maker);
        }
        Object ready = made[kind];
        if (ready == null) {
            throw new IllegalStateException("prepared: a maker gave back null for kind " + kind);
        }
        return ready;
    }

    private synchronized void make(int kind, Tensor value, Maker maker) {
        if ((fresh & 1 << kind) == 0) {
            made[kind] = maker.make(value, made[kind]);
            fresh |= 1 << kind;
        }
    }

    /** Forgets what was made, since the value may have changed; keeps the room. */
    public void forget() {
        fresh = 0;
    }
}
