package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Every rule that an operation refuses by, with the whole message. */
class OpsShapeErrorsTest {
    private final Graph graph = new Graph();

    private Node x(int... dims) {
        return graph.input(Tensor.zeros(DType.FLOAT32, dims));
    }

    private Node integers(int... dims) {
        return graph.input(Tensor.zeros(DType.INT32, dims));
    }

    private static void assertRefused(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
    }

    @Test
    void should_refuse_operands_that_do_not_repeat_to_one_another() {
        String rule = "; both must be equal, or one must equal the last axes of the other,"
                + " over whose leading axes it is repeated";
        assertRefused(() -> Ops.plus(x(2, 3), x(2)), "plus: a is [2, 3] and b is [2]" + rule);
        assertRefused(() -> Ops.minus(x(2, 3), x(2, 1)), "minus: a is [2, 3] and b is [2, 1]" + rule);
        assertRefused(() -> Ops.times(x(2, 3), x(4, 3)), "times: a is [2, 3] and b is [4, 3]" + rule);
        assertRefused(() -> Ops.divide(x(4, 2, 3), x(4, 1, 3)), "dividedBy: a is [4, 2, 3] and b is [4, 1, 3]" + rule);
        assertRefused(() -> Ops.plus(x(1, 1, 3), x(2, 3)), "plus: a is [1, 1, 3] and b is [2, 3]" + rule);
    }

    @Test
    void should_refuse_settings_that_make_no_sense() {
        assertRefused(() -> Ops.clip(x(2), 1, -1), "clip: low is 1.0 and high is -1.0; low must not exceed high");
        assertRefused(
                () -> Ops.clip(x(2), Double.NaN, 1), "clip: low is NaN and high is 1.0; low must not exceed high");
        assertRefused(
                () -> Ops.leakyRelu(x(2), 1), "leakyRelu: slope is 1.0; expected 0 < slope < 1; for 0 there is relu");
        assertRefused(
                () -> Ops.leakyRelu(x(2), 0), "leakyRelu: slope is 0.0; expected 0 < slope < 1; for 0 there is relu");
        assertRefused(() -> Ops.elu(x(2), 0), "elu: alpha is 0.0; it must be positive");
        assertRefused(() -> Ops.layerNorm(x(2), 0), "layerNorm: epsilon is 0.0; expected at least " + Float.MIN_NORMAL);
        String rule = " parameters; expected a strength of 0 or more and at least one parameter";
        assertRefused(() -> Ops.l2Penalty(graph, 1, List.of()), "l2Penalty: strength 1.0 over 0" + rule);
        Parameter w = new Parameter("w", Tensor.zeros(DType.FLOAT32, 2));
        assertRefused(() -> Ops.l2Penalty(graph, -1, List.of(w)), "l2Penalty: strength -1.0 over 1" + rule);
    }

    @Test
    void should_refuse_matrices_that_do_not_fit() {
        assertRefused(
                () -> Ops.matmul(x(2, 3), x(4, 5)),
                "matmul: a is [2, 3] and b is [4, 5]; the columns of a (3) must equal the rows of b (4)");
        assertRefused(
                () -> Ops.matmulTransposedA(x(2, 3), x(3, 5)),
                "matmul: a is [2, 3] transposed and b is [3, 5]; the columns of a (2) must equal the rows of b (3)");
        assertRefused(
                () -> Ops.matmulTransposedB(x(2, 3), x(3, 5)),
                "matmul: a is [2, 3] and b is [3, 5] transposed; the columns of a (3) must equal the rows of b (5)");
        assertRefused(() -> Ops.matmul(x(3), x(3, 5)), "matmul: a is [3]; expected rank 2 or more");
        assertRefused(() -> Ops.matmul(x(2, 3), x(4, 3, 5)), "matmul: b is [4, 3, 5]; expected rank 2");
        assertRefused(
                () -> Ops.matmulTransposedA(x(4, 2, 3), x(3, 5)),
                "matmul: a, to be transposed, is [4, 2, 3]; expected rank 2");
    }

    @Test
    void should_refuse_affine_operands_that_do_not_fit() {
        assertRefused(
                () -> Ops.affine(x(2, 3), x(4, 5), x(5)),
                "affine: x is [2, 3] and w is [4, 5]; the columns of x (3) must equal the rows of w (4)");
        String rule = "; b must be a row of w's columns, [5]";
        assertRefused(() -> Ops.affine(x(2, 3), x(3, 5), x(3)), "affine: w is [3, 5] and b is [3]" + rule);
        assertRefused(() -> Ops.affine(x(2, 3), x(3, 5), x(1, 5)), "affine: w is [3, 5] and b is [1, 5]" + rule);
        assertRefused(() -> Ops.affine(x(3), x(3, 5), x(5)), "affine: x is [3]; expected rank 2 or more");
        assertRefused(() -> Ops.affine(x(2, 3), x(3), x(5)), "affine: w is [3]; expected rank 2");
    }

