package dev.unfold.ops;

import dev.unfold.graph.Shape;

/** Shape checks that several operations share, and the one form of their messages. */
final class Shapes {
    private Shapes() {}

    /** Makes the exception for shapes that do not fit: {@code matmul: a is [2, 3] ...; rule}. */
    static IllegalArgumentException refuse(String op, String found, String rule) {
        return new IllegalArgumentException(op + ": " + found + "; " + rule);
    }

    /** Refuses a shape of another rank than {@code rank}. */
    static void checkRank(String op, String what, Shape shape, int rank) {
        if (shape.rank() != rank) {
            throw refuse(op, what + " is " + shape, "expected rank " + rank);
        }
    }

    /** Refuses a shape of lower rank than {@code rank}. */
    static void checkRankAtLeast(String op, String what, Shape shape, int rank) {
        if (shape.rank() < rank) {
            throw refuse(op, what + " is " + shape, "expected rank " + rank + " or more");
        }
    }

    /** Refuses an axis, counted from 0 or from the end, that a shape does not have; returns it counted from 0. */
    static int checkAxis(String op, Shape shape, int axis) {
        int counted = axis < 0 ? axis + shape.rank() : axis;
        if (counted < 0 || counted >= shape.rank()) {
            throw refuse(op, "axis " + axis + " of " + shape, "expected -" + shape.rank() + ".." + (shape.rank() - 1));
        }
        return counted;
    }

    /**
     * Returns the shape of an element-wise result: equal shapes, or one that equals the last axes of the other, leading
     * axes of length 1 aside.
     */
    static Shape broadcast(String op, Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        if (repeatsTo(b, a)) {
            return a;
        }
        if (repeatsTo(a, b)) {
            return b;
        }
        throw refuse(
                op,
                "a is " + a + " and b is " + b,
                "both must be equal, or one must equal the last axes of the other, over whose leading axes it is repeated");
    }

    /** Returns the rank without leading axes of length 1, over which an element-wise operation repeats a shape. */
    private static int rankBehindOnes(Shape shape) {
        int first = 0;
        while (first < shape.rank() && shape.dim(first) == 1) {
            first++;
        }
        return shape.rank() - first;
    }

    private static boolean repeatsTo(Shape small, Shape large) {
        int axes = rankBehindOnes(small);
        if (small.rank() > large.rank()) {
            return false;
        }
        for (int i = 1; i <= axes; i++) {
            if (small.dim(-i) != large.dim(-i)) {
                return false;
            }
        }
        return true;
    }
}
