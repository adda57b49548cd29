package dev.unfold.ops.kernel;

import dev.unfold.graph.Tensor;

/** Kernels by which optimisers change parameters. All tensors of a call have the same number of elements. */
public interface UpdateKernels {
    /** Returns the sum of the squares, in double precision. */
    double sumOfSquares(Tensor x);

    /** x = min(max(x, low), high), in place. */
    void clip(Tensor x, double low, double high);

    /** gradient += decay parameter: the gradient of half the decay times the sum of squares. */
    void addDecay(Tensor parameter, double decay, Tensor gradient);

    /** parameter -= rate gradient. */
    void sgd(Tensor gradient, double rate, Tensor parameter);

    /** velocity = momentum velocity + gradient. */
    void velocity(Tensor gradient, double momentum, Tensor velocity);

    /** parameter -= rate (gradient + momentum velocity), Nesterov's step. */
    void nesterov(Tensor gradient, Tensor velocity, double momentum, double rate, Tensor parameter);

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
            double rate,
            double root,
            double epsilon,
            Tensor parameter);

    /** mean = smoothing mean + (1 - smoothing) g^2; parameter -= rate g / (sqrt(mean) + epsilon). */
    void rmsProp(Tensor gradient, Tensor mean, double smoothing, double rate, double epsilon, Tensor parameter);

    /** sum += g^2; parameter -= rate g / (sqrt(sum) + epsilon). */
    void adagrad(Tensor gradient, Tensor sum, double rate, double epsilon, Tensor parameter);
}
