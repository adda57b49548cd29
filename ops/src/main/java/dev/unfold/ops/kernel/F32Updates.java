package dev.unfold.ops.kernel;

import dev.unfold.graph.Tensor;

/** Updates of float32 parameters. */
class F32Updates implements UpdateKernels {
    @Override
    public double sumOfSquares(Tensor x) {
        float[] values = x.floats();
        double sum = 0;
        for (int i = x.offset(); i < x.offset() + x.size(); i++) {
            double value = values[i];
            sum += value * value;
        }
        return sum;
    }

    @Override
    public void clip(Tensor x, double low, double high) {
        float[] values = x.floats();
        float least = (float) low;
        float most = (float) high;
        for (int i = x.offset(); i < x.offset() + x.size(); i++) {
            values[i] = Math.min(Math.max(values[i], least), most);
        }
    }

    @Override
    public void addDecay(Tensor parameter, double decay, Tensor gradient) {
        addScaled(parameter, (float) decay, gradient);
    }

    @Override
    public void sgd(Tensor gradient, double rate, Tensor parameter) {
        addScaled(gradient, (float) -rate, parameter);
    }

    /** y += factor x. */
    private static void addScaled(Tensor x, float factor, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int from = x.offset();
        int to = y.offset();
        for (int i = 0; i < y.size(); i++) {
            target[to + i] = Math.fma(factor, source[from + i], target[to + i]);
        }
    }

    @Override
    public void velocity(Tensor gradient, double momentum, Tensor velocity) {
        float[] g = gradient.floats();
        float[] v = velocity.floats();
        float mu = (float) momentum;
        int gAt = gradient.offset();
        int vAt = velocity.offset();
        for (int i = 0; i < velocity.size(); i++) {
            v[vAt + i] = Math.fma(mu, v[vAt + i], g[gAt + i]);
        }
    }

    @Override
    public void nesterov(Tensor gradient, Tensor velocity, double momentum, double rate, Tensor parameter) {
        float[] g = gradient.floats();
        float[] v = velocity.floats();
        float[] p = parameter.floats();
        float mu = (float) momentum;
        float lr = (float) rate;
        int gAt = gradient.offset();
        int vAt = velocity.offset();
        int pAt = parameter.offset();
        for (int i = 0; i < parameter.size(); i++) {
            p[pAt + i] = Math.fma(-lr, Math.fma(mu, v[vAt + i], g[gAt + i]), p[pAt + i]);
        }
    }

    @Override
    public void adam(
            Tensor gradient,
            Tensor first,
            Tensor second,
            double beta1,
            double beta2,
            double rate,
            double root,
            double epsilon,
            Tensor parameter) {
        float[] g = gradient.floats();
        float[] m = first.floats();
        float[] v = second.floats();
        float[] p = parameter.floats();
        float b1 = (float) beta1;
        float c1 = (float) (1 - beta1);
        float b2 = (float) beta2;
        float c2 = (float) (1 - beta2);
        float lr = (float) rate;
        float correction = (float) root;
        float eps = (float) epsilon;
        int gAt = gradient.offset();
        int mAt = first.offset();
        int vAt = second.offset();
        int pAt = parameter.offset();
        for (int i = 0; i < parameter.size(); i++) {
            float slope = g[gAt + i];
            float mean = Math.fma(b1, m[mAt + i], c1 * slope);
            float square = Math.fma(b2, v[vAt + i], c2 * slope * slope);
            m[mAt + i] = mean;
            v[vAt + i] = square;
            p[pAt + i] -= lr * mean / ((float) Math.sqrt(square) / correction + eps);
        }
    }

    @Override
    public void rmsProp(Tensor gradient, Tensor mean, double smoothing, double rate, double epsilon, Tensor parameter) {
        float[] g = gradient.floats();
        float[] s = mean.floats();
        float[] p = parameter.floats();
        float kept = (float) smoothing;
        float taken = (float) (1 - smoothing);
        float lr = (float) rate;
        float eps = (float) epsilon;
        int gAt = gradient.offset();
        int sAt = mean.offset();
        int pAt = parameter.offset();
        for (int i = 0; i < parameter.size(); i++) {
            float slope = g[gAt + i];
            float square = Math.fma(kept, s[sAt + i], taken * slope * slope);
            s[sAt + i] = square;
            p[pAt + i] -= lr * slope / ((float) Math.sqrt(square) + eps);
        }
    }

    @Override
    public void adagrad(Tensor gradient, Tensor sum, double rate, double epsilon, Tensor parameter) {
        float[] g = gradient.floats();
        float[] s = sum.floats();
        float[] p = parameter.floats();
        float lr = (float) rate;
        float eps = (float) epsilon;
        int gAt = gradient.offset();
        int sAt = sum.offset();
        int pAt = parameter.offset();
        for (int i = 0; i < parameter.size(); i++) {
            float slope = g[gAt + i];
            float square = Math.fma(slope, slope, s[sAt + i]);
            s[sAt + i] = square;
            p[pAt + i] -= lr * slope / ((float) Math.sqrt(square) + eps);
        }
    }
}
