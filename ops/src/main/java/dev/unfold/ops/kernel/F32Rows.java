package dev.unfold.ops.kernel;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Kernels along rows and axes of float32, in plain Java. */
class F32Rows implements RowKernels {
    private static final int STRIPE_MASK = F32Scratch.STRIPES - 1;

    @Override
    public void sum(Tensor x, int length, int inner, double factor, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        float a = (float) factor;
        F32Scratch scratch = F32Scratch.ofThread();
        for (int o = 0; o < y.size() / Math.max(1, inner); o++) {
            int from = x.offset() + o * length * inner;
            int to = y.offset() + o * inner;
            if (inner == 1) {
                addTo(scratch.stripes(), source, from, length);
                target[to] = a * scratch.total();
            } else {
                Arrays.fill(target, to, to + inner, 0f);
                for (int l = 0; l < length; l++) {
                    addRun(source, from + l * inner, target, to, inner);
                }
                scaleRun(a, target, to, inner);
            }
        }
    }

    @Override
    public void sumGradient(Tensor dy, int length, int inner, double factor, Tensor dx) {
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        float a = (float) factor;
        for (int o = 0; o < dy.size() / Math.max(1, inner); o++) {
            int at = dy.offset() + o * inner;
            int to = dx.offset() + o * length * inner;
            if (inner == 1) {
                addToRun(a, slope[at], gradient, to, length);
            } else {
                for (int l = 0; l < length; l++) {
                    addRun(a, slope, at, gradient, to + l * inner, inner);
                }
            }
        }
    }

    @Override
    public void max(Tensor x, int length, int inner, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        for (int o = 0; o < y.size() / Math.max(1, inner); o++) {
            int to = y.offset() + o * inner;
            Arrays.fill(target, to, to + inner, Float.NEGATIVE_INFINITY);
            for (int l = 0; l < length; l++) {
                int from = x.offset() + (o * length + l) * inner;
                for (int i = 0; i < inner; i++) {
                    target[to + i] = Math.max(target[to + i], source[from + i]);
                }
            }
        }
    }

    @Override
    public void maxGradient(Tensor x, Tensor y, Tensor dy, int length, int inner, Tensor dx) {
        float[] source = x.floats();
        float[] greatest = y.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        for (int e = 0; e < y.size(); e++) {
            int first = e / inner * length * inner + e % inner;
            for (int l = 0; l < length; l++) {
                int position = first + l * inner;
                if (source[x.offset() + position] == greatest[y.offset() + e]) {
                    gradient[dx.offset() + position] += slope[dy.offset() + e];
                    break;
                }
            }
        }
    }

    @Override
    public void logSumExp(Tensor x, int length, int inner, Tensor y) {
        float[] target = y.floats();
        for (int e = 0; e < y.size(); e++) {
            int first = x.offset() + e / inner * length * inner + e % inner;
            target[y.offset() + e] = logSumExp(x.floats(), first, length, inner);
        }
    }

    /** ln sum of e^x over elements a stride apart; the greatest itself where it is infinite. */
    private float logSumExp(float[] x, int first, int length, int stride) {
        float greatest = stride == 1 ? greatest(x, first, length) : greatest(x, first, length, stride);
        if (Float.isInfinite(greatest)) {
            return greatest;
        }
        F32Scratch scratch = F32Scratch.ofThread();
        float[] stripes = scratch.stripes();
        if (stride == 1) {
            addExpTo(stripes, x, first, greatest, length);
        } else {
            for (int l = 0; l < length; l++) {
                stripes[l & STRIPE_MASK] += F32Math.exp(x[first + l * stride] - greatest);
            }
        }
        return greatest + F32Math.log(scratch.total());
    }

    private static float greatest(float[] x, int first, int length, int stride) {
        float greatest = Float.NEGATIVE_INFINITY;
        for (int l = 0; l < length; l++) {
            greatest = Math.max(greatest, x[first + l * stride]);
        }
        return greatest;
    }

