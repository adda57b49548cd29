package dev.unfold.examples.gradients;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Doubles;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.optim.GradientClip;
import dev.unfold.rnn.unroll.Unroll;
import java.util.List;
import java.util.stream.DoubleStream;

/** The networks through which {@link Flow} is measured, all on the same sequences. */
final class FlowCases {
    /** The spectral radius at which a vanilla cell at rest explodes. */
    static final double EXPLODING = 1.6;

    private static final int ROWS = 8;
    private static final int INPUT = 16;
    /** Opens a gate to sigmoid(3) = 0.95. */
    private static final double OPEN = 3;

    /** Small enough for gradients to explode, and large enough for the weights to get as much of them as the bias. */
    private static final double FAINT = 0.1;

    private final int seed;
    private final boolean isStatic;
    private final int hidden;
    private final Tensor inputs;
    private final Tensor rest;
    private final Tensor faint;
    private final Tensor v;

    /**
     * What clipping makes of the gradient of the parameters.
     *
     * @param cosine of the angle to the gradient that is not clipped
     */
    record Gradient(double norm, double cosine) {
        static Gradient of(double[] clipped, double[] whole) {
            double product = 0;
            for (int i = 0; i < whole.length; i++) {
                product += clipped[i] * whole[i];
            }
            double norm = FlowCases.norm(clipped);
            return new Gradient(norm, product / norm / FlowCases.norm(whole));
        }
    }

    /**
     * What clipping does where gradients explode.
     *
     * @param flow at rest, with what flows back from step to step clipped
     * @param norm of the gradient of the parameters on faint inputs, not clipped
     * @param norms the share in it of each parameter, by name
     * @param byFlow that gradient, with what flows clipped
     * @param byParameters that gradient, clipped as a whole
     */
    record Clipped(
            Flow flow, double norm, ImmutableMap<String, Double> norms, Gradient byFlow, Gradient byParameters) {}

    /**
     * Makes sequences.
     *
     * @param steps the greatest lag, so that there is one step more
     */
    FlowCases(int seed, boolean isStatic, int steps, int hidden) {
        NumpyRandom random = new NumpyRandom(seed);
        this.seed = seed;
        this.isStatic = isStatic;
        this.hidden = hidden;
        double[] normal = random.randn((steps + 1) * ROWS * INPUT);
        this.inputs = Tensor.of(normal, steps + 1, ROWS, INPUT);
        this.faint = Tensor.of(DoubleStream.of(normal).map(each -> FAINT * each).toArray(), steps + 1, ROWS, INPUT);
        this.rest = Tensor.zeros(DType.FLOAT64, steps + 1, ROWS, INPUT);
        double[] direction = random.randn(ROWS * hidden);
        double norm = norm(direction);
        this.v = Tensor.of(DoubleStream.of(direction).map(each -> each / norm).toArray(), ROWS, hidden);
    }

    /** Measures cells at their first weights. */
    List<Flow> cells() {
        return List.of(
                over(inputs, "vanilla", new VanillaCell(parameters(), INPUT, hidden)),
                over(inputs, "gru", new GruCell(parameters(), INPUT, hidden, GruCell.Variant.RESET_BEFORE)),
                over(inputs, "lstm, forget bias 1", new LstmCell(parameters(), INPUT, hidden)));
    }

    /** Measures cells with gates whose gates that hold the state are open. */
    List<Flow> open() {
        GruCell gru = new GruCell(parameters(), INPUT, hidden, GruCell.Variant.RESET_BEFORE);
        openUpdateGate(gru);
        LstmCell lstm =
                new LstmCell(parameters(), INPUT, hidden, LstmCell.options().forgetBias(OPEN));
        return List.of(over(inputs, "gru, update bias 3", gru), over(inputs, "lstm, forget bias 3", lstm));
    }

    /** z is the second block of b, and keeps the state where it is near 1. */
    private void openUpdateGate(GruCell cell) {
        Tensor b = named(cell, "rnn.b").value();
        for (int i = 0; i < hidden; i++) {
            b.setFlat(hidden + i, OPEN);
        }
    }

    /** Measures a vanilla cell at rest, with recurrent weights that shrink, keep and stretch. */
    List<Flow> scaled() {
        return DoubleStream.of(0.5, 1, EXPLODING)
                .mapToObj(radius -> over(rest, String.valueOf(radius), scaled(radius)))
                .toList();
    }

    /** Measures what clipping does to the one that stretches; not at rest for its parameters, where only the bias gets a gradient. */
    Clipped clipped(double maxNorm) {
        Cell cell = scaled(EXPLODING);
        over(faint, "", cell);
        double[] whole = gradient(cell);
        ImmutableMap<String, Double> norms = cell.parameters().stream()
                .collect(ImmutableMap.toImmutableMap(Parameter::name, each -> Flow.norm(each.gradient())));
        GradientClip.clipByGlobalNorm(cell.parameters(), maxNorm);
        double[] byParameters = gradient(cell);
        Cell bounded = new ClippedCell(cell, maxNorm);
        Flow flow = over(rest, EXPLODING + ", flow clipped to " + maxNorm, bounded);
        over(faint, "", bounded);
        return new Clipped(
                flow, norm(whole), norms, Gradient.of(gradient(cell), whole), Gradient.of(byParameters, whole));
    }

    /** An orthogonal matrix times a number: all its eigenvalues are of that size, and all its singular values. */
    private VanillaCell scaled(double radius) {
        VanillaCell cell = new VanillaCell(parameters(), INPUT, hidden);
        Tensor wh = named(cell, "rnn.wh").value();
        for (int i = 0; i < wh.size(); i++) {
            wh.setFlat(i, radius * wh.getFlat(i));
        }
        return cell;
    }

    private Parameters parameters() {
        return new Parameters("rnn", DType.FLOAT64, new NumpyRandom(seed));
    }

    private Flow over(Tensor sequences, String name, Cell cell) {
        Unroll unroll = isStatic ? Unroll.fixed(cell, sequences.shape().dim(0), ROWS) : Unroll.dynamic(cell);
        return Flow.of(name, unroll, sequences, v);
    }

    private static Parameter named(Cell cell, String name) {
        return cell.parameters().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the gradients of all parameters, one behind the other. */
    private static double[] gradient(Cell cell) {
        return Doubles.concat(cell.parameters().stream()
                .map(each -> each.gradient().toDoubles())
                .toArray(double[][]::new));
    }

    private static double norm(double[] numbers) {
        return Flow.norm(Tensor.of(numbers, numbers.length));
    }
}
