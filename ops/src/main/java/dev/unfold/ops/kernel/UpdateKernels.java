package dev.unfold.ops.kernel;

import dev.unfold.graph.Tensor;

/**
 * Kernels by which optimisers change parameters. All tensors of a call have the same number of elements.
 *
 * <p>In every formula {@code g = gradient + decay parameter}, where {@code decay parameter} is the gradient of half the
 * decay times the sum of squares of the parameter. The gradient itself is only read.
 */
public interface UpdateKernels {
    /** Returns the sum of the squares, in double precision. */
    double sumOfSquares(Tensor x);

    /** x = min(max(x, low), high), in place. */
    void clip(Tensor x, double low, double high);

    /** parameter -= fraction parameter: decay that no gradient takes part in. */
    void shrink(double fraction, Tensor parameter);

    /** parameter -= rate g. */
    void sgd(Tensor gradient, double decay, double rate, Tensor parameter);

    /**
     * velocity = momentum velocity + g; parameter -= rate velocity, or with {@code lookAhead}, Nesterov's step, parameter -= rate
     * (g + momentum velocity).
     */
    void momentum(
            Tensor gradient,
            Tensor velocity,
            double momentum,
            boolean lookAhead,
            double decay,
            double rate,
            Tensor parameter);

    /**
     * first = beta1 first + (1 - beta1) g; second = beta2 second + (1 - beta2) g^2; parameter -= rate first /
     * (sqrt(second) / root + epsilon).
     *
     * @param rate the learning rate divided by 1 - beta1^t
     * @param root sqrt(1 - beta2^t)
     */
    void adam(
            Tensor gradient,
            Tensor first,
            Tensor second,
            double beta1,
            double beta2,
            double epsilon,
            double decay,
            double rate,
            double root,
            Tensor parameter);

    /** mean = smoothing mean + (1 - smoothing) g^2; parameter -= rate g / (sqrt(mean) + epsilon). */
    void rmsProp(
            Tensor gradient,
            Tensor mean,
            double smoothing,
            double epsilon,
            double decay,
            double rate,
            Tensor parameter);

    /** sum += g^2; parameter -= rate g / (sqrt(sum) + epsilon). */
    void adagrad(Tensor gradient, Tensor sum, double epsilon, double decay, double rate, Tensor parameter);
}
