package dev.unfold.ops.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Element-wise functions of float32 and their gradients on the Vector API; the plain loops do what is left behind the last vector. */
final class V32Pointwise extends F32Pointwise {
    private static final VectorSpecies<Float> SPECIES = V32.SPECIES;
    private static final int LANES = V32.LANES;

    @Override
    void scale(float[] source, int from, float a, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            x.mul(a).intoArray(target, to + i);
        }
        super.scale(source, from + i, a, target, to + i, length - i);
    }

    @Override
    void shift(float[] source, int from, float a, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            x.add(a).intoArray(target, to + i);
        }
        super.shift(source, from + i, a, target, to + i, length - i);
    }

    @Override
    void square(float[] source, int from, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            x.mul(x).intoArray(target, to + i);
        }
        super.square(source, from + i, target, to + i, length - i);
    }

    @Override
    void squareGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            x.mul(2f).fma(dy, dx).intoArray(gradient, to + i);
        }
        super.squareGradient(source, from + i, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void sqrt(float[] source, int from, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            x.sqrt().intoArray(target, to + i);
        }
        super.sqrt(source, from + i, target, to + i, length - i);
    }

    @Override
    void sqrtGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            dx.add(dy.mul(0.5f).div(x)).intoArray(gradient, to + i);
        }
        super.sqrtGradient(source, from + i, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void exp(float[] source, int from, float[] target, int to, int length) {
        int done = V32Math.exp(1f, source, from, 0f, target, to, length);
        super.exp(source, from + done, target, to + done, length - done);
    }

    @Override
    void expGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            x.fma(dy, dx).intoArray(gradient, to + i);
        }
        super.expGradient(source, from + i, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void log(float[] source, int from, float[] target, int to, int length) {
        int done = V32Math.log(source, from, target, to, length);
        super.log(source, from + done, target, to + done, length - done);
    }

    @Override
    void logGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            dx.add(dy.div(x)).intoArray(gradient, to + i);
        }
        super.logGradient(source, from + i, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void abs(float[] source, int from, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            x.abs().intoArray(target, to + i);
        }
        super.abs(source, from + i, target, to + i, length - i);
    }

    @Override
    void clip(float[] source, int from, float least, float most, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            x.max(least).min(most).intoArray(target, to + i);
        }
        super.clip(source, from + i, least, most, target, to + i, length - i);
    }

    @Override
    void clipGradient(
            float[] source,
            int from,
            float least,
            float most,
            float[] slope,
            int at,
            float[] gradient,
            int to,
            int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            VectorMask<Float> within = x.compare(VectorOperators.GE, least).and(x.compare(VectorOperators.LE, most));
            dx.blend(dx.add(dy), within).intoArray(gradient, to + i);
        }
        super.clipGradient(source, from + i, least, most, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void sigmoid(float[] source, int from, float[] target, int to, int length) {
        int done = V32Math.sigmoid(source, from, target, to, length);
        super.sigmoid(source, from + done, target, to + done, length - done);
    }

    @Override
    void sigmoidGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            FloatVector sum = x.mul(FloatVector.broadcast(SPECIES, 1f).sub(x)).fma(dy, dx);
            sum.blend(0f, sum.abs().lt(Float.MIN_NORMAL)).intoArray(gradient, to + i);
        }
        super.sigmoidGradient(source, from + i, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void tanh(float[] source, int from, float[] target, int to, int length) {
        int done = V32Math.tanh(source, from, target, to, length);
        super.tanh(source, from + done, target, to + done, length - done);
    }

    @Override
    void tanhGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            FloatVector sum = x.neg().fma(x, FloatVector.broadcast(SPECIES, 1f)).fma(dy, dx);
            sum.blend(0f, sum.abs().lt(Float.MIN_NORMAL)).intoArray(gradient, to + i);
        }
        super.tanhGradient(source, from + i, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void relu(float[] source, int from, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            x.max(0f).intoArray(target, to + i);
        }
        super.relu(source, from + i, target, to + i, length - i);
    }

    @Override
    void reluGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            dx.blend(dx.add(dy), x.compare(VectorOperators.GT, 0f)).intoArray(gradient, to + i);
        }
        super.reluGradient(source, from + i, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void leakyRelu(float[] source, int from, float a, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            x.mul(a).blend(x, x.compare(VectorOperators.GT, 0f)).intoArray(target, to + i);
        }
        super.leakyRelu(source, from + i, a, target, to + i, length - i);
    }

    @Override
    void leakyReluGradient(
            float[] source, int from, float a, float[] slope, int at, float[] gradient, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, source, from + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            FloatVector.broadcast(SPECIES, a)
                    .blend(1f, x.compare(VectorOperators.GT, 0f))
                    .fma(dy, dx)
                    .intoArray(gradient, to + i);
        }
        super.leakyReluGradient(source, from + i, a, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void softplusGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        float[] sigmoid = F32Scratch.ofThread().block[0];
        int i = 0;
        for (int done = 1; done > 0; i += done) {
            done = V32Math.sigmoid(source, from + i, sigmoid, 0, Math.min(sigmoid.length, length - i));
            multiplyGradient(sigmoid, 0, slope, at + i, gradient, to + i, done);
        }
        super.softplusGradient(source, from + i, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void add(float[] left, int from, float[] right, int with, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, left, from + i)
                    .add(FloatVector.fromArray(SPECIES, right, with + i))
                    .intoArray(target, to + i);
        }
        super.add(left, from + i, right, with + i, target, to + i, length - i);
    }

    @Override
    void subtract(float[] left, int from, float[] right, int with, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, left, from + i)
                    .sub(FloatVector.fromArray(SPECIES, right, with + i))
                    .intoArray(target, to + i);
        }
        super.subtract(left, from + i, right, with + i, target, to + i, length - i);
    }

    @Override
    void multiply(float[] left, int from, float[] right, int with, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, left, from + i)
                    .mul(FloatVector.fromArray(SPECIES, right, with + i))
                    .intoArray(target, to + i);
        }
        super.multiply(left, from + i, right, with + i, target, to + i, length - i);
    }

    @Override
    void divide(float[] left, int from, float[] right, int with, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, left, from + i)
                    .div(FloatVector.fromArray(SPECIES, right, with + i))
                    .intoArray(target, to + i);
        }
        super.divide(left, from + i, right, with + i, target, to + i, length - i);
    }

    @Override
    void addGradient(float[] slope, int at, float a, float[] gradient, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector.broadcast(SPECIES, a)
                    .fma(
                            FloatVector.fromArray(SPECIES, slope, at + i),
                            FloatVector.fromArray(SPECIES, gradient, to + i))
                    .intoArray(gradient, to + i);
        }
        super.addGradient(slope, at + i, a, gradient, to + i, length - i);
    }

    @Override
    void multiplyGradient(float[] values, int with, float[] slope, int at, float[] gradient, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, values, with + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            x.fma(dy, dx).intoArray(gradient, to + i);
        }
        super.multiplyGradient(values, with + i, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void multiplyGradientFlushed(
            float[] values, int with, float[] slope, int at, float[] gradient, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, values, with + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            FloatVector sum = x.fma(dy, dx);
            sum.blend(0f, sum.abs().lt(Float.MIN_NORMAL)).intoArray(gradient, to + i);
        }
        super.multiplyGradientFlushed(values, with + i, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void dividendGradient(float[] values, int with, float[] slope, int at, float[] gradient, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, values, with + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            dx.add(dy.div(x)).intoArray(gradient, to + i);
        }
        super.dividendGradient(values, with + i, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void divisorGradient(
            float[] values,
            int with,
            float[] quotient,
            int from,
            float[] slope,
            int at,
            float[] gradient,
            int to,
            int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector x = FloatVector.fromArray(SPECIES, values, with + i);
            FloatVector y = FloatVector.fromArray(SPECIES, quotient, from + i);
            FloatVector dy = FloatVector.fromArray(SPECIES, slope, at + i);
            FloatVector dx = FloatVector.fromArray(SPECIES, gradient, to + i);
            dx.sub(dy.mul(y).div(x)).intoArray(gradient, to + i);
        }
        super.divisorGradient(values, with + i, quotient, from + i, slope, at + i, gradient, to + i, length - i);
    }

    @Override
    void addRun(float[] source, int from, float[] target, int to, int length) {
        int i = 0;
        for (; i <= length - LANES; i += LANES) {
            FloatVector.fromArray(SPECIES, target, to + i)
                    .add(FloatVector.fromArray(SPECIES, source, from + i))
                    .intoArray(target, to + i);
        }
        super.addRun(source, from + i, target, to + i, length - i);
    }
}
