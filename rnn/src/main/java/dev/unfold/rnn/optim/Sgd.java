package dev.unfold.rnn.optim;

import dev.unfold.graph.Parameter;
import dev.unfold.ops.kernel.UpdateKernels;
import java.util.List;

/**
 * Gradient descent, with momentum if wanted. With {@code g = gradient + decay p}:
 *
 * <pre>
 * plain     p -= rate g
 * momentum  v = momentum v + g;  p -= rate v
 * Nesterov  v = momentum v + g;  p -= rate (g + momentum v)
 * </pre>
 *
 * <p>Polyak, Some methods of speeding up the convergence of iteration methods, 1964; Sutskever et al., On the importance
 * of initialization and momentum in deep learning, 2013; the formulas as in {@code torch.optim.SGD}.
 */
public final class Sgd extends Optimizer {
    private static final String NAME = "sgd";

    private final Options options;

    /**
     * Makes plain gradient descent.
     *
     * @throws IllegalArgumentException as {@link Optimizer} does
     */
    public Sgd(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, options());
    }

    /**
     * Makes gradient descent with options.
     *
     * @throws IllegalArgumentException as {@link Optimizer} does, and for Nesterov's step without momentum
     */
    public Sgd(List<Parameter> parameters, double learningRate, Options options) {
        super(NAME, parameters, learningRate, options.momentum() > 0 ? 1 : 0);
        if (options.lookAhead() && options.momentum() == 0) {
            throw new IllegalArgumentException(
                    NAME + ": Nesterov's step is asked for and momentum is 0; set momentum above 0, 0.9 for example");
        }
        this.options = options;
    }

    /** Returns the options of plain descent: no momentum, no decay. */
    public static Options options() {
        return new Options(0, false, 0);
    }

    @Override
    protected Reach reach() {
        if (options.weightDecay() > 0) {
            return Reach.ALL;
        }
        return options.momentum() > 0 ? Reach.EVER : Reach.GRADIENT;
    }

    @Override
    public String toString() {
        return NAME + " " + options;
    }

    @Override
    protected void update(Portion portion, UpdateKernels kernels) {
        double momentum = options.momentum();
        double decay = options.weightDecay();
        if (momentum == 0) {
            kernels.sgd(portion.gradient(), decay, learningRate(), portion.value());
        } else {
            kernels.momentum(
                    portion.gradient(),
                    portion.state(0),
                    momentum,
                    options.lookAhead(),
                    decay,
                    learningRate(),
                    portion.value());
        }
    }

    /**
     * What can be set, immutable; begin with {@link Sgd#options()}.
     *
     * @param momentum the part of the velocity that a step keeps, from 0 up to but not including 1; 0 is none
     * @param lookAhead whether steps are Nesterov's
     * @param weightDecay 0 or above
     */
    public record Options(double momentum, boolean lookAhead, double weightDecay) {
        /**
         * Checks the numbers.
         *
         * @throws IllegalArgumentException for one outside its range
         */
        public Options {
            Checks.fraction(NAME, "momentum", momentum);
            Checks.notNegative(NAME, "weight decay", weightDecay);
        }

        /** Returns these options with another momentum. */
        public Options momentum(double value) {
            return new Options(value, lookAhead, weightDecay);
        }

        /** Returns these options with Nesterov's step. */
        public Options nesterov() {
            return new Options(momentum, true, weightDecay);
        }

        /** Returns these options with another weight decay. */
        public Options weightDecay(double value) {
            return new Options(momentum, lookAhead, value);
        }
    }
}
