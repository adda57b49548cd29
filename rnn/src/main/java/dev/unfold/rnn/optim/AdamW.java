package dev.unfold.rnn.optim;

import dev.unfold.graph.Parameter;
import dev.unfold.ops.kernel.UpdateKernels;
import java.util.List;

/**
 * {@link Adam} with weight decay of its own, apart from the gradient. At step {@code t}:
 *
 * <pre>
 * p -= rate decay p
 * m = beta1 m + (1 - beta1) gradient
 * s = beta2 s + (1 - beta2) gradient^2
 * p -= rate (m / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + epsilon)
 * </pre>
 *
 * <p>Loshchilov and Hutter, Decoupled weight decay regularization, 2019; the formulas as in {@code torch.optim.AdamW}.
 */
public final class AdamW extends Optimizer {
    private static final String NAME = "adamw";

    private final Adam.Options options;
    private final Moments moments;

    /**
     * Makes the optimiser with its usual options.
     *
     * @throws IllegalArgumentException as {@link Optimizer} does
     */
    public AdamW(List<Parameter> parameters, double learningRate) {
        this(parameters, learningRate, options());
    }

    /**
     * Makes the optimiser with options.
     *
     * @throws IllegalArgumentException as {@link Optimizer} does
     */
    public AdamW(List<Parameter> parameters, double learningRate, Adam.Options options) {
        super(NAME, parameters, learningRate, Moments.STATES);
        this.options = options;
        this.moments = new Moments(options.beta1(), options.beta2(), options.epsilon());
    }

    /** Returns the usual options: betas 0.9 and 0.999, epsilon 1e-8, decay 0.01. */
    public static Adam.Options options() {
        return new Adam.Options(0.9, 0.999, 1e-8, 0.01);
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
        if (options.weightDecay() > 0) {
            kernels.shrink(learningRate() * options.weightDecay(), portion.value());
        }
        moments.update(portion, 0, learningRate(), steps(), kernels);
    }
}
