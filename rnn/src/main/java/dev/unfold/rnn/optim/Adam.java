package dev.unfold.rnn.optim;

import dev.unfold.graph.Parameter;
import dev.unfold.ops.kernel.UpdateKernels;
import java.util.List;

/**
 * Adam: steps of about the learning rate, whatever the size of the gradient. At step {@code t}, with
 * {@code g = gradient + decay p}:
 *
 * <pre>
 * m = beta1 m + (1 - beta1) g
 * s = beta2 s + (1 - beta2) g^2
 * p -= rate (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + epsilon)
 * </pre>
 *
 * <p>Kingma and Ba, Adam: a method for stochastic optimization, 2015; the formulas as in {@code torch.optim.Adam}. Its
 * decay passes through the division and so acts unevenly; {@link AdamW} has one that does not.
 */
public final class Adam extends Optimizer {
    private static final String NAME = "adam";

    private final Options options;
    private final Moments moments;

    /**
     * Makes the optimiser with its usual options.
     *
     * @throws IllegalArgumentException as {@link Optimizer} does
     */
    public Adam(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, options());
    }

    /**
     * Makes the optimiser with options.
     *
     * @throws IllegalArgumentException as {@link Optimizer} does
     */
    public Adam(List<Parameter> parameters, double learningRate, Options options) {
        super(NAME, parameters, learningRate, Moments.STATES);
        this.options = options;
        this.moments = new Moments(options.beta1(), options.beta2(), options.epsilon());
    }

    /** Returns the usual options: betas 0.9 and 0.999, epsilon 1e-8, no decay. */
    public static Options options() {
        return new Options(0.9, 0.999, 1e-8, 0);
    }

    @Override
    protected Reach reach() {
        return options.weightDecay() > 0 ? Reach.ALL : Reach.EVER;
    }

    @Override
    public String toString() {
        return NAME + " " + options;
    }

    @Override
    protected void update(Portion portion, UpdateKernels kernels) {
        moments.update(portion, options.weightDecay(), learningRate(), steps(), kernels);
    }

    /**
     * What can be set, here and in {@link AdamW}, immutable; begin with {@link Adam#options()} or {@link AdamW#options()}.
     *
     * @param beta1 the part of the mean of gradients that a step keeps, from 0 up to but not including 1
     * @param beta2 the part of the mean of squares that a step keeps, from 0 up to but not including 1
     * @param epsilon above 0, what the divisor is at least
     * @param weightDecay 0 or above
     */
    public record Options(double beta1, double beta2, double epsilon, double weightDecay) {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException for one outside its range
         */
        public Options {
            Moments.check(NAME, beta1, beta2, epsilon, weightDecay);
        }

        /** Returns these options with other parts that the two means keep. */
        public Options betas(double first, double second) {
            return new Options(first, second, epsilon, weightDecay);
        }

        /** Returns these options with another epsilon. */
        public Options epsilon(double value) {
            return new Options(beta1, beta2, value, weightDecay);
        }

        /** Returns these options with another weight decay. */
        public Options weightDecay(double value) {
            return new Options(beta1, beta2, epsilon, value);
        }
    }
}
