package dev.unfold.rnn.unroll;

import dev.unfold.graph.Shape;
import dev.unfold.ops.kernel.Draws;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Which sequences of different lengths go into one batch, so that in no batch more than a given share is padding.
 *
 * <pre>{@code
 * LengthBuckets buckets = LengthBuckets.of(lengths, 32, 0.1); // at most 32 rows, at most a tenth padding
 * List<List<Tensor>> outputs = new ArrayList<>();
 * for (List<Tensor> sentencesOfBatch : buckets.split(sentences)) {
 *     RaggedBatch batch = RaggedBatch.of(sentencesOfBatch);
 *     outputs.add(batch.unpad(unroll.over(graph, batch.inputs(), batch.lengths())));
 * }
 * List<Tensor> inOrder = buckets.restore(outputs); // in the order of the sentences
 * }</pre>
 *
 * <p>Sequences are sorted, the longest first, and the sorted list is cut where that gives the fewest batches, and with as many batches the
 * least padding. Batches that skip sequences of lengths in between are not considered; now and then they would save a batch.
 */
public final class LengthBuckets {
    private static final long ORDER_OF_SEQUENCES = 1;
    private static final long ORDER_OF_BATCHES = 2;

    private final int[] lengths;
    private final int maxRows;
    private final int[] cuts;
    private final List<Batch> batches;

    /**
     * One batch.
     *
     * @param sequences where those in it stand in what was given, in the order of its rows
     * @param steps T, the greatest of their lengths
     * @param paddingShare how much of {@code [T, N]} is padding, from 0 to 1; 0 where there is no step
     */
    public record Batch(List<Integer> sequences, int steps, double paddingShare) {
        /** Copies the list. */
        public Batch {
            sequences = List.copyOf(sequences);
        }

        /** Returns N, the number of sequences. */
        public int rows() {
            return sequences.size();
        }

        private long cells() {
            return (long) steps * rows();
        }
    }

    private LengthBuckets(int[] lengths, int maxRows, int[] cuts, List<Batch> batches) {
        this.lengths = lengths;
        this.maxRows = maxRows;
        this.cuts = cuts;
        this.batches = batches;
    }

    /**
     * Plans batches: the longest sequences come first, and of those of one length the one given first. Equal lengths give equal batches. It
     * takes time as sorting does, and as {@code maxRows} times the number of different lengths.
     *
     * @param lengths of the sequences, each 0 or more
     * @param maxRows the most sequences in a batch, at least 1
     * @param maxPadding the greatest share of padding in any batch, from 0 up to, but not including, 1; 0 lets only equal lengths share one
     * @throws IllegalArgumentException for a negative length, or a number that is out of range
     */
    public static LengthBuckets of(int[] lengths, int maxRows, double maxPadding) {
        for (int i = 0; i < lengths.length; i++) {
            if (lengths[i] < 0) {
                throw new IllegalArgumentException(
                        "length buckets: sequence " + i + " has length " + lengths[i] + "; expected 0 or more");
            }
        }
        if (maxRows < 1) {
            throw new IllegalArgumentException(
                    "length buckets: at most " + maxRows + " rows in a batch; expected at least 1");
        }
        if (!(maxPadding >= 0 && maxPadding < 1)) {
            throw new IllegalArgumentException("length buckets: the greatest share of padding is " + maxPadding
                    + "; expected 0 up to, but not including, 1");
        }
        int[] own = lengths.clone();
        int[] order = sorted(own.length, longestFirst(own));
        int[] cuts = cuts(Arrays.stream(order).map(i -> own[i]).toArray(), maxRows, maxPadding);
        return new LengthBuckets(own, maxRows, cuts, batches(own, order, cuts));
    }

    private static Comparator<Integer> longestFirst(int[] lengths) {
        return Comparator.comparingInt(i -> -lengths[i]);
    }

