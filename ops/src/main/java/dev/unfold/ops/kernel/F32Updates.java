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
    public void shrink(double fraction, Tensor parameter) {
        float[] p = parameter.floats();
        float part = (float) fraction;
        for (int i = parameter.offset(); i < parameter.offset() + parameter.size(); i++) {
            // Not p *= 1 - fraction: beside 1 a small fraction loses digits, the same ones for every element.
            p[i] = Math.fma(-part, p[i], p[i]);
        }
    }

    @Override
    public void sgd(Tensor gradient, double decay, double rate, Tensor parameter) {
        float[] g = gradient.floats();
        float[] p = parameter.floats();
        float wd = (float) decay;
        float lr = (float) rate;
        int gAt = gradient.offset();
        int pAt = parameter.offset();
        for (int i = 0; i < parameter.size(); i++) {
            float slope = Math.fma(wd, p[pAt + i], g[gAt + i]);
            p[pAt + i] = Math.fma(-lr, slope, p[pAt + i]);
        }
    }

    @Override
    public void momentum(
            Tensor gradient,
            Tensor velocity,
            double momentum,
            boolean lookAhead,
            double decay,
            double rate,
            Tensor parameter) {
        float[] g = gradient.floats();
        float[] v = velocity.floats();
        float[] p = parameter.floats();
        float mu = (float) momentum;
        float wd = (float) decay;
        float lr = (float) rate;
        int gAt = gradient.offset();
        int vAt = velocity.offset();
        int pAt = parameter.offset();
        for (int i = 0; i < parameter.size(); i++) {
            float slope = Math.fma(wd, p[pAt + i], g[gAt + i]);
            float speed = Math.fma(mu, v[vAt + i], slope);
            v[vAt + i] = speed;
            p[pAt + i] = Math.fma(-lr, lookAhead ? Math.fma(mu, speed, slope) : speed, p[pAt + i]);
        }
    }

    @Override
    public void adam(
            Tensor gradient,
            Tensor first,
            Tensor second,
            double beta1,
            double beta2,
            double epsilon,
            double decay,
            double rate,
            double root,
            Tensor parameter) {
        float[] g = gradient.floats();
        float[] m = first.floats();
        float[] v = second.floats();
        float[] p = parameter.floats();
        float b1 = (float) beta1;
        float c1 = (float) (1 - beta1);
        float b2 = (float) beta2;
        float c2 = (float) (1 - beta2);
        float eps = (float) epsilon;
        float wd = (float) decay;
        float lr = (float) rate;
        float correction = (float) root;
        int gAt = gradient.offset();
        int mAt = first.offset();
        int vAt = second.offset();
        int pAt = parameter.offset();
        for (int i = 0; i < parameter.size(); i++) {
            float slope = Math.fma(wd, p[pAt + i], g[gAt + i]);
            float mean = Math.fma(b1, m[mAt + i], c1 * slope);
            float square = Math.fma(b2, v[vAt + i], c2 * slope * slope);
            m[mAt + i] = mean;
            v[vAt + i] = square;
            p[pAt + i] -= lr * mean / ((float) Math.sqrt(square) / correction + eps);
        }
    }

    @Override
    public void rmsProp(
            Tensor gradient,
            Tensor mean,
            double smoothing,
            double epsilon,
            double decay,
            double rate,
            Tensor parameter) {
        float[] g = gradient.floats();
        float[] s = mean.floats();
        float[] p = parameter.floats();
        float kept = (float) smoothing;
        float taken = (float) (1 - smoothing);
        float eps = (float) epsilon;
        float wd = (float) decay;
        float lr = (float) rate;
        int gAt = gradient.offset();
        int sAt = mean.offset();
        int pAt = parameter.offset();
        for (int i = 0; i < parameter.size(); i++) {
            float slope = Math.fma(wd, p[pAt + i], g[gAt + i]);
            float square = Math.fma(kept, s[sAt + i], taken * slope * slope);
            s[sAt + i] = square;
            p[pAt + i] -= lr * slope / ((float) Math.sqrt(square) + eps);
        }
    }

    @Override
    public void adagrad(Tensor gradient, Tensor sum, double epsilon, double decay, double rate, Tensor parameter) {
        float[] g = gradient.floats();
        float[] s = sum.floats();
        float[] p = parameter.floats();
        float eps = (float) epsilon;
        float wd = (float) decay;
        float lr = (float) rate;
        int gAt = gradient.offset();
        int sAt = sum.offset();
        int pAt = parameter.offset();
        for (int i = 0; i < parameter.size(); i++) {
            float slope = Math.fma(wd, p[pAt + i], g[gAt + i]);
            float square = Math.fma(slope, slope, s[sAt + i]);
            s[sAt + i] = square;
            p[pAt + i] -= lr * slope / ((float) Math.sqrt(square) + eps);
        }
    }
}
