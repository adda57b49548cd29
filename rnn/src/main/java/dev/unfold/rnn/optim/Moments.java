package dev.unfold.rnn.optim;

import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.UpdateKernels;
import java.util.List;

/** The running means of gradients and of their squares, and the step of Adam by them. */
final class Moments {
    private final List<Tensor> first;
    private final List<Tensor> second;
    private final double beta1;
    private final double beta2;
    private final double epsilon;

    Moments(List<Tensor> first, List<Tensor> second, double beta1, double beta2, double epsilon) {
        this.first = first;
        this.second = second;
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

    void update(int index, Parameter parameter, double decay, double learningRate, long step, UpdateKernels kernels) {
        // Means that begin with zero are too small by these factors.
        double firstBias = 1 - power(beta1, step);
        double secondBias = 1 - power(beta2, step);
        kernels.adam(
                parameter.gradient(),
                first.get(index),
                second.get(index),
                beta1,
                beta2,
                epsilon,
                decay,
                learningRate / firstBias,
                Math.sqrt(secondBias),
                parameter.value());
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
