package dev.unfold.rnn.cell;

import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hashing;
import dev.unfold.graph.Node;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.init.Parameters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Dropout around any cell, where the batch is one to {@link dev.unfold.graph.Graph#training train} on; elsewhere this is the inner
 * cell and records nothing more. A drop divides each element by keep with probability keep, and makes it 0 otherwise:
 *
 * <pre>
 * y, s' = inner.step(input drop of x, s with fields under recurrent drop)
 * output  output drop of y
 * state   s' with fields under state drop
 * </pre>
 *
 * <ul>
 *   <li>The <em>output</em> drop leaves the state alone (W. Zaremba et al. 2014).
 *   <li>The <em>state</em> drop changes what leaves the step, and so what is carried on, held past the end of a row and left behind as
 *       the final state (TensorFlow's {@code state_keep_prob}). The initial state is not dropped.
 *   <li>The <em>recurrent</em> drop is seen by the inner cell alone, in all that it does with the field, beginning with the initial
 *       state. What leaves the step, is held or left behind is as the inner cell gave it. An LSTM does nothing with h but multiply it by
 *       weights: there, and variational, this is the dropout of Y. Gal and Z. Ghahramani 2016.
 * </ul>
 *
 * <p>State and recurrent drop are of the field {@code h}; an LSTM's {@code c}, and whatever else a cell carries, is dropped only where it
 * is named. Beware of fields that a cell carries on by addition, as a GRU carries h in z h: what is dropped is forgotten for good, and
 * what is kept is divided by keep again at each step (S. Semeniuta et al. 2016). There, take a keep near 1, or drop input and output only.
 *
 * <p>Each row of the batch has masks of its own, and each step, too, unless the dropout is {@link Options#variational variational}. A
 * mask is a pure function of the batch's seed, the path, what is dropped, the step and the row, so that lengths and direction do not
 * change it. A cell that runs twice in one batch, such as one that a stack shares, has the same masks both times.
 */
public final class DropoutCell extends WrappedCell {
    private static final String INPUT = "input";
    private static final String OUTPUT = "output";
    private static final String STATE = "state.";
    private static final String RECURRENT = "recurrent.";

    private final Drop input;
    private final Drop output;
    private final ImmutableMap<String, Drop> state;
    private final ImmutableMap<String, Drop> recurrent;

    /** What is done to one node of a step. */
    private record Drop(double keep, long key, boolean sameAtEveryStep) {
        Node of(Node x) {
            return sameAtEveryStep ? Ops.variationalDropout(x, keep, key) : Ops.dropout(x, keep, key);
        }
    }

    /**
     * Wraps a cell.
     *
     * @param parameters gives the path, by which masks differ; nothing is made
     * @param inner any cell
     * @param options what is dropped
     * @throws IllegalArgumentException where the options name nothing or a field that the cell does not carry, or where the path is that
     *     of another dropout of the model
     */
    public DropoutCell(Parameters parameters, Cell inner, Options options) {
        super(inner);
        checkPlaces(parameters.path(), options);
        String path = parameters.claim("dropout", "dropout");
        this.input = drop(path, options, INPUT);
        this.output = drop(path, options, OUTPUT);
        this.state = drops(path, options, STATE);
        this.recurrent = drops(path, options, RECURRENT);
    }

    private void checkPlaces(String path, Options options) {
        List<String> places = new ArrayList<>(List.of(INPUT, OUTPUT));
        for (StateSpec.Field field : stateSpec().fields()) {
            places.add(STATE + field.name());
            places.add(RECURRENT + field.name());
        }
        if (options.keeps.isEmpty()) {
            throw new IllegalArgumentException(path + ": dropout without a keep cannot take effect; set one of "
                    + places + ", to 1 to drop nothing");
        }
        for (String place : options.keeps.keySet()) {
            if (!places.contains(place)) {
                throw new IllegalArgumentException(path + ": cell '" + name() + "' has no '" + place
                        + "' to drop elements of; there are " + places);
            }
        }
    }

    private static Drop drop(String path, Options options, String place) {
        long key = Hashing.murmur3_128()
                .hashString(path + "." + place, StandardCharsets.UTF_8)
                .asLong();
        return new Drop(options.keeps.getOrDefault(place, 1.0), key, options.sameAtEveryStep);
    }

    /** Returns the drops of those fields that the options name. */
    private ImmutableMap<String, Drop> drops(String path, Options options, String place) {
        ImmutableMap.Builder<String, Drop> drops = ImmutableMap.builder();
        for (StateSpec.Field field : stateSpec().fields()) {
            if (options.keeps.containsKey(place + field.name())) {
                drops.put(field.name(), drop(path, options, place + field.name()));
            }
        }
        return drops.build();
    }

    @Override
    public Step step(Node x, State state) {
        Step step = inner().step(input.of(x), dropped(state, recurrent));
        return Step.of(output.of(step.output()), dropped(step.state(), this.state));
    }

    private static State dropped(State state, ImmutableMap<String, Drop> drops) {
        State dropped = state;
        for (Map.Entry<String, Drop> drop : drops.entrySet()) {
            dropped = dropped.with(drop.getKey(), drop.getValue().of(state.get(drop.getKey())));
        }
        return dropped;
    }

    /** Returns options that drop nothing, to be changed by the methods of the result: they must name something. */
    public static Options options() {
        return new Options(Map.of(), false);
    }

    /**
     * What is dropped. Each keep is a probability above 0, that of an element to be kept; with 1 nothing is dropped and nothing recorded,
     * so that a search for the best may include it. Of two calls for the same thing the second counts.
     *
     * @param keeps by what is dropped: {@code input}, {@code output}, {@code state.h} and {@code recurrent.h}, or another field
     * @param sameAtEveryStep whether all steps of a sequence have the same masks
     */
    public record Options(Map<String, Double> keeps, boolean sameAtEveryStep) {
        /** Copies the map and checks the numbers. */
        public Options {
            keeps = ImmutableMap.copyOf(keeps);
            keeps.forEach((place, keep) -> {
                if (!(keep > 0 && keep <= 1)) {
                    throw new IllegalArgumentException("dropout: keep of " + place + " is " + keep
                            + "; expected a probability above 0, and 1 to drop nothing");
                }
            });
        }

        /** Returns these options with elements of the input dropped. */
        public Options input(double keep) {
            return with(keep, INPUT);
        }

        /** Returns these options with elements of the output dropped. */
        public Options output(double keep) {
            return with(keep, OUTPUT);
        }

        /** Returns these options with elements of fields of the state dropped as it leaves a step; of h where no field is named. */
        public Options state(double keep, String... fields) {
            return with(keep, fields(STATE, fields));
        }

        /** Returns these options with elements of fields of the state dropped as the inner cell reads it; of h where no field is named. */
        public Options recurrent(double keep, String... fields) {
            return with(keep, fields(RECURRENT, fields));
        }

        /** Returns these options with the same masks at all steps of a sequence (Y. Gal and Z. Ghahramani 2016). */
        public Options variational() {
            return new Options(keeps, true);
        }

        private Options with(double keep, String... places) {
            Map<String, Double> more = new LinkedHashMap<>(keeps);
            Arrays.stream(places).forEach(place -> more.put(place, keep));
            return new Options(more, sameAtEveryStep);
        }

        private static String[] fields(String prefix, String... names) {
            return names.length == 0
                    ? new String[] {prefix + "h"}
                    : Arrays.stream(names).map(prefix::concat).toArray(String[]::new);
        }
    }
}
