package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Prepared;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Recorded;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs one operation by itself, with every tensor in the midst of a larger array. Backward is shown what it names in
 * {@link Op#backwardReads}; the rest is garbage to it.
 */
final class OpRun implements Pass {
    /** What random operations draw from. */
    static final long SEED = 11;

    private static final long OUTPUT = 1L << 63;

    private final Op op;
    private final List<Guarded> inputs = new ArrayList<>();
    private final List<Guarded> hidden = new ArrayList<>();
    private final Guarded output;
    private final Guarded hiddenOutput;
    private final Guarded saved;
    private final Guarded outputGradient;
    private final boolean hides;
    private final Shape[] recorded;
    private final int step;
    private final int firstRow;
    private @Nullable Reads reads;
    /** What the last backward asked for: a bit for each input, and one for the output. */
    private long asked;

    private @Nullable Guarded inputGradient;
    private int gradientFrom;
    private int gradientTo;
    private boolean prepares;
    private final List<Prepared> prepared = new ArrayList<>();

    /** Places copies of the values of a recorded operation. */
    OpRun(Recorded.Use use, Tensor outputGradient, boolean hides) {
        this(use, values(use), outputGradient, hides, use.output().step(), 0);
    }

    /** Places copies of inputs of a recorded operation that may have other rows than recorded. */
    OpRun(Recorded.Use use, List<Tensor> values, Tensor outputGradient, boolean hides, int step, int firstRow) {
        this.op = use.op();
        this.hides = hides;
        this.recorded = use.inputs().stream().map(Node::shape).toArray(Shape[]::new);
        this.step = step;
        this.firstRow = firstRow;
        for (Tensor value : values) {
            inputs.add(Guarded.copy(value));
            hidden.add(Guarded.garbage(value.dtype(), value.shape()));
            prepared.add(new Prepared());
        }
        DType dtype = outputGradient.dtype();
        output = Guarded.garbage(dtype, outputGradient.shape());
        hiddenOutput = Guarded.garbage(dtype, outputGradient.shape());
        int numbers = op.saved(values.stream().map(Tensor::shape).toArray(Shape[]::new));
        saved = Guarded.garbage(dtype, Shape.of(numbers));
        this.outputGradient = Guarded.copy(outputGradient);
    }

    private static List<Tensor> values(Recorded.Use use) {
        return use.inputs().stream().map(Node::value).toList();
    }

    Tensor forward() {
        reads = null;
        op.forward(this);
        return output.tensor();
    }

    /** Lets kernels keep what they derive from inputs from now on. */
    OpRun preparing() {
        prepares = true;
        return this;
    }

    /** Adds the gradient with respect to an input to what is given. */
    void backward(int input, Guarded gradient) {
        Shape shape = gradient.tensor().shape();
        backward(input, gradient, 0, shape.rank() == 0 ? 1 : shape.dim(0));
    }

    /** Adds some slices of the gradient, along its first axis. */
    void backward(int input, Guarded gradient, int from, int to) {
        gradientFrom = from;
        gradientTo = to;
        reads = op.backwardReads(input);
        asked = 0;
        inputGradient = gradient;
        op.backward(this, input);
    }

    /** Returns what is given plus the gradient with respect to an input. */
    Tensor backward(int input, Tensor given) {
        Guarded gradient = Guarded.copy(given);
        backward(input, gradient);
        assertThat(gradient.untouched()).as("written outside the gradient").isTrue();
        return gradient.tensor();
    }

    /** Asserts that the last backward, of one input, named nothing without need. */
    void assertAskedForWhatItNamed(int input) {
        Reads named = op.backwardReads(input);
        for (int i = 0; i < inputs.size(); i++) {
            assertThat((asked & 1L << i) != 0 || !named.input(i))
                    .as("names input %d without need", i)
                    .isTrue();
        }
        assertThat((asked & OUTPUT) != 0 || !named.output())
                .as("names the output without need")
                .isTrue();
    }

    /** Asserts that nothing was written outside any tensor, and nothing into the inputs. */
    void assertUntouched(Recorded.Use use) {
        assertThat(output.untouched() && saved.untouched() && outputGradient.untouched())
                .as("written outside output or saved numbers")
                .isTrue();
        for (int i = 0; i < inputs.size(); i++) {
            assertThat(inputs.get(i).untouched()
                            && inputs.get(i)
                                    .tensor()
                                    .sameBits(use.inputs().get(i).value()))
                    .as("written into input %d", i)
                    .isTrue();
        }
    }

    @Override
    public Tensor input(int position) {
        asked |= 1L << position;
        boolean shown = reads == null || !hides || reads.input(position);
        return (shown ? inputs : hidden).get(position).tensor();
    }

    @Override
    public Shape inputShape(int position) {
        return recorded[position];
    }

    @Override
    public Tensor output() {
        asked |= OUTPUT;
        boolean shown = reads == null || !hides || reads.output();
        return (shown ? output : hiddenOutput).tensor();
    }

    @Override
    public Tensor saved() {
        return saved.tensor();
    }

    @Override
    public Tensor outputGradient() {
        return outputGradient.tensor();
    }

    @Override
    public Tensor inputGradient() {
        Guarded gradient = inputGradient;
        if (gradient == null) {
            throw new IllegalStateException("no gradients in forward");
        }
        return gradient.tensor();
    }

    @Override
    public long seed() {
        return SEED;
    }

    @Override
    public int step() {
        return step;
    }

    @Override
    public int rowOf(int position) {
        return firstRow + position;
    }

    @Override
    public int stepOf(int position) {
        return step;
    }

    @Override
    public int gradientFrom() {
        return gradientFrom;
    }

    @Override
    public int gradientTo() {
        return gradientTo;
    }

    @Override
    public @Nullable Prepared prepared(int position) {
        return prepares ? prepared.get(position) : null;
    }
}