    /** The greatest of a run; NaN where one is NaN. */
    float greatest(float[] x, int from, int length) {
        return greatest(x, from, length, 1);
    }

    /** Adds a run, which begins with the first stripe, to the stripes. */
    void addTo(float[] stripes, float[] x, int from, int length) {
        for (int i = 0; i < length; i++) {
            stripes[i & STRIPE_MASK] += x[from + i];
        }
    }

    /** Adds the products of two runs to the stripes. */
    void addProductsTo(float[] stripes, float[] a, int aFrom, float[] b, int bFrom, int length) {
        for (int i = 0; i < length; i++) {
            stripes[i & STRIPE_MASK] = Math.fma(a[aFrom + i], b[bFrom + i], stripes[i & STRIPE_MASK]);
        }
    }

    /** Adds e^(x - shift) to the stripes. */
    void addExpTo(float[] stripes, float[] x, int from, float shift, int length) {
        for (int i = 0; i < length; i++) {
            stripes[i & STRIPE_MASK] += F32Math.exp(x[from + i] - shift);
        }
    }

    /** y = e^(x - shift). */
    void shiftedExp(float[] x, int from, float shift, float[] y, int to, int length) {
        for (int i = 0; i < length; i++) {
            y[to + i] = F32Math.exp(x[from + i] - shift);
        }
    }

    /** y = x - shift. */
    void shiftRun(float[] x, int from, float shift, float[] y, int to, int length) {
        for (int i = 0; i < length; i++) {
            y[to + i] = x[from + i] - shift;
        }
    }

    /** x = factor x. */
    void scaleRun(float factor, float[] x, int from, int length) {
        for (int i = 0; i < length; i++) {
            x[from + i] *= factor;
        }
    }

    /** x = x / divisor. */
    void divideRun(float divisor, float[] x, int from, int length) {
        for (int i = 0; i < length; i++) {
            x[from + i] /= divisor;
        }
    }

    /** y += x. */
    void addRun(float[] x, int from, float[] y, int to, int length) {
        for (int i = 0; i < length; i++) {
            y[to + i] += x[from + i];
        }
    }

    /** y += factor x. */
    void addRun(float factor, float[] x, int from, float[] y, int to, int length) {
        for (int i = 0; i < length; i++) {
            y[to + i] = Math.fma(factor, x[from + i], y[to + i]);
        }
    }

    /** x += factor number. */
    void addToRun(float factor, float number, float[] x, int from, int length) {
        for (int i = 0; i < length; i++) {
            x[from + i] = Math.fma(factor, number, x[from + i]);
        }
    }

    /** y += factor e^(x - shift). */
    void addExpRun(float factor, float[] x, int from, float shift, float[] y, int to, int length) {
        for (int i = 0; i < length; i++) {
            y[to + i] = Math.fma(factor, F32Math.exp(x[from + i] - shift), y[to + i]);
        }
    }

    @Override
    public void logSumExpGradient(Tensor x, Tensor y, Tensor dy, int length, int inner, Tensor dx) {
        float[] source = x.floats();
        float[] total = y.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        for (int e = 0; e < y.size(); e++) {
            int first = e / inner * length * inner + e % inner;
            for (int l = 0; l < length; l++) {
                int position = first + l * inner;
                float share = F32Math.exp(source[x.offset() + position] - total[y.offset() + e]);
                gradient[dx.offset() + position] =
                        Math.fma(share, slope[dy.offset() + e], gradient[dx.offset() + position]);
            }
        }
    }

    @Override
    public void softmax(Tensor x, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int columns = x.shape().columns();
        F32Scratch scratch = F32Scratch.ofThread();
        for (int start = 0; start < x.size(); start += columns) {
            int from = x.offset() + start;
            int to = y.offset() + start;
            shiftedExp(source, from, greatest(source, from, columns), target, to, columns);
            addTo(scratch.stripes(), target, to, columns);
            divideRun(scratch.total(), target, to, columns);
        }
    }