    /** Returns the numbers from 0 up in an order; those that are equal in it ascend. */
    private static int[] sorted(int count, Comparator<Integer> order) {
        return IntStream.range(0, count)
                .boxed()
                .sorted(order)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /**
     * Returns where to cut, the ends included: by dynamic programming from the last cut to the first.
     *
     * <p>A sequence as long as the first of a batch can move there from the end of the batch before, which then has less padding, while
     * the other has no more. So where a batch begins between two of one length, only a full one need be considered.
     */
    private static int[] cuts(int[] descending, int maxRows, double maxPadding) {
        int end = descending.length;
        int most = Math.min(maxRows, end);
        long[] stepsBefore = new long[end + 1];
        for (int i = 0; i < end; i++) {
            stepsBefore[i + 1] = stepsBefore[i] + descending[i];
        }
        int[] batches = new int[end + 1];
        long[] paddings = new long[end + 1];
        int[] next = new int[end + 1];
        for (int begin = end - 1; begin >= 0; begin--) {
            boolean withinLength = begin > 0 && descending[begin - 1] == descending[begin];
            int last = Math.min(end, begin + most);
            batches[begin] = end + 1; // none found
            for (int stop = withinLength ? begin + most : begin + 1; stop <= last; stop++) {
                long cells = (long) descending[begin] * (stop - begin);
                long padding = cells - (stepsBefore[stop] - stepsBefore[begin]);
                if (share(padding, cells) > maxPadding) {
                    break; // what comes is shorter still
                }
                int count = batches[stop] + 1;
                padding += paddings[stop];
                if (count < batches[begin] || (count == batches[begin] && padding < paddings[begin])) {
                    batches[begin] = count;
                    paddings[begin] = padding;
                    next[begin] = stop;
                }
            }
        }
        return IntStream.iterate(0, cut -> next[cut]).limit(batches[0] + 1L).toArray();
    }

    private static List<Batch> batches(int[] lengths, int[] order, int[] cuts) {
        List<Batch> made = new ArrayList<>();
        for (int i = 1; i < cuts.length; i++) {
            int[] rows = Arrays.copyOfRange(order, cuts[i - 1], cuts[i]);
            int steps = lengths[rows[0]];
            long cells = (long) steps * rows.length;
            long padding =
                    cells - Arrays.stream(rows).mapToLong(row -> lengths[row]).sum();
            made.add(new Batch(Arrays.stream(rows).boxed().toList(), steps, share(padding, cells)));
        }
        return List.copyOf(made);
    }

    private static double share(long padding, long cells) {
        return cells == 0 ? 0 : (double) padding / cells;
    }

    /**
     * Returns these batches in random order, sequences of one length exchanged at random: as many batches, of the same sizes and lengths.
     * It is a pure function of what was planned, seed and epoch, whatever was shuffled before.
     *
     * @param seed of the training
     * @param epoch gives each passage over the data an order of its own
     */
    public LengthBuckets shuffled(long seed, int epoch) {
        long[] draws = draws(seed, ORDER_OF_SEQUENCES, epoch, lengths.length);
        int[] order = sorted(lengths.length, longestFirst(lengths).thenComparingLong(i -> draws[i]));
        List<Batch> made = batches(lengths, order, cuts);
        long[] drawsOfBatches = draws(seed, ORDER_OF_BATCHES, epoch, made.size());
        int[] orderOfBatches = sorted(made.size(), Comparator.comparingLong(i -> drawsOfBatches[i]));
        return new LengthBuckets(
                lengths,
                maxRows,
                cuts,
                Arrays.stream(orderOfBatches).mapToObj(made::get).toList());
    }

    private static long[] draws(long seed, long key, int epoch, int count) {
        return IntStream.range(0, count)
                .mapToLong(i -> Draws.row(seed, key, epoch, i))
                .toArray();
    }

    /** Returns the batches; none where there are no sequences. Those that are not shuffled come with the longest first. */
    public List<Batch> batches() {
        return batches;
    }

    /** Returns the distinct {@code [T, N]} of the batches, each as it first comes: a {@link dev.unfold.graph.Plan} records each once. */
    public List<Shape> shapes() {
        return batches.stream()
                .map(batch -> Shape.of(batch.steps(), batch.rows()))
                .distinct()
                .toList();
    }

    /** Returns which share of all batches together is padding, from 0 to 1. */
    public double paddingShare() {
        return paddingShare(batches.stream().mapToLong(Batch::cells));
    }

    /** Returns, to compare, which share would be padding if batches were full and taken in the order in which sequences were given. */
    public double paddingShareAsGiven() {
        int[] greatest = new int[(int) (((long) lengths.length + maxRows - 1) / maxRows)];
        for (int i = 0; i < lengths.length; i++) {
            greatest[i / maxRows] = Math.max(greatest[i / maxRows], lengths[i]);
        }
        return paddingShare(IntStream.range(0, greatest.length)
                .mapToLong(i -> (long) greatest[i] * Math.min(maxRows, lengths.length - i * maxRows)));
    }

    private double paddingShare(LongStream cellsOfBatches) {
        long cells = cellsOfBatches.sum();
        return share(cells - Arrays.stream(lengths).asLongStream().sum(), cells);
    }

    /**
     * Returns what belongs to the sequences of each batch: the sequences themselves, their labels, their names.
     *
     * @param each one for each sequence, in the order in which lengths were given
     * @return for each batch, in order, one for each of its rows
     * @throws IllegalArgumentException for another number of them
     */
    public <T> List<List<T>> split(List<? extends T> each) {
        if (each.size() != lengths.length) {
            throw new IllegalArgumentException("length buckets: " + each.size() + " items are given for "
                    + lengths.length + " sequences; expected one for each");
        }
        return batches.stream()
                .map(batch -> batch.sequences().stream().<T>map(each::get).toList())
                .toList();
    }

    /**
     * Returns results in the order in which lengths were given; it undoes {@link #split}.
     *
     * @param results for each batch, in order, one for each of its rows
     * @throws IllegalArgumentException for another number of batches, or of rows in one
     */
    public <T> List<T> restore(List<? extends List<? extends T>> results) {
        if (results.size() != batches.size()) {
            throw new IllegalArgumentException("length buckets: results of " + results.size()
                    + " batches are given for " + batches.size() + "; expected a list for each");
        }
        int[] places = new int[lengths.length];
        int place = 0;
        for (int i = 0; i < results.size(); i++) {
            Batch batch = batches.get(i);
            if (results.get(i).size() != batch.rows()) {
                throw new IllegalArgumentException("length buckets: batch " + i + " has "
                        + results.get(i).size() + " results for " + batch.rows() + " rows; expected one for each");
            }
            for (int sequence : batch.sequences()) {
                places[sequence] = place++;
            }
        }
        List<T> all = results.stream().<T>flatMap(Collection::stream).toList();
        return Arrays.stream(places).<T>mapToObj(all::get).toList();
    }

    /** Describes the batches by their number, their greatest number of rows and their padding. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d batches of at most %d rows for %d sequences; padding %.1f %%, in the order given %.1f %%",
                batches.size(),
                maxRows,
                lengths.length,
                100 * paddingShare(),
                100 * paddingShareAsGiven());
    }
}
