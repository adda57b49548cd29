package dev.unfold.graph;

import java.util.Arrays;

/**
 * Which spans of some arrays are taken and which are free, numbers only. To take one and to give it back take about the same time however
 * many there are: free spans hang in lists by size, and neighbours that are free become one. What has not been taken of the array that came
 * last, the tail, hangs in none.
 */
final class Spans {
    static final int NONE = -1;
    private static final int TAKEN = -2;

    /** Sizes below have a list each; those above share one with others that differ by less than a sixteenth. */
    private static final int FINE_BITS = 5;

    private static final int FINE = 1 << FINE_BITS;
    private static final int PARTS_BITS = FINE_BITS - 1;
    private static final int LISTS = FINE + ((Integer.SIZE - 1 - FINE_BITS) << PARTS_BITS);
    /** So many spans of the list of the size that is wanted are looked at, before larger ones are. */
    private static final int FEW = 8;

    private static final int FIRST_CAPACITY = 64;

    /** What is noted of a span, behind each other: the number of its array, its place and its size. */
    private static final int ARRAY = 0;

    private static final int FROM = 1;
    private static final int SIZE = 2;
    /** The spans in front and behind, in the same array. */
    private static final int BEFORE = 3;

    private static final int BEHIND = 4;
    /** The neighbours in the list of free spans, and {@link #TAKEN} in place of the one before where a span is not free. */
    private static final int PREVIOUS = 5;

    private static final int NEXT = 6;
    private static final int STRIDE = 8;

    private final int[] heads = new int[LISTS];
    private final long[] filled = new long[(LISTS + Long.SIZE - 1) / Long.SIZE];
    private int[] notes = new int[FIRST_CAPACITY * STRIDE];
    /** The end of the notes in use. */
    private int end;
    /** The spans that are no more, a list by {@link #NEXT}. */
    private int unused = NONE;
    /** The number of free spans, without the tail. */
    private int free;

    private int tailArray;
    private int tailFrom;
    private int tailEnd;
    private int reached;
    /** The span in front of the tail. */
    private int lastTaken = NONE;

    Spans() {
        clear();
    }

    /** Forgets all. */
    void clear() {
        Arrays.fill(heads, NONE);
        Arrays.fill(filled, 0);
        end = 0;
        unused = NONE;
        free = 0;
        tailFrom = 0;
        tailEnd = 0;
        reached = 0;
        lastTaken = NONE;
    }

    /** Takes in an array that is free. */
    void add(int number, int elements) {
        if (tailFrom < tailEnd) {
            link(makeOfTail(tailEnd - tailFrom));
        }
        tailArray = number;
        tailFrom = 0;
        tailEnd = elements;
        reached = 0;
        lastTaken = NONE;
    }

    /** The most elements of the array that came last, from its beginning, that have been taken. */
    int reached() {
        return reached;
    }

    /** Takes a span of so many elements, at least one; {@link #NONE} where none is free. */
    int take(int elements) {
        int span = free == 0 ? NONE : find(elements);
        if (span != NONE) {
            unlink(span);
            if (notes[span + SIZE] > elements) {
                split(span, elements);
            }
        } else if (elements <= tailEnd - tailFrom) {
            span = makeOfTail(elements);
        } else {
            return NONE;
        }
        notes[span + PREVIOUS] = TAKEN;
        return span;
    }

    private int makeOfTail(int elements) {
        int span = make(tailArray, tailFrom, elements, lastTaken, NONE);
        tailFrom += elements;
        reached = Math.max(reached, tailFrom);
        lastTaken = span;
        return span;
    }

    private int find(int elements) {
        int list = list(elements);
        int span = heads[list];
        for (int looked = 0; span != NONE && looked < FEW; looked++) {
            if (notes[span + SIZE] >= elements) {
                return span;
            }
            span = notes[span + NEXT];
        }
        int larger = filledFrom(list + 1);
        if (larger != NONE) {
            return heads[larger];
        }
        if (elements > tailEnd - tailFrom) {
            while (span != NONE && notes[span + SIZE] < elements) {
                span = notes[span + NEXT];
            }
            return span;
        }
        return NONE;
    }

