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
        sgd(
                gradient.floats(),
                gradient.offset(),
                parameter.floats(),
                parameter.offset(),
                (float) decay,
                (float) rate,
                parameter.size());
    }

    void sgd(float[] g, int gAt, float[] p, int pAt, float wd, float lr, int length) {
        for (int i = 0; i < length; i++) {
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
        momentum(
                gradient.floats(),
                gradient.offset(),
                velocity.floats(),
                velocity.offset(),
                lookAhead,
                parameter.floats(),
                parameter.offset(),
                (float) momentum,
                (float) decay,
                (float) rate,
                parameter.size());
    }

    void momentum(
            float[] g,
            int gAt,
            float[] v,
            int vAt,
            boolean lookAhead,
            float[] p,
            int pAt,
            float mu,
            float wd,
            float lr,
            int length) {
        for (int i = 0; i < length; i++) {
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
        adam(
                gradient.floats(),
                gradient.offset(),
                first.floats(),
                first.offset(),
                second.floats(),
                second.offset(),
                parameter.floats(),
                parameter.offset(),
                (float) beta1,
                (float) (1 - beta1),
                (float) beta2,
                (float) (1 - beta2),
                (float) epsilon,
                (float) decay,
                (float) rate,
                (float) root,
                parameter.size());
    }

    void adam(
            float[] g,
            int gAt,
            float[] m,
            int mAt,
            float[] v,
            int vAt,
            float[] p,
            int pAt,
            float b1,
            float c1,
            float b2,
            float c2,
            float eps,
            float wd,
            float lr,
            float correction,
            int length) {
        for (int i = 0; i < length; i++) {
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
        rmsProp(
                gradient.floats(),
                gradient.offset(),
                mean.floats(),
                mean.offset(),
                parameter.floats(),
                parameter.offset(),
                (float) smoothing,
                (float) (1 - smoothing),
                (float) epsilon,
                (float) decay,
                (float) rate,
                parameter.size());
    }

    void rmsProp(
            float[] g,
            int gAt,
            float[] s,
            int sAt,
            float[] p,
            int pAt,
            float kept,
            float taken,
            float eps,
            float wd,
            float lr,
            int length) {
        for (int i = 0; i < length; i++) {
            float slope = Math.fma(wd, p[pAt + i], g[gAt + i]);
            float square = Math.fma(kept, s[sAt + i], taken * slope * slope);
            s[sAt + i] = square;
            p[pAt + i] -= lr * slope / ((float) Math.sqrt(square) + eps);
        }
    }

    @Override
    public void adagrad(Tensor gradient, Tensor sum, double epsilon, double decay, double rate, Tensor parameter) {
        adagrad(
                gradient.floats(),
                gradient.offset(),
                sum.floats(),
                sum.offset(),
                parameter.floats(),
                parameter.offset(),
                (float) epsilon,
                (float) decay,
                (float) rate,
                parameter.size());
    }

    void adagrad(
            float[] g, int gAt, float[] s, int sAt, float[] p, int pAt, float eps, float wd, float lr, int length) {
        for (int i = 0; i < length; i++) {
            float slope = Math.fma(wd, p[pAt + i], g[gAt + i]);
            float square = Math.fma(slope, slope, s[sAt + i]);
            s[sAt + i] = square;
            p[pAt + i] -= lr * slope / ((float) Math.sqrt(square) + eps);
        }
    }
}
