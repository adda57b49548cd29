package dev.unfold.rnn.optim;

import dev.unfold.graph.Parameter;
import dev.unfold.ops.kernel.UpdateKernels;
import java.util.List;

/**
 * RMSProp: divides each gradient by the root of a running mean of its squares. With {@code g = gradient + decay p}:
 *
 * <pre>
 * s = alpha s + (1 - alpha) g^2
 * p -= rate g / (sqrt(s) + epsilon)
 * </pre>
 *
 * <p>Tieleman and Hinton, Lecture 6.5 of Neural networks for machine learning, 2012; the formulas as in
 * {@code torch.optim.RMSprop}.
 */
public final class RmsProp extends Optimizer {
    private static final String NAME = "rmsprop";

    private final Options options;

    /**
     * Makes the optimiser with its usual options.
     *
     * @throws IllegalArgumentException as {@link Optimizer} does
     */
    public RmsProp(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, options());
    }

    /**
     * Makes the optimiser with options.
     *
     * @throws IllegalArgumentException as {@link Optimizer} does
     */
    public RmsProp(List<Parameter> parameters, double learningRate, Options options) {
        super(NAME, parameters, learningRate, 1);
        this.options = options;
    }

    /** Returns the usual options: alpha 0.99, epsilon 1e-8, no decay. */
    public static Options options() {
        return new Options(0.99, 1e-8, 0);
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
        kernels.rmsProp(
                portion.gradient(),
                portion.state(0),
                options.alpha(),
                options.epsilon(),
                options.weightDecay(),
                learningRate(),
                portion.value());
    }

    /**
     * What can be set, immutable; begin with {@link RmsProp#options()}.
     *
     * @param alpha the part of the mean of squares that a step keeps, from 0 up to but not including 1
     * @param epsilon above 0, what the divisor is at least
     * @param weightDecay 0 or above
     */
    public record Options(double alpha, double epsilon, double weightDecay) {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException for one outside its range
         */
        public Options {
            Checks.fraction(NAME, "alpha", alpha);
            Checks.epsilon(NAME, epsilon);
            Checks.notNegative(NAME, "weight decay", weightDecay);
        }

        /** Returns these options with another alpha. */
        public Options alpha(double value) {
            return new Options(value, epsilon, weightDecay);
        }

        /** Returns these options with another epsilon. */
        public Options epsilon(double value) {
            return new Options(alpha, value, weightDecay);
        }

        /** Returns these options with another weight decay. */
        public Options weightDecay(double value) {
            return new Options(alpha, epsilon, value);
        }
    }
}
