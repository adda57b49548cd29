package dev.unfold.ops.kernel;

import dev.unfold.graph.Tensor;

/**
 * Kernels that treat every element alike. In those of one input {@code x}, output {@code y} and all gradients have the
 * same number of elements.
 *
 * <p>A gradient that is <em>flushed</em> is 0 where it would be subnormal. Gradients that vanish over hundreds of steps end there, and
 * arithmetic on subnormal numbers would be many times slower. What is summed over rows is never flushed: a sum over all steps has to equal
 * the sum of its parts.
 */
public interface PointwiseKernels {
    /** y = factor x. */
    void scale(Tensor x, double factor, Tensor y);

    /** y = x + number. */
    void shift(Tensor x, double number, Tensor y);

    /** y = x^2. */
    void square(Tensor x, Tensor y);

    /** dx += 2 x dy. */
    void squareGradient(Tensor x, Tensor dy, Tensor dx);

    /** y = sqrt(x). */
    void sqrt(Tensor x, Tensor y);

    /** dx += dy / (2 y). */
    void sqrtGradient(Tensor y, Tensor dy, Tensor dx);

    /** y = e^x. */
    void exp(Tensor x, Tensor y);

    /** dx += y dy. */
    void expGradient(Tensor y, Tensor dy, Tensor dx);

    /** y = ln(x). */
    void log(Tensor x, Tensor y);

    /** dx += dy / x. */
    void logGradient(Tensor x, Tensor dy, Tensor dx);

    /** y = |x|. */
    void abs(Tensor x, Tensor y);

    /** dx += sign(x) dy; nothing where x = 0. */
    void absGradient(Tensor x, Tensor dy, Tensor dx);

    /** y = min(max(x, low), high). */
    void clip(Tensor x, double low, double high, Tensor y);

    /** dx += dy where low &lt;= x &lt;= high. */
    void clipGradient(Tensor x, double low, double high, Tensor dy, Tensor dx);

    /** y = 1 / (1 + e^-x). */
    void sigmoid(Tensor x, Tensor y);

    /** dx += y (1 - y) dy, flushed. */
    void sigmoidGradient(Tensor y, Tensor dy, Tensor dx);

    /** y = tanh(x). */
    void tanh(Tensor x, Tensor y);

    /** dx += (1 - y^2) dy, flushed. */
    void tanhGradient(Tensor y, Tensor dy, Tensor dx);

    /** y = max(x, 0). */
    void relu(Tensor x, Tensor y);

    /** dx += dy where y &gt; 0. */
    void reluGradient(Tensor y, Tensor dy, Tensor dx);

    /** y = x where x &gt; 0, else below times x. */
    void leakyRelu(Tensor x, double below, Tensor y);

    /** dx += dy where x &gt; 0, else below times dy. */
    void leakyReluGradient(Tensor x, double below, Tensor dy, Tensor dx);

    /** y = ln(1 + e^x). */
    void softplus(Tensor x, Tensor y);

    /** dx += dy / (1 + e^-x). */
    void softplusGradient(Tensor x, Tensor dy, Tensor dx);

    /** y = x where x &gt; 0, else alpha (e^x - 1). */
    void elu(Tensor x, double alpha, Tensor y);

    /** dx += dy where x &gt; 0, else alpha e^x dy. */
    void eluGradient(Tensor x, double alpha, Tensor dy, Tensor dx);

    /** y = x Phi(x), with Phi the distribution function of the standard normal distribution. */
    void gelu(Tensor x, Tensor y);

    /** dx += (Phi(x) + x phi(x)) dy. */
    void geluGradient(Tensor x, Tensor dy, Tensor dx);

    /** y = a + b. The smaller of a and b is repeated; so in the other kernels of two inputs. */
    void add(Tensor a, Tensor b, Tensor y);

    /** y = a - b. */
    void subtract(Tensor a, Tensor b, Tensor y);

    /** y = a b. */
    void multiply(Tensor a, Tensor b, Tensor y);

    /** y = a / b. */
    void divide(Tensor a, Tensor b, Tensor y);

    /** dx += factor dy; where dx is smaller, it was repeated, and takes the sum over its repetitions. */
    void addGradient(Tensor dy, double factor, Tensor dx);

    /** dx += other dy; where dx or other is smaller than dy, it was repeated. Flushed where dx is as large as dy. */
    void multiplyGradient(Tensor other, Tensor dy, Tensor dx);

    /** dx += dy / divisor; where dx or divisor is smaller than dy, it was repeated. */
    void dividendGradient(Tensor divisor, Tensor dy, Tensor dx);

    /** dx -= dy y / divisor, with dx of the size of the divisor; where these are smaller than dy, they were repeated. */
    void divisorGradient(Tensor divisor, Tensor y, Tensor dy, Tensor dx);

    /**
     * y = x / keep where kept, else 0, over a run of elements from a row-major position on. It selects: NaN that is not kept goes
     * nowhere.
     *
     * @param row what {@link Draws} draws the elements of the run from; each is kept with probability keep
     */
    void dropout(Tensor x, int position, int length, long row, double keep, Tensor y);

    /** dx += dy / keep where {@link #dropout} kept. */
    void dropoutGradient(Tensor dy, int position, int length, long row, double keep, Tensor dx);

    /** target += source over a run of elements, from row-major positions on. */
    void addRun(Tensor source, int sourcePosition, Tensor target, int targetPosition, int length);
}
