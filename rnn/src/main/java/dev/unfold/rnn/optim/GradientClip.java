package dev.unfold.rnn.optim;

import dev.unfold.graph.GradientRows;
import dev.unfold.graph.Parameter;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.PointwiseKernels;
import dev.unfold.ops.kernel.UpdateKernels;
import java.util.List;

/**
 * Bounds gradients, to be called between backward and the step. Gradients of recurrent networks are products over the
 * steps of a sequence and now and then explode.
 *
 * <p>Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013.
 */
public final class GradientClip {
    private static final String BY_VALUE = "clip by value";
    private static final String BY_NORM = "clip by global norm";

    /** Keeps the quotient finite where the norm is 0, as {@code clip_grad_norm_} does. */
    private static final double ABOVE_ZERO = 1e-6;

    private GradientClip() {}

    /**
     * Brings every element of every gradient into {@code [-limit, limit]}. NaN stays NaN.
     *
     * @throws IllegalArgumentException for a limit that is not a finite number above 0, or a parameter given twice
     */
    public static void clipByValue(List<Parameter> parameters, double limit) {
        Checks.positive(BY_VALUE, "limit", limit);
        Checks.distinct(BY_VALUE, parameters);
        for (int i = 0; i < parameters.size(); i++) {
            GradientRows rows = parameters.get(i).gradientRows();
            UpdateKernels kernels = Kernels.of(rows.gradient().dtype()).updates();
            for (int row = rows.next(0); row >= 0; row = rows.next(row + 1)) {
                kernels.clip(rows.row(row), -limit, limit);
            }
        }
    }

    /**
     * Scales all gradients by one factor, {@code min(1, maxNorm / (norm + 1e-6))}, where {@code norm} is the root of the
     * sum of the squares of all their elements: the direction stays. As {@code torch.nn.utils.clip_grad_norm_}.
     *
     * <p>A norm that is NaN or infinite tells nothing of the direction. It is returned, the gradients stay as they are,
     * and the caller decides, for example to skip the step.
     *
     * @return the norm before scaling; the squares are added up in double precision, row by row, in the order of the list
     * @throws IllegalArgumentException for a maximum that is not a finite number above 0, or a parameter given twice
     */
    public static double clipByGlobalNorm(List<Parameter> parameters, double maxNorm) {
        Checks.positive(BY_NORM, "maximum norm", maxNorm);
        Checks.distinct(BY_NORM, parameters);
        double sum = 0;
        for (int i = 0; i < parameters.size(); i++) {
            GradientRows rows = parameters.get(i).gradientRows();
            UpdateKernels kernels = Kernels.of(rows.gradient().dtype()).updates();
            for (int row = rows.next(0); row >= 0; row = rows.next(row + 1)) {
                sum += kernels.sumOfSquares(rows.row(row));
            }
        }
        double norm = Math.sqrt(sum);
        double factor = maxNorm / (norm + ABOVE_ZERO);
        if (factor < 1 && Double.isFinite(norm)) {
            for (int i = 0; i < parameters.size(); i++) {
                GradientRows rows = parameters.get(i).gradientRows();
                PointwiseKernels kernels = Kernels.of(rows.gradient().dtype()).pointwise();
                for (int row = rows.next(0); row >= 0; row = rows.next(row + 1)) {
                    kernels.scale(rows.row(row), factor, rows.row(row));
                }
            }
        }
        return norm;
    }
}