    @Override
    public void softmaxGradient(Tensor y, Tensor dy, Tensor dx) {
        float[] shares = y.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int columns = y.shape().columns();
        for (int start = 0; start < y.size(); start += columns) {
            int from = y.offset() + start;
            int at = dy.offset() + start;
            int to = dx.offset() + start;
            float mean = dot(shares, from, slope, at, columns);
            addSoftmaxGradient(shares, from, slope, at, mean, gradient, to, columns);
        }
    }

    /** dx += y (dy - mean). */
    void addSoftmaxGradient(float[] y, int from, float[] dy, int at, float mean, float[] dx, int to, int length) {
        for (int i = 0; i < length; i++) {
            dx[to + i] = Math.fma(y[from + i], dy[at + i] - mean, dx[to + i]);
        }
    }

    private float dot(float[] a, int aFrom, float[] b, int bFrom, int length) {
        F32Scratch scratch = F32Scratch.ofThread();
        addProductsTo(scratch.stripes(), a, aFrom, b, bFrom, length);
        return scratch.total();
    }

    private float total(float[] x, int from, int length) {
        F32Scratch scratch = F32Scratch.ofThread();
        addTo(scratch.stripes(), x, from, length);
        return scratch.total();
    }

    @Override
    public void logSoftmax(Tensor x, Tensor y) {
        float[] source = x.floats();
        float[] target = y.floats();
        int columns = x.shape().columns();
        for (int start = 0; start < x.size(); start += columns) {
            int from = x.offset() + start;
            shiftRun(source, from, logSumExp(source, from, columns, 1), target, y.offset() + start, columns);
        }
    }

    @Override
    public void logSoftmaxGradient(Tensor y, Tensor dy, Tensor dx) {
        float[] logs = y.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int columns = y.shape().columns();
        for (int start = 0; start < y.size(); start += columns) {
            int at = dy.offset() + start;
            int to = dx.offset() + start;
            float total = total(slope, at, columns);
            addLogSoftmaxGradient(logs, y.offset() + start, slope, at, total, gradient, to, columns);
        }
    }

    /** dx += dy - total e^y. */
    void addLogSoftmaxGradient(float[] y, int from, float[] dy, int at, float total, float[] dx, int to, int length) {
        for (int i = 0; i < length; i++) {
            dx[to + i] += Math.fma(-F32Math.exp(y[from + i]), total, dy[at + i]);
        }
    }

    @Override
    public void layerNorm(Tensor x, double epsilon, Tensor y, Tensor inverse) {
        float[] source = x.floats();
        float[] target = y.floats();
        int columns = x.shape().columns();
        for (int row = 0; row < x.shape().rows(); row++) {
            int from = x.offset() + row * columns;
            int to = y.offset() + row * columns;
            float mean = total(source, from, columns) / columns;
            shiftRun(source, from, mean, target, to, columns);
            float variance = dot(target, to, target, to, columns) / columns;
            float scale = 1f / (float) Math.sqrt(variance + (float) epsilon);
            scaleRun(scale, target, to, columns);
            inverse.floats()[inverse.offset() + row] = scale;
        }
    }

    @Override
    public void layerNormGradient(Tensor y, Tensor inverse, Tensor dy, Tensor dx) {
        float[] normal = y.floats();
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int columns = y.shape().columns();
        for (int row = 0; row < y.shape().rows(); row++) {
            int from = y.offset() + row * columns;
            int at = dy.offset() + row * columns;
            int to = dx.offset() + row * columns;
            float mean = total(slope, at, columns) / columns;
            float share = dot(normal, from, slope, at, columns) / columns;
            float scale = inverse.floats()[inverse.offset() + row];
            addLayerNormGradient(normal, from, share, slope, at, mean, scale, gradient, to, columns);
        }
    }

