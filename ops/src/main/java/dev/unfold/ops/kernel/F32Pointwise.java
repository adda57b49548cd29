package dev.unfold.ops.kernel;

import dev.unfold.graph.Tensor;

/** Element-wise functions of float32 and their gradients, in plain Java: one loop for each. */
class F32Pointwise implements PointwiseKernels {
    @Override
    public void scale(Tensor x, double factor, Tensor y) {
        scale(x.floats(), x.offset(), (float) factor, y.floats(), y.offset(), y.size());
    }

    void scale(float[] source, int from, float a, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = a * source[from + i];
        }
    }

    @Override
    public void shift(Tensor x, double number, Tensor y) {
        shift(x.floats(), x.offset(), (float) number, y.floats(), y.offset(), y.size());
    }

    void shift(float[] source, int from, float a, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = source[from + i] + a;
        }
    }

    @Override
    public void square(Tensor x, Tensor y) {
        square(x.floats(), x.offset(), y.floats(), y.offset(), y.size());
    }

    void square(float[] source, int from, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = source[from + i] * source[from + i];
        }
    }

    @Override
    public void squareGradient(Tensor x, Tensor dy, Tensor dx) {
        squareGradient(x.floats(), x.offset(), dy.floats(), dy.offset(), dx.floats(), dx.offset(), dx.size());
    }

    void squareGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = Math.fma(2f * source[from + i], slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void sqrt(Tensor x, Tensor y) {
        sqrt(x.floats(), x.offset(), y.floats(), y.offset(), y.size());
    }

    void sqrt(float[] source, int from, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = (float) Math.sqrt(source[from + i]);
        }
    }

    @Override
    public void sqrtGradient(Tensor y, Tensor dy, Tensor dx) {
        sqrtGradient(y.floats(), y.offset(), dy.floats(), dy.offset(), dx.floats(), dx.offset(), dx.size());
    }

    void sqrtGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = gradient[to + i] + 0.5f * slope[at + i] / source[from + i];
        }
    }

    @Override
    public void exp(Tensor x, Tensor y) {
        exp(x.floats(), x.offset(), y.floats(), y.offset(), y.size());
    }

    void exp(float[] source, int from, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = F32Math.exp(source[from + i]);
        }
    }

    @Override
    public void expGradient(Tensor y, Tensor dy, Tensor dx) {
        expGradient(y.floats(), y.offset(), dy.floats(), dy.offset(), dx.floats(), dx.offset(), dx.size());
    }

    void expGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = Math.fma(source[from + i], slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void log(Tensor x, Tensor y) {
        log(x.floats(), x.offset(), y.floats(), y.offset(), y.size());
    }

    void log(float[] source, int from, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = F32Math.log(source[from + i]);
        }
    }

    @Override
    public void logGradient(Tensor x, Tensor dy, Tensor dx) {
        logGradient(x.floats(), x.offset(), dy.floats(), dy.offset(), dx.floats(), dx.offset(), dx.size());
    }

    void logGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = gradient[to + i] + slope[at + i] / source[from + i];
        }
    }

    @Override
    public void abs(Tensor x, Tensor y) {
        abs(x.floats(), x.offset(), y.floats(), y.offset(), y.size());
    }

    void abs(float[] source, int from, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = Math.abs(source[from + i]);
        }
    }

    @Override
    public void absGradient(Tensor x, Tensor dy, Tensor dx) {
        absGradient(x.floats(), x.offset(), dy.floats(), dy.offset(), dx.floats(), dx.offset(), dx.size());
    }

    void absGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = Math.fma(Math.signum(source[from + i]), slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void clip(Tensor x, double low, double high, Tensor y) {
        clip(x.floats(), x.offset(), (float) low, (float) high, y.floats(), y.offset(), y.size());
    }

    void clip(float[] source, int from, float least, float most, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = Math.min(Math.max(source[from + i], least), most);
        }
    }

    @Override
    public void clipGradient(Tensor x, double low, double high, Tensor dy, Tensor dx) {
        clipGradient(
                x.floats(),
                x.offset(),
                (float) low,
                (float) high,
                dy.floats(),
                dy.offset(),
                dx.floats(),
                dx.offset(),
                dx.size());
    }

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
        for (int i = 0; i < length; i++) {
            float value = source[from + i];
            gradient[to + i] = value >= least && value <= most ? gradient[to + i] + slope[at + i] : gradient[to + i];
        }
    }

    @Override
    public void sigmoid(Tensor x, Tensor y) {
        sigmoid(x.floats(), x.offset(), y.floats(), y.offset(), y.size());
    }

    void sigmoid(float[] source, int from, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = F32Math.sigmoid(source[from + i]);
        }
    }

    @Override
    public void sigmoidGradient(Tensor y, Tensor dy, Tensor dx) {
        sigmoidGradient(y.floats(), y.offset(), dy.floats(), dy.offset(), dx.floats(), dx.offset(), dx.size());
    }

    void sigmoidGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            float value = source[from + i];
            gradient[to + i] = F32Math.flushed(Math.fma(value * (1f - value), slope[at + i], gradient[to + i]));
        }
    }

    @Override
    public void tanh(Tensor x, Tensor y) {
        tanh(x.floats(), x.offset(), y.floats(), y.offset(), y.size());
    }

    void tanh(float[] source, int from, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = F32Math.tanh(source[from + i]);
        }
    }

    @Override
    public void tanhGradient(Tensor y, Tensor dy, Tensor dx) {
        tanhGradient(y.floats(), y.offset(), dy.floats(), dy.offset(), dx.floats(), dx.offset(), dx.size());
    }

    void tanhGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            float value = source[from + i];
            gradient[to + i] = F32Math.flushed(Math.fma(Math.fma(-value, value, 1f), slope[at + i], gradient[to + i]));
        }
    }

    @Override
    public void relu(Tensor x, Tensor y) {
        relu(x.floats(), x.offset(), y.floats(), y.offset(), y.size());
    }

    void relu(float[] source, int from, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = Math.max(source[from + i], 0f);
        }
    }

    @Override
    public void reluGradient(Tensor y, Tensor dy, Tensor dx) {
        reluGradient(y.floats(), y.offset(), dy.floats(), dy.offset(), dx.floats(), dx.offset(), dx.size());
    }

    void reluGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = source[from + i] > 0 ? gradient[to + i] + slope[at + i] : gradient[to + i];
        }
    }

    @Override
    public void leakyRelu(Tensor x, double below, Tensor y) {
        leakyRelu(x.floats(), x.offset(), (float) below, y.floats(), y.offset(), y.size());
    }

    void leakyRelu(float[] source, int from, float a, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            float value = source[from + i];
            target[to + i] = value > 0 ? value : a * value;
        }
    }

    @Override
    public void leakyReluGradient(Tensor x, double below, Tensor dy, Tensor dx) {
        leakyReluGradient(
                x.floats(), x.offset(), (float) below, dy.floats(), dy.offset(), dx.floats(), dx.offset(), dx.size());
    }

    void leakyReluGradient(
            float[] source, int from, float a, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = Math.fma(source[from + i] > 0 ? 1f : a, slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void softplus(Tensor x, Tensor y) {
        softplus(x.floats(), x.offset(), y.floats(), y.offset(), y.size());
    }

    void softplus(float[] source, int from, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = F32Math.softplus(source[from + i]);
        }
    }

    @Override
    public void softplusGradient(Tensor x, Tensor dy, Tensor dx) {
        softplusGradient(x.floats(), x.offset(), dy.floats(), dy.offset(), dx.floats(), dx.offset(), dx.size());
    }

    void softplusGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = Math.fma(F32Math.sigmoid(source[from + i]), slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void elu(Tensor x, double alpha, Tensor y) {
        elu(x.floats(), x.offset(), (float) alpha, y.floats(), y.offset(), y.size());
    }

    void elu(float[] source, int from, float a, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            float value = source[from + i];
            target[to + i] = value > 0 ? value : a * F32Math.expm1(value);
        }
    }

    @Override
    public void eluGradient(Tensor x, double alpha, Tensor dy, Tensor dx) {
        eluGradient(
                x.floats(), x.offset(), (float) alpha, dy.floats(), dy.offset(), dx.floats(), dx.offset(), dx.size());
    }

    void eluGradient(float[] source, int from, float a, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            float value = source[from + i];
            gradient[to + i] = Math.fma(value > 0 ? 1f : a * F32Math.exp(value), slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void gelu(Tensor x, Tensor y) {
        gelu(x.floats(), x.offset(), y.floats(), y.offset(), y.size());
    }

    void gelu(float[] source, int from, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = F32Math.gelu(source[from + i]);
        }
    }

    @Override
    public void geluGradient(Tensor x, Tensor dy, Tensor dx) {
        geluGradient(x.floats(), x.offset(), dy.floats(), dy.offset(), dx.floats(), dx.offset(), dx.size());
    }

    void geluGradient(float[] source, int from, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = Math.fma(F32Math.geluSlope(source[from + i]), slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor y) {
        int run = Math.min(a.size(), b.size());
        for (int i = 0; i < y.size(); i += run) {
            add(a.floats(), at(a, i, y), b.floats(), at(b, i, y), y.floats(), y.offset() + i, run);
        }
    }

    void add(float[] left, int from, float[] right, int with, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = left[from + i] + right[with + i];
        }
    }

    @Override
    public void subtract(Tensor a, Tensor b, Tensor y) {
        int run = Math.min(a.size(), b.size());
        for (int i = 0; i < y.size(); i += run) {
            subtract(a.floats(), at(a, i, y), b.floats(), at(b, i, y), y.floats(), y.offset() + i, run);
        }
    }

    void subtract(float[] left, int from, float[] right, int with, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = left[from + i] - right[with + i];
        }
    }

    @Override
    public void multiply(Tensor a, Tensor b, Tensor y) {
        int run = Math.min(a.size(), b.size());
        for (int i = 0; i < y.size(); i += run) {
            multiply(a.floats(), at(a, i, y), b.floats(), at(b, i, y), y.floats(), y.offset() + i, run);
        }
    }

    void multiply(float[] left, int from, float[] right, int with, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = left[from + i] * right[with + i];
        }
    }

    @Override
    public void divide(Tensor a, Tensor b, Tensor y) {
        int run = Math.min(a.size(), b.size());
        for (int i = 0; i < y.size(); i += run) {
            divide(a.floats(), at(a, i, y), b.floats(), at(b, i, y), y.floats(), y.offset() + i, run);
        }
    }

    void divide(float[] left, int from, float[] right, int with, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] = left[from + i] / right[with + i];
        }
    }

    /** Where the elements from a position of the whole on lie in a tensor that is as large, or is repeated. */
    private static int at(Tensor x, int position, Tensor whole) {
        return x.size() < whole.size() ? x.offset() : x.offset() + position;
    }

    @Override
    public void addGradient(Tensor dy, double factor, Tensor dx) {
        for (int i = 0; i < dy.size(); i += dx.size()) {
            addGradient(dy.floats(), dy.offset() + i, (float) factor, dx.floats(), dx.offset(), dx.size());
        }
    }

    void addGradient(float[] slope, int at, float a, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = Math.fma(a, slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void multiplyGradient(Tensor other, Tensor dy, Tensor dx) {
        int run = Math.min(other.size(), dx.size());
        // A parameter of lower rank is summed over rows even where there is one row.
        boolean summed = dx.size() < dy.size() || dx.shape().rank() < dy.shape().rank();
        for (int i = 0; i < dy.size(); i += run) {
            int from = at(other, i, dy);
            int at = dy.offset() + i;
            int to = at(dx, i, dy);
            if (summed) {
                multiplyGradient(other.floats(), from, dy.floats(), at, dx.floats(), to, run);
            } else {
                multiplyGradientFlushed(other.floats(), from, dy.floats(), at, dx.floats(), to, run);
            }
        }
    }

    void multiplyGradient(float[] values, int with, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = Math.fma(values[with + i], slope[at + i], gradient[to + i]);
        }
    }

    void multiplyGradientFlushed(
            float[] values, int with, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = F32Math.flushed(Math.fma(values[with + i], slope[at + i], gradient[to + i]));
        }
    }

    @Override
    public void dividendGradient(Tensor divisor, Tensor dy, Tensor dx) {
        int run = Math.min(divisor.size(), dx.size());
        for (int i = 0; i < dy.size(); i += run) {
            dividendGradient(
                    divisor.floats(),
                    at(divisor, i, dy),
                    dy.floats(),
                    dy.offset() + i,
                    dx.floats(),
                    at(dx, i, dy),
                    run);
        }
    }

    void dividendGradient(float[] values, int with, float[] slope, int at, float[] gradient, int to, int length) {
        for (int i = 0; i < length; i++) {
            gradient[to + i] = gradient[to + i] + slope[at + i] / values[with + i];
        }
    }

    @Override
    public void divisorGradient(Tensor divisor, Tensor y, Tensor dy, Tensor dx) {
        for (int i = 0; i < dy.size(); i += dx.size()) {
            divisorGradient(
                    divisor.floats(),
                    at(divisor, i, dy),
                    y.floats(),
                    y.offset() + i,
                    dy.floats(),
                    dy.offset() + i,
                    dx.floats(),
                    at(dx, i, dy),
                    dx.size());
        }
    }

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
        for (int i = 0; i < length; i++) {
            gradient[to + i] -= slope[at + i] * quotient[from + i] / values[with + i];
        }
    }

    @Override
    public void dropout(Tensor x, int position, int length, long row, double keep, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset() + position;
        int to = y.offset() + position;
        float a = (float) (1 / keep);
        long below = Draws.below(keep);
        for (int j = 0; j < length; j++) {
            target[to + j] = F32Math.masked(a * source[from + j], Draws.mask(row, j, below));
        }
    }

    @Override
    public void dropoutGradient(Tensor dy, int position, int length, long row, double keep, Tensor dx) {
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int at = dy.offset() + position;
        int to = dx.offset() + position;
        float a = (float) (1 / keep);
        long below = Draws.below(keep);
        for (int j = 0; j < length; j++) {
            gradient[to + j] += F32Math.masked(a * slope[at + j], Draws.mask(row, j, below));
        }
    }

    @Override
    public void addRun(Tensor source, int sourcePosition, Tensor target, int targetPosition, int length) {
        addRun(
                source.floats(),
                source.offset() + sourcePosition,
                target.floats(),
                target.offset() + targetPosition,
                length);
    }

    void addRun(float[] source, int from, float[] target, int to, int length) {
        for (int i = 0; i < length; i++) {
            target[to + i] += source[from + i];
        }
    }
}
