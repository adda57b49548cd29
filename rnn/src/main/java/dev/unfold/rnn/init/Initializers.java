package dev.unfold.rnn.init;

import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;

/**
 * The usual initialisers. Where a formula speaks of {@code fanIn} and {@code fanOut}, the tensor must be a matrix
 * {@code [fanIn, fanOut]}. A gain makes up for what the function behind the matrix does to the spread of its input: 1
 * for tanh and sigmoid, sqrt(2) for ReLU.
 */
public final class Initializers {
    private static final double RELU_GAIN = Math.sqrt(2);

    private Initializers() {}

    /** Every element is 0. */
    public static Initializer zeros() {
        return constant(0);
    }

    /**
     * Every element is {@code value}.
     *
     * @throws IllegalArgumentException for NaN or infinity
     */
    public static Initializer constant(double value) {
        checkFinite("constant", "value", value);
        return (target, random) -> checkType("constant", target).fill(value);
    }

    /**
     * Elements drawn evenly from {@code [low, high)}.
     *
     * @throws IllegalArgumentException where a bound or the distance between them is not finite, or low exceeds high
     */
    public static Initializer uniform(double low, double high) {
        checkFinite("uniform", "low", low);
        checkFinite("uniform", "high", high);
        checkFinite("uniform", "high - low", high - low);
        if (low > high) {
            throw new IllegalArgumentException(
                    "uniform: low is " + low + " and high is " + high + "; expected low to be at most high; swap them");
        }
        return (target, random) -> draw(checkType("uniform", target), () -> low + (high - low) * random.nextDouble());
    }

    /**
     * Elements drawn from the normal distribution.
     *
     * @param deviation the standard deviation, at least 0
     * @throws IllegalArgumentException for a negative deviation, or a number that is not finite
     */
    public static Initializer normal(double mean, double deviation) {
        checkFinite("normal", "mean", mean);
        checkFinite("normal", "deviation", deviation);
        if (deviation < 0) {
            throw new IllegalArgumentException(
                    "normal: deviation is " + deviation + "; expected a finite number, 0 or above");
        }
        return (target, random) -> draw(checkType("normal", target), () -> mean + deviation * random.nextGaussian());
    }

    /** {@link #xavierUniform(double)} with gain 1. */
    public static Initializer xavierUniform() {
        return xavierUniform(1);
    }

    /**
     * Elements drawn evenly from {@code [-a, a)}, {@code a = gain sqrt(6 / (fanIn + fanOut))}.
     *
     * <p>Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.
     *
     * @throws IllegalArgumentException for a gain that is not a finite number above 0
     */
    public static Initializer xavierUniform(double gain) {
        return uniform("xavier uniform", gain, shape -> gain * Math.sqrt(6.0 / fanSum(shape)));
    }

    /** {@link #xavierNormal(double)} with gain 1. */
    public static Initializer xavierNormal() {
        return xavierNormal(1);
    }

    /**
     * Elements drawn from the normal distribution with mean 0 and deviation {@code gain sqrt(2 / (fanIn + fanOut))}.
     *
     * <p>Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.
     *
     * @throws IllegalArgumentException for a gain that is not a finite number above 0
     */
    public static Initializer xavierNormal(double gain) {
        return normal("xavier normal", gain, shape -> gain * Math.sqrt(2.0 / fanSum(shape)));
    }

    /** {@link #kaimingUniform(double)} with gain sqrt(2), that of ReLU. */
    public static Initializer kaimingUniform() {
        return kaimingUniform(RELU_GAIN);
    }

    /**
     * Elements drawn evenly from {@code [-a, a)}, {@code a = gain sqrt(3 / fanIn)}.
     *
     * <p>He et al., Delving deep into rectifiers, 2015.
     *
     * @throws IllegalArgumentException for a gain that is not a finite number above 0
     */
    public static Initializer kaimingUniform(double gain) {
        return uniform("kaiming uniform", gain, shape -> gain * Math.sqrt(3.0 / shape.dim(0)));
    }

    /** {@link #kaimingNormal(double)} with gain sqrt(2), that of ReLU. */
    public static Initializer kaimingNormal() {
        return kaimingNormal(RELU_GAIN);
    }

    /**
     * Elements drawn from the normal distribution with mean 0 and deviation {@code gain / sqrt(fanIn)}.
     *
     * <p>He et al., Delving deep into rectifiers, 2015.
     *
     * @throws IllegalArgumentException for a gain that is not a finite number above 0
     */
    public static Initializer kaimingNormal(double gain) {
        return normal("kaiming normal", gain, shape -> gain / Math.sqrt(shape.dim(0)));
    }

    /** {@link #orthogonal(double)} with gain 1. */
    public static Initializer orthogonal() {
        return orthogonal(1);
    }

    /**
     * A random matrix whose columns, or rows where there are fewer of them, are orthogonal and of length {@code gain}:
     * products with a square one neither shrink nor grow over the steps. All such matrices are equally likely.
     *
     * <p>Time and memory are those of a square matrix of the longer side.
     *
     * <p>Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, 2014.
     *
     * @throws IllegalArgumentException for a gain that is not a finite number above 0
     */
    public static Initializer orthogonal(double gain) {
        checkGain("orthogonal", gain);
        return new Orthogonal(gain);
    }

    /**
     * Takes a matrix as {@code count} blocks of equally many columns, one for each gate, and fills each by itself, from
     * the left: {@code blocks(4, orthogonal())} makes four orthogonal matrices of the {@code [H, 4 H]} of an LSTM.
     *
     * @throws IllegalArgumentException for a count below 1
     */
    public static Initializer blocks(int count, Initializer each) {
        if (count < 1) {
            throw new IllegalArgumentException("blocks: count is " + count + "; expected 1 or more");
        }
        return new Blocks(count, each);
    }

    private static Initializer uniform(String name, double gain, ToDoubleFunction<Shape> bound) {
        checkGain(name, gain);
        return (target, random) -> {
            double a = bound.applyAsDouble(checkMatrix(name, target).shape());
            draw(target, () -> a * (2 * random.nextDouble() - 1));
        };
    }

    private static Initializer normal(String name, double gain, ToDoubleFunction<Shape> deviation) {
        checkGain(name, gain);
        return (target, random) -> {
            double sd = deviation.applyAsDouble(checkMatrix(name, target).shape());
            draw(target, () -> sd * random.nextGaussian());
        };
    }

    private static void draw(Tensor target, DoubleSupplier next) {
        for (int i = 0; i < target.size(); i++) {
            target.setFlat(i, next.getAsDouble());
        }
    }

    private static double fanSum(Shape matrix) {
        return (double) matrix.dim(0) + matrix.dim(1);
    }

    private static void checkFinite(String name, String what, double number) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException(name + ": " + what + " is " + number + "; expected a finite number");
        }
    }

    private static void checkGain(String name, double gain) {
        if (!Double.isFinite(gain) || gain <= 0) {
            throw new IllegalArgumentException(name + ": gain is " + gain + "; expected a finite number above 0");
        }
    }

    static Tensor checkMatrix(String name, Tensor target) {
        if (target.shape().rank() != 2) {
            throw new IllegalArgumentException(name + ": the tensor is " + target.shape()
                    + "; expected a matrix [fan-in, fan-out]; use zeros, constant, uniform or normal");
        }
        return checkType(name, target);
    }

    private static Tensor checkType(String name, Tensor target) {
        if (!target.dtype().isFloat()) {
            throw new IllegalArgumentException(
                    name + ": the tensor is " + target.dtype() + "; expected float32 or float64");
        }
        return target;
    }
}
