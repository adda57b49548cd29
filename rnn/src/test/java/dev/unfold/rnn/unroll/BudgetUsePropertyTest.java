package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.init.NumpyRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dynamic unrolling within a budget keeps to it, with the bits of none, whatever the cell does and whatever is done with what comes out. */
class BudgetUsePropertyTest {
    private static final int CELLS = 80;
    private static final int BATCHES = 3;
    private static final Pattern REFUSAL =
            Pattern.compile(".*the smallest that is workable is (\\d+) bytes, and (\\d+) keep all steps;.*");
    private static final Pattern BYTES = Pattern.compile("recorded anew, \\d+ steps of \\d+ rows, ([\\d,]+) bytes");

    private interface Use {
        Map<String, Tensor> within(long budget);
    }

    /** A budget, and what a use of it gave. */
    private record Found(long budget, Map<String, Tensor> values) {}

    /** Uses a budget at a share between the smallest and what keeps all steps, raised until every run of the use finds it workable. */
    private static Found within(Use use, double share) {
        for (long budget = 1; ; ) {
            long tried = budget;
            Map<String, Tensor> values = new HashMap<>();
            IllegalArgumentException refusal =
                    catchThrowableOfType(IllegalArgumentException.class, () -> values.putAll(use.within(tried)));
            if (refusal == null) {
                return new Found(budget, values);
            }
            Matcher found = REFUSAL.matcher(Objects.requireNonNull(refusal.getMessage()));
            assertThat(found.matches()).as(refusal.getMessage()).isTrue();
            long smallest = Long.parseLong(found.group(1));
            budget = smallest + (long) (share * (Long.parseLong(found.group(2)) - smallest));
            assertThat(budget).as(refusal.getMessage()).isGreaterThan(tried);
        }
    }

