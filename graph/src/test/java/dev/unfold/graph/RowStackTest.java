package dev.unfold.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Uses of a parameter in few rows contribute together, with the bits of one after the other, whatever they read. */
class RowStackTest {
    private static final int COLUMNS = 3;

    private final Parameter w = new Parameter("w", Tensor.of(new double[] {1, 2, 3}, COLUMNS));
    private final Graph graph = new Graph();

    /** y[r] = sum over j of a[r, j] b[r, j] w[j]. */
    private record Gated(BooleanSupplier fails) implements Op {
        @Override
        public String name() {
            return "gated";
        }

        @Override
        public Shape shape(Shape[] inputs) {
            return Shape.of(inputs[0].dim(0), 1);
        }

        @Override
        public Reads backwardReads(int input) {
            return Reads.inputs(0, 1).and(Reads.inputs(2));
        }

        @Override
        public Rows rows(Shape[] inputs, boolean[] rowed) {
            return rowed[0] && rowed[1] && !rowed[2] ? Rows.APART : Rows.TOGETHER;
        }

        @Override
        public boolean differentiates(int input) {
            return input == 2;
        }

        @Override
        public void forward(Pass pass) {
            for (int row = 0; row < pass.output().size(); row++) {
                double sum = 0;
                for (int j = 0; j < COLUMNS; j++) {
                    sum += at(pass, 0, row, j)
                            * at(pass, 1, row, j)
                            * pass.input(2).getFlat(j);
                }
                pass.output().setFlat(row, sum);
            }
        }

        private static double at(Pass pass, int input, int row, int column) {
            return pass.input(input).getFlat(row * COLUMNS + column);
        }

        @Override
        public void backward(Pass pass, int input) {
            if (fails.getAsBoolean()) {
                throw new IllegalStateException("gated: fails");
            }
            Tensor dw = pass.inputGradient();
            for (int row = 0; row < pass.outputGradient().size(); row++) {
                for (int j = 0; j < COLUMNS; j++) {
                    double product = at(pass, 0, row, j) * at(pass, 1, row, j);
                    dw.setFlat(
                            j, dw.getFlat(j) + product * pass.outputGradient().getFlat(row));
                }
            }
        }
    }

    /** The gradient of w that {@link #record} makes, and one use after the other would. */
    private final double[] expected = new double[COLUMNS];

    private void record(Random random, BooleanSupplier fails) {
        List<Node> roots = new ArrayList<>();
        List<Tensor> seeds = new ArrayList<>();
        for (int uses = random.nextInt(8) + 1; uses > 0; uses--) {
            int rows = random.nextInt(random.nextInt(5) == 0 ? 50 : 4);
            Node a = graph.input(normal(random, rows, COLUMNS));
            Node b = random.nextBoolean() ? a : graph.input(normal(random, rows, COLUMNS));
            roots.add(graph.record(new Gated(fails), a, b, w));
            seeds.add(normal(random, rows, 1));
            for (int i = 0; i < rows * COLUMNS; i++) {
                expected[i % COLUMNS] += a.value().getFlat(i)
                        * b.value().getFlat(i)
                        * seeds.get(seeds.size() - 1).getFlat(i / COLUMNS);
            }
        }
        graph.backward(roots, seeds);
    }

    private static Tensor normal(Random random, int... dims) {
        Tensor drawn = Tensor.zeros(DType.FLOAT64, dims);
        for (int i = 0; i < drawn.size(); i++) {
            drawn.setFlat(i, random.nextGaussian());
        }
        return drawn;
    }

    @Test
    void uses_should_add_up_in_the_order_of_recording() {
        BooleanSupplier never = () -> false;
        for (int seed = 0; seed < 2000; seed++) {
            graph.reset();
            w.zeroGradient();
            Arrays.fill(expected, 0);
            graph.threads(1 + seed % 3);
            record(new Random(seed), never);
            assertThat(w.gradient().doubles()).as("seed %d", seed).containsExactly(expected);
        }
    }

    @Test
    void what_a_failed_backward_has_left_should_not_contribute_to_the_next() {
        boolean[] fails = {true};
        BooleanSupplier first = () -> fails[0];
        for (int seed = 0; seed < 200; seed++) {
            int drawn = seed;
            fails[0] = true;
            graph.reset();
            try {
                record(new Random(drawn), first);
            } catch (IllegalStateException expectedFailure) {
                assertThat(expectedFailure).hasMessage("gated: fails");
            }
            fails[0] = false;
            graph.reset();
            w.zeroGradient();
            Arrays.fill(expected, 0);
            record(new Random(seed + 1000), first);
            assertThat(w.gradient().doubles()).as("seed %d", seed).containsExactly(expected);
        }
    }

    @Test
    void a_failure_should_be_passed_on() {
        assertThatIllegalStateException()
                .isThrownBy(() -> {
                    for (int seed = 0; seed < 20; seed++) {
                        graph.reset();
                        record(new Random(seed), () -> true);
                    }
                })
                .withMessage("gated: fails");
    }
}
