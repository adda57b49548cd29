package dev.unfold.rnn.check;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.Parameters;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.commons.math3.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Holds a cell to what the library promises of cells, see {@link Law}, in a test of any kind:
 *
 * <pre>{@code
 * CellContract.of(p -> new MyCell(p, 3, 4)).check();
 * }</pre>
 *
 * <p>The factory is called many times, with both precisions, and must make a new cell each time, with all weights from what it is
 * given. Weights begin as the cell draws them and are then moved at random, by up to 30 percent, and zeros by up to 0.3, so that
 * nothing hides behind a bias of zero. Every element of every parameter is compared with differences: make the cell small.
 *
 * <p>Immutable; the methods that change something return a new object.
 */
public final class CellContract {
    private final Function<Parameters, ? extends Cell> factory;
    private final int seed;
    private final Set<Law> laws;
    private final GradientCheck gradientCheck;
    private final @Nullable Inputs inputs;
    private final Set<String> withoutGradient;

    /** Draws what a cell takes in. */
    @FunctionalInterface
    public interface Inputs {
        /**
         * Returns sequences {@code [T, N, D]} in either precision.
         *
         * @param random where to draw from, so that the same seed gives the same inputs
         * @param steps T, at least 1
         * @param rows N, at least 1
         */
        Tensor draw(RandomGenerator random, int steps, int rows);
    }

    private CellContract(
            Function<Parameters, ? extends Cell> factory,
            int seed,
            Set<Law> laws,
            GradientCheck gradientCheck,
            @Nullable Inputs inputs,
            Set<String> withoutGradient) {
        this.factory = factory;
        this.seed = seed;
        this.laws = laws;
        this.gradientCheck = gradientCheck;
        this.inputs = inputs;
        this.withoutGradient = withoutGradient;
    }

    /** Makes the contract of the cells that a factory makes: all laws, seed 1, inputs from the normal distribution. */
    public static CellContract of(Function<Parameters, ? extends Cell> factory) {
        return new CellContract(factory, 1, EnumSet.allOf(Law.class), new GradientCheck(), null, Set.of());
    }

    /**
     * Returns this contract with sizes, lengths, inputs and weights drawn from another seed.
     *
     * @throws IllegalArgumentException for a negative seed
     */
    public CellContract seed(int other) {
        if (other < 0) {
            throw new IllegalArgumentException("cell contract: seed is " + other + "; it must be at least 0");
        }
        return new CellContract(factory, other, laws, gradientCheck, inputs, withoutGradient);
    }

    /**
     * Returns this contract without some laws.
     *
     * @param names the laws by name, as in {@code "rows"}; the report says that they were not checked
     * @throws IllegalArgumentException where there is no such law, or none is left
     */
    public CellContract without(String... names) {
        Set<Law> left = EnumSet.copyOf(laws);
        for (String name : names) {
            left.remove(Law.named(name));
        }
        if (left.isEmpty()) {
            throw new IllegalArgumentException("cell contract: no law is left to check");
        }
        return new CellContract(factory, seed, left, gradientCheck, inputs, withoutGradient);
    }

    /**
     * Returns this contract with another step and tolerance for gradients. What fails is compared again at finer steps, so that
     * neither kinks nor curvature count as wrong.
     */
    public CellContract gradients(GradientCheck check) {
        return new CellContract(factory, seed, laws, check, inputs, withoutGradient);
    }

    /**
     * Returns this contract with inputs of its own kind, for a cell that does not take in just any number. In the stack, another cell
     * then stands on top of it.
     */
    public CellContract inputs(Inputs generator) {
        return new CellContract(factory, seed, laws, gradientCheck, generator, withoutGradient);
    }

    /**
     * Returns this contract for a cell some of whose numbers are no matter of differentiation, such as a counter of steps: they are
     * left out of the loss, not compared with differences, and no gradient may flow to them.
     *
     * @param names fields of the state; {@code inputs} for what the cell takes in
     */
    public CellContract withoutGradient(String... names) {
        Set<String> all = new LinkedHashSet<>(withoutGradient);
        all.addAll(List.of(names));
        return new CellContract(factory, seed, laws, gradientCheck, inputs, all);
    }

    /**
     * Checks the cell and throws where it breaks a law.
     *
     * @return the report, whose {@link ContractReport#warnings() warnings} are worth a look
     * @throws AssertionError with the report, which names all laws that are broken; what the cell threw is suppressed in it
     * @throws IllegalArgumentException as {@link #report}
     */
    public ContractReport check() {
        ContractReport report = report();
        if (!report.passed()) {
            AssertionError error = new AssertionError(report.toString());
            for (ContractReport.Violation violation : report.violations()) {
                if (violation.thrown() != null) {
                    error.addSuppressed(violation.thrown());
                }
            }
            throw error;
        }
        return report;
    }

    /**
     * Checks the cell without judging.
     *
     * @throws IllegalArgumentException where an option does not fit the cell: a name without gradient that it does not have, inputs
     *     of another shape
     */
    public ContractReport report() {
        Ways ways = new Ways(factory, seed, inputs == null);
        Cell cell = ways.cell("cell", DType.FLOAT64);
        checkNames(cell);
        Batches batches = new Batches(seed, inputs == null ? normal(cell.inputSize()) : inputs, cell.inputSize());
        return new ContractRun(ways, batches, new Runs(seed, withoutGradient), gradientCheck).report(cell.name(), laws);
    }

    private static Inputs normal(int inputSize) {
        return (random, steps, rows) -> {
            Tensor drawn = Tensor.zeros(DType.FLOAT64, steps, rows, inputSize);
            Initializers.normal(0, 1).fill(drawn, random);
            return drawn;
        };
    }

    private void checkNames(Cell cell) {
        Set<String> known = new LinkedHashSet<>(Set.of(Runs.INPUTS));
        cell.stateSpec().fields().stream().map(StateSpec.Field::name).forEach(known::add);
        for (String name : withoutGradient) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException("cell contract: '" + name + "' is to be without gradient; cell '"
                        + cell.name() + "' has " + known);
            }
        }
    }
}
