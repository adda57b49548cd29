package dev.unfold.graph;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shapes that differ in the length of their first axis only, each made once. */
final class RowShapes {
    private final Shape like;
    private @Nullable Shape[] byRows = new Shape[0];

    private RowShapes(Shape like) {
        this.like = like;
    }

    /** Returns the shapes like one, from those known if they are among them. */
    static RowShapes of(Shape shape, List<RowShapes> known) {
        for (int i = 0; i < known.size(); i++) {
            if (alike(known.get(i).like, shape)) {
                return known.get(i);
            }
        }
        RowShapes made = new RowShapes(shape);
        known.add(made);
        return made;
    }

    /** Whether two shapes differ in the length of their first axis only, if at all. */
    static boolean alike(Shape one, Shape other) {
        boolean alike = one.rank() == other.rank();
        for (int axis = 1; alike && axis < one.rank(); axis++) {
            alike = one.dim(axis) == other.dim(axis);
        }
        return alike;
    }

    /** Several threads may ask: shapes are immutable, and it does no harm to make one twice. */
    Shape of(int rows) {
        @Nullable Shape[] known = byRows;
        if (rows < known.length) {
            Shape shape = known[rows];
            if (shape != null) {
                return shape;
            }
        }
        return make(rows);
    }

    private synchronized Shape make(int rows) {
        if (rows >= byRows.length) {
            byRows = Arrays.copyOf(byRows, Math.max(rows + 1, 2 * byRows.length));
        }
        Shape shape = like.withDim(0, rows);
        byRows[rows] = shape;
        return shape;
    }
}