    @Test
    void should_refuse_to_add_products_to_sums_of_another_shape() {
        String rule = "; sum must have the shape of the product, [2, 5]";
        assertRefused(
                () -> Ops.addmm(x(4, 5), x(2, 3), x(3, 5)),
                "addmm: sum is [4, 5] and x is [2, 3] and w is [3, 5]" + rule);
        assertRefused(
                () -> Ops.addmm(x(2, 4), x(2, 3), x(3, 5)),
                "addmm: sum is [2, 4] and x is [2, 3] and w is [3, 5]" + rule);
        String mend = rule + "; to add one row to all there is affine";
        assertRefused(
                () -> Ops.addmm(x(5), x(2, 3), x(3, 5)), "addmm: sum is [5] and x is [2, 3] and w is [3, 5]" + mend);
        assertRefused(
                () -> Ops.addmm(x(2, 5), x(2, 3), x(4, 5)),
                "addmm: x is [2, 3] and w is [4, 5]; the columns of x (3) must equal the rows of w (4)");
        assertRefused(() -> Ops.addmm(x(5), x(3), x(3, 5)), "addmm: x is [3]; expected rank 2 or more");
        assertRefused(() -> Ops.addmm(x(2, 5), x(2, 3), x(3)), "addmm: w is [3]; expected rank 2");
    }

    @Test
    void should_refuse_to_put_together_what_does_not_fit() {
        assertRefused(
                () -> Ops.concat(1, x(2, 3), x(3, 3)),
                "concat: input 0 is [2, 3] and input 1 is [3, 3]; all must agree in every axis but 1");
        assertRefused(
                () -> Ops.concat(0, x(2, 3), x(3)),
                "concat: input 0 is [2, 3] and input 1 is [3]; all must agree in every axis but 0");
        assertRefused(() -> Ops.concat(2, x(2, 3)), "concat: axis 2 of [2, 3]; expected -2..1");
        assertRefused(() -> Ops.concat(0), "concat: there is nothing to put together");
        assertRefused(() -> Ops.stack(0, List.of()), "stack: there is nothing to put together");
        assertRefused(
                () -> Ops.stack(0, List.of(x(2), x(3))),
                "stack: input 0 is [2] and input 1 is [3]; all must have one shape");
        assertRefused(
                () -> Ops.stack(3, List.of(x(2, 3))),
                "stack: new axis 3 of [2, 3]; expected 0..2 and a rank of at most 2");
        assertRefused(
                () -> Ops.stack(0, List.of(x(2, 3, 4))),
                "stack: new axis 0 of [2, 3, 4]; expected 0..3 and a rank of at most 2");
    }

    @Test
    void should_refuse_to_cut_outside() {
        assertRefused(() -> Ops.slice(x(2, 3), 1, 1, 4), "slice: 1..4 of axis 1 of [2, 3]; the axis has length 3");
        assertRefused(() -> Ops.slice(x(2, 3), -1, 2, 1), "slice: 2..1 of axis -1 of [2, 3]; the axis has length 3");
        assertRefused(() -> Ops.slice(x(2, 3), 2, 0, 1), "slice: axis 2 of [2, 3]; expected -2..1");
        assertRefused(() -> Ops.at(x(2, 3), 0, 2), "at: index 2 of axis 0 of [2, 3]; the axis has length 2");
        assertRefused(() -> Ops.at(x(2, 3), 0, -1), "at: index -1 of axis 0 of [2, 3]; the axis has length 2");
        assertRefused(() -> Ops.at(x(2, 3), -3, 0), "at: axis -3 of [2, 3]; expected -2..1");
        assertRefused(() -> Ops.split(x(2, 6), 1, 4), "split: axis 1 of [2, 6]; length 6 cannot be cut into 4");
        assertRefused(() -> Ops.split(x(2, 6), 1, 0), "split: axis 1 of [2, 6]; length 6 cannot be cut into 0");
        assertRefused(() -> Ops.split(x(2, 6), 2, 1), "split: axis 2 of [2, 6]; expected -2..1");
    }

    @Test
    void should_refuse_to_move_what_is_not_there() {
        assertRefused(
                () -> Ops.reshape(x(2, 3), 4, 2),
                "reshape: x is [2, 3] and the wanted shape is [4, 2]; 6 elements cannot become 8");
        assertRefused(() -> Ops.transpose(x(2, 3, 4)), "transpose: a is [2, 3, 4]; expected rank 2");
        assertRefused(() -> Ops.swapAxes(x(2, 3), 0, 2), "swapAxes: axis 2 of [2, 3]; expected -2..1");
        assertRefused(() -> Ops.swapAxes(x(2, 3), 1, -1), "swapAxes: both axes of [2, 3] are axis 1; expected two");
        assertRefused(() -> Ops.gather(x(3), integers(2)), "gather: the table is [3]; expected rank 2");
        assertRefused(
                () -> Ops.gather(x(3, 4), integers(1, 2, 3)),
                "gather: the indices are [1, 2, 3]; expected rank 2 or less");
        assertRefused(() -> Ops.gatherSum(x(3), integers(2), x(2)), "gatherSum: the table is [3]; expected rank 2");
        assertRefused(
                () -> Ops.gatherSum(x(3, 4), integers(), x()),
                "gatherSum: the indices are []; expected rank 1 or more");
        assertRefused(
                () -> Ops.gatherSum(x(3, 4), integers(2, 5), x(5)),
                "gatherSum: the indices are [2, 5] and the values [5]; there must be a value for each index");
        assertRefused(
                () -> Ops.select(integers(2), x(2, 3), x(3)),
                "select: a is [2, 3] and b is [3]; both must have one shape");
        String rule = "; the mask's axes must be the first axes of a";
        assertRefused(
                () -> Ops.select(integers(3), x(2, 3), x(2, 3)), "select: the mask is [3] and a is [2, 3]" + rule);
        assertRefused(
                () -> Ops.select(integers(2, 3, 1), x(2, 3), x(2, 3)),
                "select: the mask is [2, 3, 1] and a is [2, 3]" + rule);
    }

