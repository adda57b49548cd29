package dev.unfold.ops.kernel;

import dev.unfold.graph.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Kernels that work along rows, or along another axis, and kernels that move rows. A tensor cut along an axis is seen
 * as {@code [outer, length, inner]}; its rows are those of {@link dev.unfold.graph.Shape#rows()}.
 */
public interface RowKernels {
    /** y[o,i] = factor sum over l of x[o,l,i]. */
    void sum(Tensor x, int length, int inner, double factor, Tensor y);

    /** dx[o,l,i] += factor dy[o,i]. */
    void sumGradient(Tensor dy, int length, int inner, double factor, Tensor dx);

    /** y[o,i] = max over l of x[o,l,i]; NaN where one is NaN. */
    void max(Tensor x, int length, int inner, Tensor y);

    /** dx[o,l,i] += dy[o,i] at the first l where x[o,l,i] = y[o,i]. */
    void maxGradient(Tensor x, Tensor y, Tensor dy, int length, int inner, Tensor dx);

    /** y[o,i] = ln sum over l of e^x[o,l,i], without overflow. */
    void logSumExp(Tensor x, int length, int inner, Tensor y);

    /** dx[o,l,i] += e^(x[o,l,i] - y[o,i]) dy[o,i]. */
    void logSumExpGradient(Tensor x, Tensor y, Tensor dy, int length, int inner, Tensor dx);

    /** y = e^x / sum of e^x along each row, without overflow. */
    void softmax(Tensor x, Tensor y);

    /** dx += y (dy - sum of y dy along the row). */
    void softmaxGradient(Tensor y, Tensor dy, Tensor dx);

    /** y = x - ln sum of e^x along each row. */
    void logSoftmax(Tensor x, Tensor y);

    /** dx += dy - e^y times the sum of dy along the row. */
    void logSoftmaxGradient(Tensor y, Tensor dy, Tensor dx);

    /**
     * y = (x - mean) / sqrt(variance + epsilon) along each row, with the variance of the row itself (divided by its
     * length).
     *
     * @param inverse receives 1 / sqrt(variance + epsilon), one number a row
     */
    void layerNorm(Tensor x, double epsilon, Tensor y, Tensor inverse);

    /** dx += inverse (dy - mean of dy - y times the mean of y dy), means along each row. */
    void layerNormGradient(Tensor y, Tensor inverse, Tensor dy, Tensor dx);

    /**
     * Sums -weight ln softmax(x)[label] over the tokens that count, and divides; 0 where none counts and the divisor is
     * what counts.
     *
     * @param x logits, one row for each label
     * @param labels int32
     * @param mask int32, 0 where a token does not count; null where all do
     * @param lengths int32, for each of the labels' columns the steps that count, each from 0 on; null where all do
     * @param classes a weight for each label; null where all weigh 1
     * @param saved receives ln sum e^x of each row, then the divisor
     * @param loss receives the one number
     * @throws IllegalArgumentException for a label that counts and is outside the columns of x
     */
    void crossEntropy(
            Tensor x,
            Tensor labels,
            @Nullable Tensor mask,
            @Nullable Tensor lengths,
            @Nullable Tensor classes,
            LabelRules rules,
            Tensor saved,
            Tensor loss);

    /** dx += weight (softmax(x) - [column = label]) dloss / divisor for the tokens that count. */
    void crossEntropyGradient(
            Tensor x,
            Tensor labels,
            @Nullable Tensor mask,
            @Nullable Tensor lengths,
            @Nullable Tensor classes,
            LabelRules rules,
            Tensor saved,
            Tensor dloss,
            Tensor dx);

    /**
     * y[i] = table[indices[i]], row by row.
     *
     * @throws IllegalArgumentException for an index outside the table
     */
    void gather(Tensor table, Tensor indices, Tensor y);

    /** dtable[indices[i]] += dy[i], in ascending i; an index below 0 stands for no row. */
    void gatherGradient(Tensor indices, Tensor dy, Tensor dtable);

    /**
     * y[i] = sum over k of values[i,k] table[indices[i,k]], rows in ascending k; one whose value is 0 is not read.
     *
     * @throws IllegalArgumentException for an index outside the table
     */
    void gatherSum(Tensor table, Tensor indices, Tensor values, Tensor y);

    /** dtable[indices[i,k]] += values[i,k] dy[i], in ascending i, then k; nothing where the value is 0. */
    void gatherSumGradient(Tensor indices, Tensor values, Tensor dy, Tensor dtable);

    /**
     * y = a where the mask is not 0, else b; each number of the mask stands for a run of elements.
     *
     * @param mask int32, or of the type of y
     * @throws IllegalArgumentException for NaN in the mask
     */
    void select(Tensor mask, Tensor a, Tensor b, Tensor y);

    /** dx += dy where the mask is not 0 ({@code wanted}), or where it is 0 (not {@code wanted}). */
    void selectGradient(Tensor mask, boolean wanted, Tensor dy, Tensor dx);

    /** y[o,b,m,a,i] = x[o,a,m,b,i]: two axes change places, of length a and b, with m elements' worth between. */
    void swapAxes(Tensor x, int a, int middle, int b, int inner, Tensor y);

    /** dx[o,a,m,b,i] += dy[o,b,m,a,i]. */
    void swapAxesGradient(Tensor dy, int a, int middle, int b, int inner, Tensor dx);
}