    private int filledFrom(int list) {
        int word = list / Long.SIZE;
        if (word >= filled.length) {
            return NONE;
        }
        long bits = filled[word] & (-1L << list);
        while (bits == 0) {
            if (++word == filled.length) {
                return NONE;
            }
            bits = filled[word];
        }
        return word * Long.SIZE + Long.numberOfTrailingZeros(bits);
    }

    /** Leaves so many elements to a span and makes what is behind them one that is free. */
    private void split(int span, int elements) {
        int rest = make(
                notes[span + ARRAY],
                notes[span + FROM] + elements,
                notes[span + SIZE] - elements,
                span,
                notes[span + BEHIND]);
        notes[span + SIZE] = elements;
        if (lastTaken == span) {
            lastTaken = rest;
        }
        link(rest);
    }

    /** Makes a span free. */
    void giveBack(int span) {
        int freed = span;
        int first = notes[freed + BEFORE];
        if (first != NONE && notes[first + PREVIOUS] != TAKEN) {
            unlink(first);
            swallow(first);
            freed = first;
        }
        int behind = notes[freed + BEHIND];
        if (behind != NONE && notes[behind + PREVIOUS] != TAKEN) {
            unlink(behind);
            swallow(freed);
        }
        if (freed == lastTaken) {
            tailFrom = notes[freed + FROM];
            lastTaken = notes[freed + BEFORE];
            if (lastTaken != NONE) {
                notes[lastTaken + BEHIND] = NONE;
            }
            drop(freed);
        } else {
            link(freed);
        }
    }

    /** Adds to a span the one behind it. */
    private void swallow(int span) {
        int gone = notes[span + BEHIND];
        int behind = notes[gone + BEHIND];
        notes[span + SIZE] += notes[gone + SIZE];
        notes[span + BEHIND] = behind;
        if (behind != NONE) {
            notes[behind + BEFORE] = span;
        }
        if (lastTaken == gone) {
            lastTaken = span;
        }
        drop(gone);
    }

    private void drop(int span) {
        notes[span + NEXT] = unused;
        unused = span;
    }

    private void link(int span) {
        int list = list(notes[span + SIZE]);
        int head = heads[list];
        notes[span + NEXT] = head;
        notes[span + PREVIOUS] = NONE;
        if (head == NONE) {
            filled[list / Long.SIZE] |= 1L << list;
        } else {
            notes[head + PREVIOUS] = span;
        }
        heads[list] = span;
        free++;
    }

    private void unlink(int span) {
        free--;
        int above = notes[span + PREVIOUS];
        int below = notes[span + NEXT];
        if (below != NONE) {
            notes[below + PREVIOUS] = above;
        }
        if (above != NONE) {
            notes[above + NEXT] = below;
            return;
        }
        int list = list(notes[span + SIZE]);
        heads[list] = below;
        if (below == NONE) {
            filled[list / Long.SIZE] &= ~(1L << list);
        }
    }

    private static int list(int elements) {
        if (elements < FINE) {
            return elements;
        }
        int bits = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(elements);
        int part = (elements >> (bits - PARTS_BITS)) & ((1 << PARTS_BITS) - 1);
        return FINE + ((bits - FINE_BITS) << PARTS_BITS) + part;
    }

    private int make(int array, int from, int size, int before, int behind) {
        int span = unused;
        if (span != NONE) {
            unused = notes[span + NEXT];
        } else {
            if (end == notes.length) {
                notes = Arrays.copyOf(notes, 2 * end);
            }
            span = end;
            end += STRIDE;
        }
        int[] own = notes;
        own[span + ARRAY] = array;
        own[span + FROM] = from;
        own[span + SIZE] = size;
        own[span + BEFORE] = before;
        own[span + BEHIND] = behind;
        if (before != NONE) {
            own[before + BEHIND] = span;
        }
        if (behind != NONE) {
            own[behind + BEFORE] = span;
        }
        return span;
    }

    /** The number of the array that a span is part of. */
    int array(int span) {
        return notes[span + ARRAY];
    }

    /** The place of the first element of a span in its array. */
    int from(int span) {
        return notes[span + FROM];
    }
}