    @Test
    void should_refuse_to_reduce_nothing() {
        String rule = "; there is nothing to reduce along an axis of length 0";
        assertRefused(() -> Ops.mean(x(0, 3)), "mean: x is [0, 3]" + rule);
        assertRefused(() -> Ops.mean(x(0, 3), 0), "mean: x is [0, 3]" + rule);
        assertRefused(() -> Ops.max(x(2, 0), 1), "max: x is [2, 0]" + rule);
        assertRefused(() -> Ops.logSumExp(x(2, 0), -1), "logSumExp: x is [2, 0]" + rule);
        assertRefused(() -> Ops.sum(x(2, 3), 2), "sum: axis 2 of [2, 3]; expected -2..1");
        assertRefused(() -> Ops.max(x(2, 3), -3), "max: axis -3 of [2, 3]; expected -2..1");
    }

    @Test
    void should_refuse_scalars_where_there_must_be_a_last_axis() {
        assertRefused(() -> Ops.softmax(x()), "softmax: x is []; expected rank 1 or more");
        assertRefused(() -> Ops.logSoftmax(x()), "logSoftmax: x is []; expected rank 1 or more");
        assertRefused(() -> Ops.layerNorm(x()), "layerNorm: x is []; expected rank 1 or more");
    }

    @Test
    void should_refuse_losses_of_different_shapes() {
        assertRefused(
                () -> Ops.binaryCrossEntropy(x(2, 3), x(3)),
                "binaryCrossEntropy: logits are [2, 3] and targets [3]; both must have one shape");
        assertRefused(
                () -> Ops.meanSquaredError(x(2, 3), x(3)),
                "meanSquaredError: a are [2, 3] and b [3]; both must have one shape");
        assertRefused(
                () -> Ops.crossEntropy(x(2, 3), integers(3)),
                "crossEntropy: labels are [3] and logits [2, 3]; expected [2]");
        assertRefused(() -> Ops.crossEntropy(x(3), integers()), "crossEntropy: logits is [3]; expected rank 2 or more");
        CrossEntropy loss = CrossEntropy.meanOverTokens();
        assertRefused(
                () -> loss.mask(integers(2, 1)).of(x(2, 3), integers(2)),
                "crossEntropy: the mask is [2, 1] and logits [2, 3]; expected [2]");
        assertRefused(
                () -> loss.classWeights(x(2)).of(x(2, 3), integers(2)),
                "crossEntropy: class weights are [2] and logits [2, 3]; expected one weight for each label, [3]");
        assertRefused(
                () -> loss.lengths(integers(4)).of(x(4, 2, 3), integers(4, 2)),
                "crossEntropy: logits is [4, 2, 3] and the lengths are [4]; expected one length for each row, [2]");
        assertRefused(
                () -> loss.lengths(integers(2)).of(x(2, 3), integers(2)),
                "crossEntropy: logits is [2, 3]; expected rank 3");
    }

    @Test
    void should_refuse_parameters_only() {
        Parameter w = new Parameter("w", Tensor.zeros(DType.FLOAT32, 2, 2));
        String mend = ": no operand is a node of a graph; take a parameter in by Graph.use(parameter) first";
        assertRefused(() -> Ops.plus(w, w), "plus" + mend);
        assertRefused(() -> Ops.matmul(w, w), "matmul" + mend);
        assertRefused(() -> Ops.addmm(w, w, w), "addmm" + mend);
        assertRefused(() -> Ops.concat(0, w, w), "concat" + mend);
    }

    @Test
    void should_refuse_numbers_as_labels_indices_and_masks() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ops.gather(x(2, 2), x(2)))
                .withMessageStartingWith("gather: operand 1, input #1 [2], is float32; expected int32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ops.select(x(2), x(2), x(2)))
                .withMessageContaining("is float32; expected int32");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CrossEntropy.meanOverTokens().mask(x(2)).of(x(2, 2), integers(2)))
                .withMessageStartingWith("crossEntropy: operand 2,");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ops.selectNonZero(integers(2), x(2), x(2)))
                .withMessageContaining("is int32; expected float32 or float64");
    }
}
