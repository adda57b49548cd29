package dev.unfold.examples.gradients;

/**
 * The simple recurrent tagger by hand, as the courses derive it, in plain loops: what the library should compute, and no more. A batch has N
 * sequences of T steps; at each step t a row has D numbers x and one of K labels.
 *
 * <pre>
 * forward, t = 0 .. T-1:
 *   h_t = tanh(x_t wx + h_{t-1} wh + b)                     x_t [N, D], h_t [N, H]
 *   y_t = h_t wy + by                                       [N, K]
 *   p_t = softmax(y_t)
 *   loss = - sum over t and n of log p_t[n, label_t[n]] / (T N)
 *
 * backward, t = T-1 .. 0, with dh_next = 0 behind the last step:
 *   dy_t = (p_t - onehot(label_t)) / (T N)
 *   dwy += h_t' dy_t                dby += dy_t, summed over the rows
 *   dh_t = dy_t wy' + dh_next
 *   dz_t = dh_t (1 - h_t^2)         since tanh' = 1 - tanh^2
 *   dwx += x_t' dz_t                db  += dz_t, summed over the rows
 *   dwh += h_{t-1}' dz_t
 *   dh_next = dz_t wh'
 * </pre>
 *
 * <p>Three things that course texts get wrong: y has as many columns as there are classes, not as many as x; gradients are divided by T N as
 * the loss is; and nothing is clipped here, since what was clipped is not the gradient that a check compares with.
 */
final class PlainRnn {
    private PlainRnn() {}

    /** The parameters, or their gradients. */
    static final class Weights {
        final double[][] wx;
        final double[][] wh;
        final double[] b;
        final double[][] wy;
        final double[] by;

        /** Makes weights: wx [D][H], wh [H][H], b [H], wy [H][K], by [K]. */
        Weights(double[][] wx, double[][] wh, double[] b, double[][] wy, double[] by) {
            this.wx = wx;
            this.wh = wh;
            this.b = b;
            this.wy = wy;
            this.by = by;
        }

        /** Returns zeros of the same sizes. */
        Weights zeros() {
            return new Weights(
                    new double[wx.length][b.length],
                    new double[wh.length][b.length],
                    new double[b.length],
                    new double[wy.length][by.length],
                    new double[by.length]);
        }
    }

    /** What a forward pass leaves for the backward pass. */
    static final class Forward {
        /** h before the first step, [N][H]. */
        final double[][] first;
        /** h by step, [T][N][H]. */
        final double[][][] states;
        /** p by step, [T][N][K]. */
        final double[][][] probabilities;
        /** The mean cross entropy. */
        final double loss;

        Forward(double[][] first, double[][][] states, double[][][] probabilities, double loss) {
            this.first = first;
            this.states = states;
            this.probabilities = probabilities;
            this.loss = loss;
        }

        /** Returns the state that a step began with. */
        double[][] before(int step) {
            return step == 0 ? first : states[step - 1];
        }
    }

    /** Returns h_t of one step. */
    static double[][] step(Weights weights, double[][] x, double[][] before) {
        double[][] fromInput = product(x, weights.wx);
        double[][] fromState = product(before, weights.wh);
        double[][] h = new double[x.length][weights.b.length];
        for (int n = 0; n < h.length; n++) {
            for (int j = 0; j < h[n].length; j++) {
                h[n][j] = Math.tanh(fromInput[n][j] + fromState[n][j] + weights.b[j]);
            }
        }
        return h;
    }

    /**
     * Runs all steps.
     *
     * @param x inputs, [T][N][D]
     * @param first h before the first step, [N][H]
     * @param labels [T][N], each in 0..K-1
     */
    static Forward forward(Weights weights, double[][][] x, double[][] first, int[][] labels) {
        double[][][] states = new double[x.length][][];
        double[][][] probabilities = new double[x.length][][];
        double sum = 0;
        double[][] h = first;
        for (int t = 0; t < x.length; t++) {
            h = step(weights, x[t], h);
            states[t] = h;
            probabilities[t] = softmax(output(weights, h));
            for (int n = 0; n < h.length; n++) {
                sum -= Math.log(probabilities[t][n][labels[t][n]]);
            }
        }
        return new Forward(first, states, probabilities, sum / tokens(labels));
    }

