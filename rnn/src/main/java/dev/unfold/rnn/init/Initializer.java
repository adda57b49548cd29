package dev.unfold.rnn.init;

import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import org.apache.commons.math3.random.RandomGenerator;

/** Gives a tensor its first values. {@link Initializers} makes the usual ones. */
@FunctionalInterface
public interface Initializer {
    /**
     * Overwrites all elements of a tensor. What is drawn is drawn as doubles, in row-major order, and then rounded to
     * the tensor's type: float32 and float64 tensors filled from one seed agree up to rounding.
     *
     * @param target float32 or float64
     * @param random the generator to draw from, which moves on
     * @throws IllegalArgumentException where the tensor's type or shape is not one that can be filled
     */
    void fill(Tensor target, RandomGenerator random);

    /**
     * Makes a parameter filled by this.
     *
     * @param name how messages, checks and files call it, for example {@code rnn.wx}
     * @param dtype float32 or float64
     * @param random the generator to draw from, which moves on
     * @param dims the lengths of the axes, outermost first
     * @throws IllegalArgumentException for a blank name, or a type or shape that cannot be filled
     */
    default Parameter parameter(String name, DType dtype, RandomGenerator random, int... dims) {
        Parameter parameter = new Parameter(name, Tensor.zeros(dtype, dims));
        fill(parameter.value(), random);
        return parameter;
    }
}
