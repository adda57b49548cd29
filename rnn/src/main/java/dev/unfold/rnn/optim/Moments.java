package dev.unfold.rnn.optim;

import dev.unfold.ops.kernel.UpdateKernels;

/** The running means of gradients and of their squares, and the step of Adam by them. */
final class Moments {
    /** How many tensors are kept for each parameter: the two means. */
    static final int STATES = 2;

    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private long step;
    private double firstBias;
    private double secondBias;

    Moments(double beta1, double beta2, double epsilon) {
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.epsilon = epsilon;
    }

    static void check(String name, double beta1, double beta2, double epsilon, double weightDecay) {
        Checks.fraction(name, "beta1", beta1);
        Checks.fraction(name, "beta2", beta2);
        Checks.epsilon(name, epsilon);
        Checks.notNegative(name, "weight decay", weightDecay);
    }

    void update(Portion portion, double decay, double learningRate, long atStep, UpdateKernels kernels) {
        if (step != atStep) {
            step = atStep;
            // Means that begin with zero are too small by these factors.
            firstBias = 1 - power(beta1, step);
            secondBias = 1 - power(beta2, step);
        }
        kernels.adam(
                portion.gradient(),
                portion.state(0),
                portion.state(1),
                beta1,
                beta2,
                epsilon,
                decay,
                learningRate / firstBias,
                Math.sqrt(secondBias),
                portion.value());
    }

    /** Powers by squaring: {@link Math#pow} may differ between machines, and {@link StrictMath#pow} may allocate. */
    private static double power(double base, long exponent) {
        double power = 1;
        double square = base;
        for (long rest = exponent; rest > 0; rest >>= 1) {
            power = (rest & 1) == 1 ? power * square : power;
            square *= square;
        }
        return power;
    }
}
