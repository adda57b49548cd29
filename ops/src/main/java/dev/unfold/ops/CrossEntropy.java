package dev.unfold.ops;

import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Operand;
import dev.unfold.graph.Pass;
import dev.unfold.graph.Reads;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.LabelRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Softmax cross entropy of logits with integer labels: the sum over all tokens that count of {@code -weight ln
 * softmax(logits)[label]}, divided as named. A token whose mask is 0, which lies past the length of its row, or whose label is
 * ignored does not count: whatever its logits hold, NaN included, changes no bit of loss or gradient. Where no token counts, loss
 * and gradient are 0.
 *
 * <pre>{@code
 * Node loss = CrossEntropy.sumOverStepsMeanOverRows().lengths(lengths).of(logits, labels);
 * }</pre>
 *
 * <p>Immutable; each setting returns a new object.
 */
public final class CrossEntropy {
    private final LabelRules rules;
    private final @Nullable Node mask;
    private final @Nullable Node lengths;
    private final @Nullable Operand weights;

    private CrossEntropy(LabelRules rules, @Nullable Node mask, @Nullable Node lengths, @Nullable Operand weights) {
        this.rules = rules;
        this.mask = mask;
        this.lengths = lengths;
        this.weights = weights;
    }

    /** The mean over all tokens that count; with class weights, over the sum of their weights. */
    public static CrossEntropy meanOverTokens() {
        return new CrossEntropy(new LabelRules(false, false, 0), null, null, null);
    }

    /**
     * The sum over the steps of a sequence, then the mean over the rows of the batch: the sum over all tokens that count,
     * divided by N, for logits {@code [T, N, V]} or {@code [N, V]}.
     */
    public static CrossEntropy sumOverStepsMeanOverRows() {
        return new CrossEntropy(new LabelRules(true, false, 0), null, null, null);
    }

    /** Tokens with this label do not count. */
    public CrossEntropy ignoring(int label) {
        return new CrossEntropy(new LabelRules(rules.meanOverRows(), true, label), mask, lengths, weights);
    }

    /** Tokens where the mask, int32 of the shape of the labels, is 0 do not count. */
    public CrossEntropy mask(Node mask) {
        return new CrossEntropy(rules, mask, lengths, weights);
    }

    /**
     * Tokens past the length of their row do not count: that of step t and row n counts only where {@code t < lengths[n]}. Beside a
     * mask, both must let a token count.
     *
     * @param lengths int32 {@code [N]}, each from 0 to T, for logits {@code [T, N, V]}
     */
    public CrossEntropy lengths(Node lengths) {
        return new CrossEntropy(rules, mask, lengths, weights);
    }

    /** A token counts as much as its label weighs: {@code [V]}, no gradient flows to it. */
    public CrossEntropy classWeights(Operand weights) {
        return new CrossEntropy(rules, mask, lengths, weights);
    }

    /**
     * Records the loss.
     *
     * @param logits {@code [N, V]} or {@code [T, N, V]}
     * @param labels int32 of the shape of the logits without the last axis, each in 0..V-1 where it counts
     * @return one number
     * @throws IllegalArgumentException for shapes that do not fit, a length outside 0..T, or a label that counts and is outside
     *     0..V-1
     */
    public Node of(Node logits, Node labels) {
        List<Operand> operands = new ArrayList<>(List.of(logits, labels));
        int maskAt = place(mask, operands);
        int lengthsAt = place(lengths, operands);
        int weightsAt = place(weights, operands);
        return logits.graph()
                .record(new Recorded(rules, maskAt, lengthsAt, weightsAt), operands.toArray(new Operand[0]));
    }

    /** Appends an operand, where there is one, and returns its position. */
    private static int place(@Nullable Operand operand, List<Operand> operands) {
        if (operand == null) {
            return Recorded.ABSENT;
        }
        operands.add(operand);
        return operands.size() - 1;
    }

    /** The operation: {@code dlogits = weight (softmax(logits) - onehot(label)) dloss / divisor}. */
    private record Recorded(LabelRules rules, int maskAt, int lengthsAt, int weightsAt) implements Op {
        static final int ABSENT = -1;

        @Override
        public String name() {
            return "crossEntropy";
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of("rules", rules.toString(), "maskAt", maskAt, "lengthsAt", lengthsAt, "weightsAt", weightsAt);
        }

        @Override
        public Shape shape(Shape[] inputs) {
            Shape logits = inputs[0];
            Shapes.checkRankAtLeast(name(), "logits", logits, 2);
            Shape tokens = logits.without(logits.rank() - 1);
            checkTokens("labels are ", inputs[1], logits, tokens);
            if (maskAt != ABSENT) {
                checkTokens("the mask is ", inputs[maskAt], logits, tokens);
            }
            if (lengthsAt != ABSENT) {
                RowLengths.checkShape(name(), "logits", logits, inputs[lengthsAt]);
            }
            if (weightsAt != ABSENT && !inputs[weightsAt].equals(Shape.of(logits.columns()))) {
                throw Shapes.refuse(
                        name(),
                        "class weights are " + inputs[weightsAt] + " and logits " + logits,
                        "expected one weight for each label, [" + logits.columns() + "]");
            }
            return Shape.scalar();
        }

        private void checkTokens(String what, Shape found, Shape logits, Shape tokens) {
            if (!found.equals(tokens)) {
                throw Shapes.refuse(name(), what + found + " and logits " + logits, "expected " + tokens);
            }
        }

        @Override
        public int saved(Shape[] inputs) {
            return inputs[1].size() + 1;
        }

        @Override
        public boolean takesIntegers(int input) {
            return input == 1 || input == maskAt || input == lengthsAt;
        }

        @Override
        public boolean differentiates(int input) {
            return input == 0;
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.inputs(0, 1).and(reads(maskAt)).and(reads(lengthsAt)).and(reads(weightsAt));
        }

        private static Reads reads(int position) {
            return position == ABSENT ? Reads.NOTHING : Reads.inputs(position);
        }

        @Override
        public void forward(Pass pass) {
            Tensor loss = pass.output();
            Tensor lengths = optional(pass, lengthsAt);
            if (lengths != null) {
                RowLengths.check(name(), lengths, pass.inputShape(0).dim(0));
            }
            Kernels.of(loss.dtype())
                    .rows()
                    .crossEntropy(
                            pass.input(0),
                            pass.input(1),
                            optional(pass, maskAt),
                            lengths,
                            optional(pass, weightsAt),
                            rules,
                            pass.saved(),
                            loss);
        }

        @Override
        public void backward(Pass pass, int input) {
            Tensor dloss = pass.outputGradient();
            Kernels.of(dloss.dtype())
                    .rows()
                    .crossEntropyGradient(
                            pass.input(0),
                            pass.input(1),
                            optional(pass, maskAt),
                            optional(pass, lengthsAt),
                            optional(pass, weightsAt),
                            rules,
                            pass.saved(),
                            dloss,
                            pass.inputGradient());
        }

        private static @Nullable Tensor optional(Pass pass, int position) {
            return position == ABSENT ? null : pass.input(position);
        }
    }
}
