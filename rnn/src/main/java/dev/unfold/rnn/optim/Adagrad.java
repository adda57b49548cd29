package dev.unfold.rnn.optim;

import dev.unfold.graph.Parameter;
import dev.unfold.ops.kernel.UpdateKernels;
import java.util.List;

/**
 * Adagrad: divides each gradient by the root of the sum of its squares so far, so that what changes seldom changes much.
 * With {@code g = gradient + decay p}:
 *
 * <pre>
 * s = s + g^2
 * p -= rate g / (sqrt(s) + epsilon)
 * </pre>
 *
 * <p>Duchi, Hazan and Singer, Adaptive subgradient methods for online learning and stochastic optimization, 2011; the
 * formulas as in {@code torch.optim.Adagrad}.
 */
public final class Adagrad extends Optimizer {
    private static final String NAME = "adagrad";

    private final Options options;

    /**
     * Makes the optimiser with its usual options.
     *
     * @throws IllegalArgumentException as {@link Optimizer} does
     */
    public Adagrad(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, options());
    }

    /**
     * Makes the optimiser with options.
     *
     * @throws IllegalArgumentException as {@link Optimizer} does
     */
    public Adagrad(List<Parameter> parameters, double learningRate, Options options) {
        super(NAME, parameters, learningRate, 1);
        this.options = options;
    }

    /** Returns the usual options: epsilon 1e-10, no decay. */
    public static Options options() {
        return new Options(1e-10, 0);
    }

    @Override
    protected Reach reach() {
        return options.weightDecay() > 0 ? Reach.ALL : Reach.GRADIENT;
    }

    @Override
    public String toString() {
        return NAME + " " + options;
    }

    @Override
    protected void update(Portion portion, UpdateKernels kernels) {
        kernels.adagrad(
                portion.gradient(),
                portion.state(0),
                options.epsilon(),
                options.weightDecay(),
                learningRate(),
                portion.value());
    }

    /**
     * What can be set, immutable; begin with {@link Adagrad#options()}.
     *
     * @param epsilon above 0, what the divisor is at least
     * @param weightDecay 0 or above
     */
    public record Options(double epsilon, double weightDecay) {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException for one outside its range
         */
        public Options {
            Checks.epsilon(NAME, epsilon);
            Checks.notNegative(NAME, "weight decay", weightDecay);
        }

        /** Returns these options with another epsilon. */
        public Options epsilon(double value) {
            return new Options(value, weightDecay);
        }

        /** Returns these options with another weight decay. */
        public Options weightDecay(double value) {
            return new Options(epsilon, value);
        }
    }
}