    private static void assertKept(String what, Graph graph, long budget) {
        Matcher bytes = BYTES.matcher(graph.explain());
        while (bytes.find()) {
            assertThat(Long.parseLong(bytes.group(1).replace(",", "")))
                    .as("%s: bytes of %s", what, bytes.group())
                    .isLessThanOrEqualTo(budget);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void any_cell_in_any_use_should_keep_to_its_budget_with_the_bits_of_none(int threads) {
        int recomputed = 0;
        for (int seed = CELLS * threads; seed < CELLS * (threads + 1); seed++) {
            NumpyRandom random = new NumpyRandom(seed);
            DType dtype = random.randint(0, 2) == 0 ? DType.FLOAT32 : DType.FLOAT64;
            RandomCell cell = new RandomCell("cell" + seed, seed, dtype);
            int mostSteps = random.randint(1, 60);
            int mostRows = random.randint(1, 5);
            boolean trains = random.randint(0, 6) > 0;
            Graph graph = trains ? new Graph() : Graph.inference();
            graph.threads(threads);
            for (int batch = 0; batch < BATCHES; batch++) {
                int steps = random.randint(1, mostSteps + 1);
                int rows = random.randint(1, mostRows + 1);
                int number = BATCHES * seed + batch;
                Graph tape = trains ? new Graph() : Graph.inference();
                Map<String, Tensor> expected = RandomUse.values(number, tape, cell, Unroll.dynamic(cell), steps, rows);
                Use use = budget -> RandomUse.values(
                        number, graph, cell, Unroll.dynamic(cell).budget(budget), steps, rows);
                double share = batch * 0.4;
                Found found = within(use, share);
                String what = "seed " + seed + ", batch " + batch + " of " + steps + " steps of " + rows
                        + " rows within " + found.budget + " bytes";
                assertKept(what, graph, found.budget);
                recomputed += graph.explain().contains("recomputed") ? 1 : 0;
                expected.forEach((name, tensor) -> Bits.assertSame(what + ": " + name, tensor, found.values.get(name)));
            }
        }
        assertThat(recomputed).as("runs in which steps are computed again").isGreaterThan(CELLS / 3);
    }

    @Test
    void built_in_cells_should_keep_to_their_budgets_with_results_taken_out_in_several_ways() {
        List<CellKind> kinds = List.of(CellKind.values());
        for (CellKind kind : kinds) {
            NumpyRandom random = new NumpyRandom(kinds.indexOf(kind));
            Unroll unroll = Unroll.dynamic(kind.cell("budgeted", DType.FLOAT32, random, 5, 16));
            Tensor x = RaggedCase.normal(random, DType.FLOAT32, 100, 8, 5);
            for (int way = 0; way < 4; way++) {
                int taken = way;
                Graph expected = new Graph();
                Tensor loss = train(unroll, expected, x, taken);
                for (double share : new double[] {0, 0.05, 0.2, 0.45, 0.8}) {
                    Graph graph = new Graph();
                    Found found = within(each -> Map.of("loss", train(unroll.budget(each), graph, x, taken)), share);
                    String what = kind + ", taken in way " + way + ", at " + share;
                    Bits.assertSameAll(what, Map.of("loss", loss), found.values);
                    assertKept(what, graph, found.budget);
                }
            }
        }
    }

    @Test
    void what_nobody_took_out_should_be_there_behind_backward() {
        NumpyRandom random = new NumpyRandom(5);
        Unroll unroll = Unroll.dynamic(CellKind.LSTM.cell("budgeted", DType.FLOAT32, random, 5, 16));
        Tensor x = RaggedCase.normal(random, DType.FLOAT32, 100, 3, 5);
        Lengths lengths = Lengths.of(100, 0, 37);
        for (Lengths some : List.of(Lengths.full(), lengths)) {
            List<Tensor> states = new ArrayList<>();
            for (Unroll each : List.of(unroll, unroll.budget(budgetOf(unroll, x, some)))) {
                Graph graph = new Graph();
                Unrolled run = each.over(graph, x, some);
                Node other = graph.variable(Tensor.zeros(DType.FLOAT32, 3));
                graph.backward(Ops.sum(other));
                run.finalState().values().forEach((name, value) -> states.add(value));
            }
            for (int i = 0; i < states.size() / 2; i++) {
                Bits.assertSame("field " + i, states.get(i), states.get(states.size() / 2 + i));
            }
        }
    }

    private static long budgetOf(Unroll unroll, Tensor x, Lengths lengths) {
        Use use = budget -> {
            unroll.budget(budget).over(new Graph(), x, lengths);
            return Map.of();
        };
        return within(use, 0).budget;
    }

    @Test
    void values_that_are_not_numbers_should_be_no_other_values() {
        NumpyRandom random = new NumpyRandom(6);
        Unroll unroll = Unroll.dynamic(CellKind.LSTM.cell("budgeted", DType.FLOAT32, random, 2, 3));
        Tensor x = RaggedCase.normal(random, DType.FLOAT32, 200, 2, 2);
        x.set(Double.NaN, 7, 0, 1);
        x.set(Double.POSITIVE_INFINITY, 50, 1, 0);
        Unroll within = unroll.budget(budgetOf(unroll, x, Lengths.full()));
        Graph graph = new Graph();
        for (int batch = 0; batch < 100; batch++) {
            assertThat(train(within, graph, x, 0).item()).isNaN();
        }
    }

    private static Tensor train(Unroll unroll, Graph graph, Tensor x, int way) {
        graph.reset();
        unroll.parameters().forEach(Parameter::zeroGradient);
        Unrolled run = unroll.over(graph, x);
        Node loss = Ops.sum(run.last());
        switch (way) {
            case 0 -> {}
            case 1 -> loss = loss.plus(Ops.sum(run.outputs()));
            case 2 -> loss = loss.plus(Ops.sum(run.output(50)));
            default -> loss = loss.plus(Ops.sum(Ops.tanh(run.output(3)))).plus(Ops.sum(Ops.sigmoid(run.outputs())));
        }
        graph.backward(loss);
        return loss.value().copy();
    }
}
