package dev.unfold.rnn.cell;

import java.util.ArrayList;
import java.util.List;

/**
 * What a cell carries from step to step: fields, each with a name and a number of features for each row.
 *
 * @param fields in the order in which they were declared
 */
public record StateSpec(List<Field> fields) {
    /** Carries nothing. */
    public static final StateSpec NONE = new StateSpec(List.of());

    /**
     * One field: a tensor {@code [N, size]}.
     *
     * @param name what the field is called, for example {@code h}
     * @param size its features for each row
     */
    public record Field(String name, int size) {
        /** Refuses a blank name and a size below 1. */
        public Field {
            if (name.isBlank() || size < 1) {
                throw new IllegalArgumentException(
                        "state field '" + name + "' of size " + size + "; expected a name and a size of at least 1");
            }
        }
    }

    /** Copies the list and refuses two fields of one name. */
    public StateSpec {
        fields = List.copyOf(fields);
        if (fields.stream().map(Field::name).distinct().count() < fields.size()) {
            throw new IllegalArgumentException("state: two fields of " + fields + " have one name");
        }
    }

    /** Declares a state of one field. */
    public static StateSpec of(String name, int size) {
        return NONE.and(name, size);
    }

    /** Returns whether there is a field of that name. */
    public boolean declares(String name) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).name().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Returns this state with one more field. */
    public StateSpec and(String name, int size) {
        List<Field> more = new ArrayList<>(fields);
        more.add(new Field(name, size));
        return new StateSpec(more);
    }
}
