package dev.unfold.ops.kernel;

import dev.unfold.graph.Tensor;

/** Element-wise functions of float32 and their gradients, in plain Java: one loop for each. */
class F32Pointwise implements PointwiseKernels {
    @Override
    public void scale(Tensor x, double factor, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        float a = (float) factor;
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = a * source[from + i];
        }
    }

    @Override
    public void shift(Tensor x, double number, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        float a = (float) number;
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = source[from + i] + a;
        }
    }

    @Override
    public void square(Tensor x, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = source[from + i] * source[from + i];
        }
    }

    @Override
    public void squareGradient(Tensor x, Tensor dy, Tensor dx) {
        float[] source = x.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = x.offset();
        int at = dy.offset();
        int to = dx.offset();
        for (int i = 0; i < dx.size(); i++) {
            gradient[to + i] = Math.fma(2f * source[from + i], slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void sqrt(Tensor x, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = (float) Math.sqrt(source[from + i]);
        }
    }

    @Override
    public void sqrtGradient(Tensor y, Tensor dy, Tensor dx) {
        float[] source = y.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = y.offset();
        int at = dy.offset();
        int to = dx.offset();
        for (int i = 0; i < dx.size(); i++) {
            gradient[to + i] = gradient[to + i] + 0.5f * slope[at + i] / source[from + i];
        }
    }

    @Override
    public void exp(Tensor x, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = F32Math.exp(source[from + i]);
        }
    }

    @Override
    public void expGradient(Tensor y, Tensor dy, Tensor dx) {
        float[] source = y.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = y.offset();
        int at = dy.offset();
        int to = dx.offset();
        for (int i = 0; i < dx.size(); i++) {
            gradient[to + i] = Math.fma(source[from + i], slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void log(Tensor x, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = F32Math.log(source[from + i]);
        }
    }

    @Override
    public void logGradient(Tensor x, Tensor dy, Tensor dx) {
        float[] source = x.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = x.offset();
        int at = dy.offset();
        int to = dx.offset();
        for (int i = 0; i < dx.size(); i++) {
            gradient[to + i] = gradient[to + i] + slope[at + i] / source[from + i];
        }
    }

    @Override
    public void abs(Tensor x, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = Math.abs(source[from + i]);
        }
    }

    @Override
    public void absGradient(Tensor x, Tensor dy, Tensor dx) {
        float[] source = x.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = x.offset();
        int at = dy.offset();
        int to = dx.offset();
        for (int i = 0; i < dx.size(); i++) {
            gradient[to + i] = Math.fma(Math.signum(source[from + i]), slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void clip(Tensor x, double low, double high, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        float least = (float) low;
        float most = (float) high;
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = Math.min(Math.max(source[from + i], least), most);
        }
    }

    @Override
    public void clipGradient(Tensor x, double low, double high, Tensor dy, Tensor dx) {
        float[] source = x.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = x.offset();
        int at = dy.offset();
        int to = dx.offset();
        float least = (float) low;
        float most = (float) high;
        for (int i = 0; i < dx.size(); i++) {
            float value = source[from + i];
            gradient[to + i] = value >= least && value <= most ? gradient[to + i] + slope[at + i] : gradient[to + i];
        }
    }

    @Override
    public void sigmoid(Tensor x, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = F32Math.sigmoid(source[from + i]);
        }
    }

    @Override
    public void sigmoidGradient(Tensor y, Tensor dy, Tensor dx) {
        float[] source = y.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = y.offset();
        int at = dy.offset();
        int to = dx.offset();
        for (int i = 0; i < dx.size(); i++) {
            float value = source[from + i];
            gradient[to + i] = Math.fma(value * (1f - value), slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void tanh(Tensor x, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = F32Math.tanh(source[from + i]);
        }
    }

    @Override
    public void tanhGradient(Tensor y, Tensor dy, Tensor dx) {
        float[] source = y.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = y.offset();
        int at = dy.offset();
        int to = dx.offset();
        for (int i = 0; i < dx.size(); i++) {
            float value = source[from + i];
            gradient[to + i] = Math.fma(Math.fma(-value, value, 1f), slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void relu(Tensor x, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = Math.max(source[from + i], 0f);
        }
    }

    @Override
    public void reluGradient(Tensor y, Tensor dy, Tensor dx) {
        float[] source = y.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = y.offset();
        int at = dy.offset();
        int to = dx.offset();
        for (int i = 0; i < dx.size(); i++) {
            gradient[to + i] = source[from + i] > 0 ? gradient[to + i] + slope[at + i] : gradient[to + i];
        }
    }

    @Override
    public void leakyRelu(Tensor x, double below, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        float a = (float) below;
        for (int i = 0; i < y.size(); i++) {
            float value = source[from + i];
            target[to + i] = value > 0 ? value : a * value;
        }
    }

    @Override
    public void leakyReluGradient(Tensor x, double below, Tensor dy, Tensor dx) {
        float[] source = x.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = x.offset();
        int at = dy.offset();
        int to = dx.offset();
        float a = (float) below;
        for (int i = 0; i < dx.size(); i++) {
            gradient[to + i] = Math.fma(source[from + i] > 0 ? 1f : a, slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void softplus(Tensor x, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = F32Math.softplus(source[from + i]);
        }
    }

    @Override
    public void softplusGradient(Tensor x, Tensor dy, Tensor dx) {
        float[] source = x.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = x.offset();
        int at = dy.offset();
        int to = dx.offset();
        for (int i = 0; i < dx.size(); i++) {
            gradient[to + i] = Math.fma(F32Math.sigmoid(source[from + i]), slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void elu(Tensor x, double alpha, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        float a = (float) alpha;
        for (int i = 0; i < y.size(); i++) {
            float value = source[from + i];
            target[to + i] = value > 0 ? value : a * F32Math.expm1(value);
        }
    }

    @Override
    public void eluGradient(Tensor x, double alpha, Tensor dy, Tensor dx) {
        float[] source = x.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = x.offset();
        int at = dy.offset();
        int to = dx.offset();
        float a = (float) alpha;
        for (int i = 0; i < dx.size(); i++) {
            float value = source[from + i];
            gradient[to + i] = Math.fma(value > 0 ? 1f : a * F32Math.exp(value), slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void gelu(Tensor x, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = F32Math.gelu(source[from + i]);
        }
    }

    @Override
    public void geluGradient(Tensor x, Tensor dy, Tensor dx) {
        float[] source = x.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int from = x.offset();
        int at = dy.offset();
        int to = dx.offset();
        for (int i = 0; i < dx.size(); i++) {
            gradient[to + i] = Math.fma(F32Math.geluSlope(source[from + i]), slope[at + i], gradient[to + i]);
        }
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor y) {
        float[] left = a.floats();
        float[] right = b.floats();
        float[] target = y.floats();
        int run = Math.min(a.size(), b.size());
        int leftStep = stepOf(a, y);
        int rightStep = stepOf(b, y);
        for (int start = 0; start < y.size(); start += run) {
            int from = a.offset() + leftStep * start;
            int with = b.offset() + rightStep * start;
            int to = y.offset() + start;
            for (int i = 0; i < run; i++) {
                target[to + i] = left[from + i] + right[with + i];
            }
        }
    }

    @Override
    public void subtract(Tensor a, Tensor b, Tensor y) {
        float[] left = a.floats();
        float[] right = b.floats();
        float[] target = y.floats();
        int run = Math.min(a.size(), b.size());
        int leftStep = stepOf(a, y);
        int rightStep = stepOf(b, y);
        for (int start = 0; start < y.size(); start += run) {
            int from = a.offset() + leftStep * start;
            int with = b.offset() + rightStep * start;
            int to = y.offset() + start;
            for (int i = 0; i < run; i++) {
                target[to + i] = left[from + i] - right[with + i];
            }
        }
    }

    @Override
    public void multiply(Tensor a, Tensor b, Tensor y) {
        float[] left = a.floats();
        float[] right = b.floats();
        float[] target = y.floats();
        int run = Math.min(a.size(), b.size());
        int leftStep = stepOf(a, y);
        int rightStep = stepOf(b, y);
        for (int start = 0; start < y.size(); start += run) {
            int from = a.offset() + leftStep * start;
            int with = b.offset() + rightStep * start;
            int to = y.offset() + start;
            for (int i = 0; i < run; i++) {
                target[to + i] = left[from + i] * right[with + i];
            }
        }
    }

    @Override
    public void divide(Tensor a, Tensor b, Tensor y) {
        float[] left = a.floats();
        float[] right = b.floats();
        float[] target = y.floats();
        int run = Math.min(a.size(), b.size());
        int leftStep = stepOf(a, y);
        int rightStep = stepOf(b, y);
        for (int start = 0; start < y.size(); start += run) {
            int from = a.offset() + leftStep * start;
            int with = b.offset() + rightStep * start;
            int to = y.offset() + start;
            for (int i = 0; i < run; i++) {
                target[to + i] = left[from + i] / right[with + i];
            }
        }
    }

    /** Returns 0 for a tensor that is repeated to the size of another, 1 for one that has it. */
    private static int stepOf(Tensor x, Tensor whole) {
        return x.size() < whole.size() ? 0 : 1;
    }

    @Override
    public void addGradient(Tensor dy, double factor, Tensor dx) {
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        float a = (float) factor;
        int to = dx.offset();
        for (int start = 0; start < dy.size(); start += dx.size()) {
            int at = dy.offset() + start;
            for (int i = 0; i < dx.size(); i++) {
                gradient[to + i] = Math.fma(a, slope[at + i], gradient[to + i]);
            }
        }
    }

    @Override
    public void multiplyGradient(Tensor other, Tensor dy, Tensor dx) {
        float[] values = other.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int run = Math.min(other.size(), dx.size());
        int valueStep = stepOf(other, dy);
        int gradientStep = stepOf(dx, dy);
        for (int start = 0; start < dy.size(); start += run) {
            int with = other.offset() + valueStep * start;
            int at = dy.offset() + start;
            int to = dx.offset() + gradientStep * start;
            for (int i = 0; i < run; i++) {
                gradient[to + i] = Math.fma(values[with + i], slope[at + i], gradient[to + i]);
            }
        }
    }

    @Override
    public void dividendGradient(Tensor divisor, Tensor dy, Tensor dx) {
        float[] values = divisor.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int run = Math.min(divisor.size(), dx.size());
        int valueStep = stepOf(divisor, dy);
        int gradientStep = stepOf(dx, dy);
        for (int start = 0; start < dy.size(); start += run) {
            int with = divisor.offset() + valueStep * start;
            int at = dy.offset() + start;
            int to = dx.offset() + gradientStep * start;
            for (int i = 0; i < run; i++) {
                gradient[to + i] = gradient[to + i] + slope[at + i] / values[with + i];
            }
        }
    }

    @Override
    public void divisorGradient(Tensor divisor, Tensor y, Tensor dy, Tensor dx) {
        float[] values = divisor.floats();
        float[] quotient = y.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int run = dx.size();
        int step = stepOf(dx, dy);
        for (int start = 0; start < dy.size(); start += run) {
            int with = divisor.offset() + step * start;
            int from = y.offset() + start;
            int at = dy.offset() + start;
            int to = dx.offset() + step * start;
            for (int i = 0; i < run; i++) {
                gradient[to + i] -= slope[at + i] * quotient[from + i] / values[with + i];
            }
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
        float[] from = source.floats();
        float[] to = target.floats();
        int at = source.offset() + sourcePosition;
        int into = target.offset() + targetPosition;
        for (int i = 0; i < length; i++) {
            to[into + i] += from[at + i];
        }
    }
}
