package dev.unfold.rnn.unroll;

import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences of different lengths as one padded batch, and back. Rows stay in the order in which the sequences are given; padding is 0.
 *
 * <pre>{@code
 * RaggedBatch batch = RaggedBatch.of(sentences); // each [length, D]
 * Unrolled run = unroll.over(graph, batch.inputs(), batch.lengths());
 * List<Tensor> outputs = batch.unpad(run); // each [length, H]
 * }</pre>
 */
public final class RaggedBatch {
    private final int[] lengths;
    private final int steps;
    private final Tensor inputs;

    private RaggedBatch(int[] lengths, List<Tensor> sequences) {
        this.lengths = lengths;
        this.steps = Arrays.stream(lengths).max().orElse(0);
        this.inputs = pad(sequences);
    }

    /**
     * Makes a batch.
     *
     * @param sequences at least one, of one type: each {@code [length, D]} of features, or {@code [length]} of symbols; a length may
     *     be 0
     * @throws IllegalArgumentException for no sequences, or one that is not like the first
     */
    public static RaggedBatch of(List<Tensor> sequences) {
        if (sequences.isEmpty()) {
            throw new IllegalArgumentException("ragged batch: no sequences are given; expected at least one");
        }
        return new RaggedBatch(
                sequences.stream().mapToInt(RaggedBatch::lengthOf).toArray(), sequences);
    }

    private static int lengthOf(Tensor sequence) {
        // What has no length is refused where it is padded.
        return sequence.shape().rank() == 0 ? 0 : sequence.shape().dim(0);
    }

    /** Returns the sequences side by side, time-major: {@code [T, N, D]} or {@code [T, N]}, with T the greatest length. */
    public Tensor inputs() {
        return inputs;
    }

    /** Returns the lengths, for {@link Unroll#over}. */
    public Lengths lengths() {
        return Lengths.of(lengths);
    }

    /** Returns the lengths as a new int32 tensor {@code [N]}, for {@link dev.unfold.ops.CrossEntropy#lengths}. */
    public Tensor lengthTensor() {
        return Tensor.of(lengths.clone(), lengths.length);
    }

    /**
     * Returns other sequences of the same lengths as one padded tensor: labels, int32 {@code [length]} each, become {@code [T, N]}.
     *
     * @param sequences one for each of the batch, in its order, of one type: each {@code [length]} or {@code [length, K]}
     * @throws IllegalArgumentException for another number of sequences, or one that is not like the first or has another length
     */
    public Tensor pad(List<Tensor> sequences) {
        int rows = lengths.length;
        if (sequences.size() != rows) {
            throw new IllegalArgumentException("ragged batch: " + sequences.size()
                    + " sequences are given for a batch of " + rows + "; expected one for each");
        }
        Tensor first = sequences.get(0);
        Shape shape = first.shape();
        if (shape.rank() != 1 && shape.rank() != 2) {
            throw refuse(0, first, "expected [length] or [length, features]");
        }
        Tensor padded = Tensor.zeros(first.dtype(), shape.withDim(0, rows).with(0, steps));
        int width = shape.inner(0);
        for (int row = 0; row < rows; row++) {
            Tensor sequence = sequences.get(row);
            if (sequence.dtype() != first.dtype()
                    || sequence.shape().rank() != shape.rank()
                    || !sequence.shape().withDim(0, 0).equals(shape.withDim(0, 0))) {
                throw refuse(
                        row,
                        sequence,
                        "sequence 0 is " + first.dtype() + " " + shape
                                + "; all must be alike in all but their lengths");
            }
            if (lengthOf(sequence) != lengths[row]) {
                throw refuse(row, sequence, "its length in the batch is " + lengths[row]);
            }
            for (int t = 0; t < lengths[row]; t++) {
                padded.copyRun(sequence, t * width, (t * rows + row) * width, width);
            }
        }
        return padded;
    }

    private static IllegalArgumentException refuse(int row, Tensor found, String rule) {
        return new IllegalArgumentException(
                "ragged batch: sequence " + row + " is " + found.dtype() + " " + found.shape() + "; " + rule);
    }

    /**
     * Returns copies of the steps of each row that are no padding, in the order of the sequences.
     *
     * @param padded {@code [T, N, H]} or {@code [T, N]}
     * @return for each sequence {@code [length, H]} or {@code [length]}
     * @throws IllegalArgumentException where T or N are not those of the batch
     */
    public List<Tensor> unpad(Tensor padded) {
        Shape shape = padded.shape();
        int rows = lengths.length;
        if (shape.rank() < 2 || shape.dim(0) != steps || shape.dim(1) != rows) {
            throw new IllegalArgumentException("ragged batch: the padded sequences are " + shape + "; expected [time "
                    + steps + ", batch " + rows + "] or [time " + steps + ", batch " + rows + ", features]");
        }
        return IntStream.range(0, rows).mapToObj(row -> unpad(padded, row)).toList();
    }

    private Tensor unpad(Tensor padded, int row) {
        int rows = lengths.length;
        int width = padded.shape().inner(1);
        Tensor own = Tensor.zeros(padded.dtype(), padded.shape().without(0).withDim(0, lengths[row]));
        for (int t = 0; t < lengths[row]; t++) {
            own.copyRun(padded, (t * rows + row) * width, t * width, width);
        }
        return own;
    }

    /**
     * Returns the outputs of a run, {@code [length, H]} for each sequence. It records {@link Unrolled#outputs}: behind a backward pass,
     * cut the value of the node that went into the loss instead.
     *
     * @throws IllegalArgumentException where the run is not over a batch of this many steps and rows
     */
    public List<Tensor> unpad(Unrolled run) {
        return unpad(run.outputs().value());
    }
}