    /** dx += scale (dy - mean - share y). */
    void addLayerNormGradient(
            float[] y,
            int from,
            float share,
            float[] dy,
            int at,
            float mean,
            float scale,
            float[] dx,
            int to,
            int length) {
        for (int i = 0; i < length; i++) {
            dx[to + i] = Math.fma(scale, Math.fma(-y[from + i], share, dy[at + i] - mean), dx[to + i]);
        }
    }

    @Override
    public void crossEntropy(
            Tensor x,
            Tensor labels,
            @Nullable Tensor mask,
            @Nullable Tensor lengths,
            @Nullable Tensor classes,
            LabelRules rules,
            Tensor saved,
            Tensor loss) {
        float[] source = x.floats();
        float[] kept = saved.floats();
        int columns = x.shape().columns();
        int tokens = labels.size();
        float sum = 0f;
        float counted = 0f;
        for (int token = 0; token < tokens; token++) {
            int label = labels.ints()[labels.offset() + token];
            if (!counts(mask, lengths, rules, token, label)) {
                continue;
            }
            checkIndex("crossEntropy: label", label, token, columns);
            float norm = logSumExp(source, x.offset() + token * columns, columns, 1);
            kept[saved.offset() + token] = norm;
            float weight = weight(classes, label);
            sum = Math.fma(weight, norm - source[x.offset() + token * columns + label], sum);
            counted += weight;
        }
        float divisor = rules.meanOverRows() ? (float) labels.shape().columns() : counted;
        kept[saved.offset() + tokens] = divisor;
        loss.floats()[loss.offset()] = divisor == 0f ? 0f : sum / divisor;
    }

    private static boolean counts(
            @Nullable Tensor mask, @Nullable Tensor lengths, LabelRules rules, int token, int label) {
        return !(rules.ignores() && label == rules.ignored())
                && (mask == null || mask.ints()[mask.offset() + token] != 0)
                && (lengths == null
                        || token / lengths.size() < lengths.ints()[lengths.offset() + token % lengths.size()]);
    }

    private static float weight(@Nullable Tensor classes, int label) {
        return classes == null ? 1f : classes.floats()[classes.offset() + label];
    }

    private static void checkIndex(String what, int index, int position, int bound) {
        if (index < 0 || index >= bound) {
            throw new IllegalArgumentException(
                    what + " " + index + " at position " + position + " is outside 0.." + (bound - 1));
        }
    }

    @Override
    public void crossEntropyGradient(
            Tensor x,
            Tensor labels,
            @Nullable Tensor mask,
            @Nullable Tensor lengths,
            @Nullable Tensor classes,
            LabelRules rules,
            Tensor saved,
            Tensor dloss,
            Tensor dx) {
        float[] source = x.floats();
        float[] kept = saved.floats();
        float[] gradient = dx.floats();
        int columns = x.shape().columns();
        int tokens = labels.size();
        float divisor = kept[saved.offset() + tokens];
        for (int token = 0; token < tokens; token++) {
            int label = labels.ints()[labels.offset() + token];
            if (divisor == 0f || !counts(mask, lengths, rules, token, label)) {
                continue;
            }
            float slope = weight(classes, label) * dloss.floats()[dloss.offset()] / divisor;
            float norm = kept[saved.offset() + token];
            int from = x.offset() + token * columns;
            int to = dx.offset() + token * columns;
            addExpRun(slope, source, from, norm, gradient, to, columns);
            gradient[to + label] -= slope;
        }
    }

    @Override
    public void gather(Tensor table, Tensor indices, Tensor y) {
        int width = table.shape().columns();
        int height = table.shape().rows();
        for (int i = 0; i < indices.size(); i++) {
            int index = indices.ints()[indices.offset() + i];
            checkIndex("gather: index", index, i, height);
            y.copyRun(table, index * width, i * width, width);
        }
    }