    /** Goes back over all steps and returns the gradient of the loss by each parameter. */
    static Weights backward(Weights weights, double[][][] x, Forward run, int[][] labels) {
        Weights gradients = weights.zeros();
        double[][] next = new double[run.first.length][weights.b.length];
        for (int t = x.length - 1; t >= 0; t--) {
            double[][] h = run.states[t];
            double[][] dy = outputGradient(run.probabilities[t], labels[t], tokens(labels));
            addProduct(gradients.wy, h, dy);
            addRows(gradients.by, dy);
            double[][] dh = sum(productWithTransposed(dy, weights.wy), next);
            double[][] dz = throughTanh(dh, h);
            addProduct(gradients.wx, x[t], dz);
            addProduct(gradients.wh, run.before(t), dz);
            addRows(gradients.b, dz);
            next = productWithTransposed(dz, weights.wh);
        }
        return gradients;
    }

    private static int tokens(int[][] labels) {
        return labels.length * labels[0].length;
    }

    /** y = h wy + by. */
    private static double[][] output(Weights weights, double[][] h) {
        double[][] y = product(h, weights.wy);
        for (double[] row : y) {
            for (int k = 0; k < row.length; k++) {
                row[k] += weights.by[k];
            }
        }
        return y;
    }

    /** Softmax along rows; the greatest is taken off first, so that no exponential overflows. */
    private static double[][] softmax(double[][] y) {
        double[][] p = new double[y.length][y[0].length];
        for (int n = 0; n < y.length; n++) {
            double greatest = Double.NEGATIVE_INFINITY;
            for (double each : y[n]) {
                greatest = Math.max(greatest, each);
            }
            double sum = 0;
            for (int k = 0; k < y[n].length; k++) {
                p[n][k] = Math.exp(y[n][k] - greatest);
                sum += p[n][k];
            }
            for (int k = 0; k < y[n].length; k++) {
                p[n][k] /= sum;
            }
        }
        return p;
    }

    /** dy = (p - onehot(label)) / tokens. */
    private static double[][] outputGradient(double[][] p, int[] labels, int tokens) {
        double[][] dy = new double[p.length][p[0].length];
        for (int n = 0; n < p.length; n++) {
            for (int k = 0; k < p[n].length; k++) {
                dy[n][k] = (p[n][k] - (k == labels[n] ? 1 : 0)) / tokens;
            }
        }
        return dy;
    }

    /** dz = dh (1 - h^2). */
    private static double[][] throughTanh(double[][] dh, double[][] h) {
        double[][] dz = new double[h.length][h[0].length];
        for (int n = 0; n < h.length; n++) {
            for (int j = 0; j < h[n].length; j++) {
                dz[n][j] = dh[n][j] * (1 - h[n][j] * h[n][j]);
            }
        }
        return dz;
    }

    /** a b, for a [n][k] and b [k][m]. */
    private static double[][] product(double[][] a, double[][] b) {
        double[][] c = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < b.length; k++) {
                for (int j = 0; j < b[k].length; j++) {
                    c[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return c;
    }

    /** a b', for a [n][m] and b [k][m]. */
    private static double[][] productWithTransposed(double[][] a, double[][] b) {
        double[][] c = new double[a.length][b.length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < b.length; k++) {
                for (int j = 0; j < b[k].length; j++) {
                    c[i][k] += a[i][j] * b[k][j];
                }
            }
        }
        return c;
    }

    /** sum += a' b, for a [n][k] and b [n][m]. */
    private static void addProduct(double[][] sum, double[][] a, double[][] b) {
        for (int n = 0; n < a.length; n++) {
            for (int k = 0; k < a[n].length; k++) {
                for (int j = 0; j < b[n].length; j++) {
                    sum[k][j] += a[n][k] * b[n][j];
                }
            }
        }
    }

    /** sum += all rows of a. */
    private static void addRows(double[] sum, double[][] a) {
        for (double[] row : a) {
            for (int j = 0; j < row.length; j++) {
                sum[j] += row[j];
            }
        }
    }

    private static double[][] sum(double[][] a, double[][] b) {
        double[][] c = new double[a.length][a[0].length];
        for (int n = 0; n < a.length; n++) {
            for (int j = 0; j < a[n].length; j++) {
                c[n][j] = a[n][j] + b[n][j];
            }
        }
        return c;
    }
}
