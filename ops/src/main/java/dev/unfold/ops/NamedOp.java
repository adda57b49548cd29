package dev.unfold.ops;

import dev.unfold.graph.Op;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An operation that holds its name; it equals another of that name with the same settings. */
abstract class NamedOp implements Op {
    private final String name;

    NamedOp(String name) {
        this.name = name;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof NamedOp op && name.equals(op.name) && settings().equals(op.settings());
    }

    @Override
    public final int hashCode() {
        return Objects.hash(name, settings());
    }
}
