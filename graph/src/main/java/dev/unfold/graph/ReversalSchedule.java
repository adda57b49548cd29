package dev.unfold.graph;

/**
 * What is to be done, one action after another, to run windows and to go back through them as {@link Recomputation} has it. All up to
 * the first {@link Action#INTERNALS} is the forward pass. Nothing is planned ahead: it remembers in front of which windows states are
 * kept, so there may be any number of windows, and it is used again and again. There are at most six actions for each window.
 *
 * <p>Slots are a stack: slot 0 holds the state kept farthest to the front, and the last one taken is the first that is free again.
 */
final class ReversalSchedule {
    /** The place of the state in front of window 0, which is no slot and always there. */
    static final int INITIAL = -1;

    /** What is to be done next. */
    enum Action {
        /** Take the state in {@link #slot}, which is that in front of {@link #window}. */
        RESTORE,
        /** Run from {@link #window} up to, without, {@link #end}, from the state at hand, which becomes that in front of the latter. */
        RUN,
        /** Keep the state at hand, which is that in front of {@link #window}, in {@link #slot}. */
        KEEP,
        /** Run {@link #window} from the state at hand and leave its internals. */
        INTERNALS,
        /** Go back through {@link #window}, whose internals are there and of no use from then on. */
        BACKWARD,
        /** All windows have been gone back through. */
        DONE
    }

    /** By slot: the window in front of which its state is. */
    private final int[] keptAt;

    private Action last = Action.DONE;
    private int kept;
    /** How many windows are still to be gone back through. */
    private int left;
    /** The window in front of which the state at hand is. */
    private int at;

    private int window;
    private int end;
    private int slot;

    ReversalSchedule(int slots) {
        this.keptAt = new int[slots];
    }

    /** Starts anew with so many windows, at least one. */
    void begin(int windows) {
        if (windows < 1) {
            throw new IllegalArgumentException("reversal: " + windows + " windows; expected at least 1");
        }
        last = Action.BACKWARD;
        kept = 0;
        left = windows;
    }

    /** Returns what is to be done next, where the methods below say. */
    Action next() {
        last = switch (last) {
            case BACKWARD, DONE -> left == 0 ? Action.DONE : restore();
            case INTERNALS -> back();
            case RUN -> at == left - 1 ? internals() : keep();
            case RESTORE, KEEP -> at == left - 1 ? internals() : run();
        };
        return last;
    }

    private Action restore() {
        slot = kept - 1;
        window = kept == 0 ? 0 : keptAt[slot];
        at = window;
        return Action.RESTORE;
    }

    private Action run() {
        int free = keptAt.length - kept;
        window = at;
        end = free == 0 ? left - 1 : at + Recomputation.goOn(left - at, free);
        at = end;
        return Action.RUN;
    }

    private Action keep() {
        slot = kept++;
        window = at;
        keptAt[slot] = window;
        return Action.KEEP;
    }

    private Action internals() {
        window = at;
        return Action.INTERNALS;
    }

    private Action back() {
        left--;
        window = left;
        kept -= kept > 0 && keptAt[kept - 1] == left ? 1 : 0;
        return Action.BACKWARD;
    }

    /** Returns the window of the action at hand. */
    int window() {
        return window;
    }

    /** Returns the window in front of which a {@link Action#RUN} ends. */
    int end() {
        return end;
    }

    /** Returns the slot of a {@link Action#KEEP}, or of a {@link Action#RESTORE}, for which it may be {@link #INITIAL}. */
    int slot() {
        return slot;
    }
}