    @Override
    public void gatherGradient(Tensor indices, Tensor dy, Tensor dtable) {
        float[] slope = dy.floats();
        float[] gradient = dtable.floats();
        int width = dtable.shape().columns();
        for (int i = 0; i < indices.size(); i++) {
            int index = indices.ints()[indices.offset() + i];
            int at = dy.offset() + i * width;
            if (index >= 0) {
                addRun(slope, at, gradient, dtable.offset() + index * width, width);
            }
        }
    }

    @Override
    public void gatherSum(Tensor table, Tensor indices, Tensor values, Tensor y) {
        float[] rows = table.floats();
        float[] factors = values.floats();
        float[] sums = y.fill(0).floats();
        int width = table.shape().columns();
        int height = table.shape().rows();
        int each = indices.shape().columns();
        for (int i = 0; i < indices.size(); i++) {
            int index = indices.ints()[indices.offset() + i];
            checkIndex("gatherSum: index", index, i, height);
            float factor = factors[values.offset() + i];
            if (factor != 0f) {
                addRun(factor, rows, table.offset() + index * width, sums, y.offset() + i / each * width, width);
            }
        }
    }

    @Override
    public void gatherSumGradient(Tensor indices, Tensor values, Tensor dy, Tensor dtable) {
        float[] factors = values.floats();
        float[] slope = dy.floats();
        float[] gradient = dtable.floats();
        int width = dtable.shape().columns();
        int each = indices.shape().columns();
        for (int i = 0; i < indices.size(); i++) {
            float factor = factors[values.offset() + i];
            if (factor != 0f) {
                int row = indices.ints()[indices.offset() + i];
                addRun(factor, slope, dy.offset() + i / each * width, gradient, dtable.offset() + row * width, width);
            }
        }
    }

    @Override
    public void select(Tensor mask, Tensor a, Tensor b, Tensor y) {
        int run = y.size() / Math.max(1, mask.size());
        for (int i = 0; i < mask.size(); i++) {
            Tensor source = isSet(mask, i) ? a : b;
            y.copyRun(source, i * run, i * run, run);
        }
    }

    private static boolean isSet(Tensor mask, int position) {
        if (mask.dtype() == DType.INT32) {
            return mask.ints()[mask.offset() + position] != 0;
        }
        float flag = mask.floats()[mask.offset() + position];
        if (Float.isNaN(flag)) {
            throw new IllegalArgumentException(
                    "selectNonZero: the flag at position " + position + " is NaN; expected 0 or another number");
        }
        return flag != 0f;
    }

    @Override
    public void selectGradient(Tensor mask, boolean wanted, Tensor dy, Tensor dx) {
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        int run = dy.size() / Math.max(1, mask.size());
        for (int i = 0; i < mask.size(); i++) {
            if (isSet(mask, i) == wanted) {
                int at = dy.offset() + i * run;
                int to = dx.offset() + i * run;
                addRun(slope, at, gradient, to, run);
            }
        }
    }

    @Override
    public void swapAxes(Tensor x, int a, int middle, int b, int inner, Tensor y) {
        for (int e = 0; e < x.size(); e += inner) {
            y.copyRun(x, e, swapped(e, a, middle, b, inner), inner);
        }
    }

    @Override
    public void swapAxesGradient(Tensor dy, int a, int middle, int b, int inner, Tensor dx) {
        float[] slope = dy.floats();
        float[] gradient = dx.floats();
        for (int e = 0; e < dx.size(); e += inner) {
            int at = dy.offset() + swapped(e, a, middle, b, inner);
            int to = dx.offset() + e;
            addRun(slope, at, gradient, to, inner);
        }
    }

    /** Where the run at a position of {@code [outer, a, middle, b, inner]} lies in {@code [outer, b, middle, a, inner]}. */
    private static int swapped(int position, int a, int middle, int b, int inner) {
        int rest = position / inner;
        int atB = rest % b;
        rest /= b;
        int atMiddle = rest % middle;
        rest /= middle;
        int atA = rest % a;
        int outer = rest / a;
        return (((outer * b + atB) * middle + atMiddle) * a + atA) * inner;
    }
}
