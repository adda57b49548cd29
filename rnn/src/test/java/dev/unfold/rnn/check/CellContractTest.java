package dev.unfold.rnn.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.unfold.graph.DType;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.ops.Ops;
import dev.unfold.rnn.cell.AbstractCell;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.IdentityCell;
import dev.unfold.rnn.cell.LearnedStartCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.ResetCell;
import dev.unfold.rnn.cell.ResidualCell;
import dev.unfold.rnn.cell.StackedCell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Cells that keep the contract: all of ours, and some that only use what users have. */
class CellContractTest {
    static Map<String, Function<Parameters, Cell>> cells() {
        Map<String, Function<Parameters, Cell>> cells = new LinkedHashMap<>();
        for (Activation activation : Activation.values()) {
            cells.put("vanilla " + activation, p -> new VanillaCell(p, 3, 4, activation, true));
        }
        cells.put("vanilla without bias", p -> new VanillaCell(p, 3, 4, Activation.TANH, false));
        LstmCell.Options plain = LstmCell.options();
        Map<String, LstmCell.Options> options = new LinkedHashMap<>();
        options.put("lstm", plain);
        options.put("lstm, forget bias", plain.forgetBias(2));
        options.put("lstm, peepholes", plain.withPeepholes());
        options.put("lstm, coupled", plain.withCoupledGates());
        options.put("lstm, layer norm", plain.withLayerNorm());
        options.put("lstm, projection", plain.projection(2));
        options.put("lstm, clip", plain.cellClip(0.3));
        options.put(
                "lstm, everything",
                plain.withPeepholes()
                        .withCoupledGates()
                        .withLayerNorm()
                        .projection(2)
                        .cellClip(0.3));
        options.forEach((name, each) -> cells.put(name, p -> new LstmCell(p, 3, 4, each)));
        for (GruCell.Variant variant : GruCell.Variant.values()) {
            cells.put("gru " + variant, p -> new GruCell(p, 3, 4, variant));
        }
        cells.put("stack", p -> StackedCell.of(3, i -> new LstmCell(p.below("layer" + i), i == 0 ? 2 : 3, 3)));
        cells.put(
                "stack with skips",
                p -> StackedCell.withSkips(2, i -> new LstmCell(p.below("layer" + i), i == 0 ? 2 : 5, 3)));
        cells.put("shared stack", p -> StackedCell.shared(2, new LstmCell(p, 2, 2)));
        cells.put(
                "stack of wrappers",
                p -> StackedCell.of(
                        2,
                        i -> i == 0
                                ? new IdentityCell(2)
                                : new LearnedStartCell(p, new ResidualCell(new VanillaCell(p.below("top"), 2, 2)))));
        cells.put("residual", p -> new ResidualCell(new LstmCell(p, 3, 3)));
        cells.put("learned start", p -> new LearnedStartCell(p, new LstmCell(p.below("inner"), 3, 4)));
        cells.put(
                "dropout",
                p -> new DropoutCell(
                        p,
                        new LstmCell(p.below("inner"), 3, 4),
                        DropoutCell.options()
                                .input(0.8)
                                .output(0.7)
                                .state(0.9, "h", "c")
                                .recurrent(0.8)));
        cells.put(
                "variational dropout",
                p -> new DropoutCell(
                        p,
                        new GruCell(p.below("inner"), 3, 3, GruCell.Variant.RESET_AFTER),
                        DropoutCell.options().output(0.7).recurrent(0.8).variational()));
        cells.put("identity", p -> new IdentityCell(3));
        cells.put("own minimal gated unit", p -> new OwnCells.MinimalGated(p, 3, 4));
        cells.put("own coupled lstm", p -> new OwnCells.CoupledLstm(p, 3, 4));
        cells.put("own layer-norm lstm", p -> new OwnCells.LayerNormLstm(p, 3, 4));
        cells.put("own counting cell", p -> new OwnCells.Counting(p, 3, 4, true));
        return cells;
    }

    static Stream<Arguments> cases() {
        // Cells that are much alike come one behind the other, and each with another draw.
        List<Arguments> cases = new ArrayList<>();
        cells().forEach((name, factory) -> cases.add(arguments(name, cases.size(), factory)));
        return cases.stream();
    }

    @ParameterizedTest(name = "{0}, seed {1}")
    @MethodSource("cases")
    void should_be_kept(String name, int seed, Function<Parameters, Cell> factory) {
        assertThat(CellContract.of(factory).seed(seed).check().warnings()).isEmpty();
    }

    @Test
    void cells_that_begin_anew_should_keep_it() {
        CellContract.Inputs flagged = (random, steps, rows) -> {
            Tensor drawn = Tensor.zeros(DType.FLOAT64, steps, rows, 4);
            for (int i = 0; i < drawn.size(); i++) {
                drawn.setFlat(i, i % 4 < 3 ? random.nextGaussian() : random.nextInt(2));
            }
            return drawn;
        };
        // Differences by a flag jump, so ResetPropertyTest checks gradients.
        ContractReport report = CellContract.of(
                        p -> new ResetCell(new LearnedStartCell(p, new LstmCell(p.below("inner"), 3, 4))))
                .inputs(flagged)
                .without("gradients")
                .check();
        assertThat(report.checked()).contains(Law.STATIC, Law.PADDING, Law.ROWS);
    }

    @Test
    void should_take_fields_without_gradient() {
        CellContract contract = CellContract.of(p -> new OwnCells.Counting(p, 3, 4, false));
        ContractReport report = contract.report();
        assertThat(report.broken()).containsExactly(Law.GRADIENTS);
        assertThat(report.violations()).allMatch(each -> each.what().contains(": initial count["));
        assertThat(contract.withoutGradient("count").check().warnings()).isEmpty();
    }

    @Test
    void should_notice_a_gradient_that_flows_where_none_is_to() {
        ContractReport report = only(Law.GRADIENTS, p -> new OwnCells.Counting(p, 3, 4, true))
                .withoutGradient("count")
                .report();
        assertThat(report.broken()).containsExactly(Law.GRADIENTS);
        assertThat(report.violations().get(0).what())
                .endsWith(": a gradient flows to initial count, which is to be without one");
    }

    @Test
    void should_refuse_names_that_the_cell_does_not_have() {
        CellContract contract =
                CellContract.of(p -> new OwnCells.Counting(p, 3, 4, false)).withoutGradient("cuont");
        assertThatIllegalArgumentException()
                .isThrownBy(contract::report)
                .withMessage("cell contract: 'cuont' is to be without gradient; cell 'cell' has [inputs, h, count]");
    }

    @Test
    void should_take_inputs_of_their_own_kind() {
        CellContract contract = CellContract.of(p -> new OwnCells.Lookup(p, 5, 4));
        assertThat(contract.report().violations().get(0).what()).contains("threw ", "oneHot: no row ");
        CellContract.Inputs integers = (random, steps, rows) -> {
            Tensor drawn = Tensor.zeros(DType.FLOAT64, steps, rows, 1);
            for (int i = 0; i < drawn.size(); i++) {
                drawn.setFlat(i, random.nextInt(5));
            }
            return drawn;
        };
        assertThat(contract.inputs(integers).withoutGradient("inputs").check().checked())
                .containsExactly(Law.values());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> contract.inputs((random, steps, rows) -> Tensor.zeros(DType.FLOAT64, rows, steps, 1))
                        .report())
                .withMessage(
                        "cell contract: the inputs that were drawn are [3, 2, 1]; expected [time 2, batch 3, features 1]");
    }

    @Test
    void should_leave_out_laws_by_name() {
        Function<Parameters, Cell> factory = BrokenCellTest::mixing;
        ContractReport report =
                CellContract.of(factory).without("rows", "steps").check();
        assertThat(report.checked()).doesNotContain(Law.ROWS, Law.STEPS).hasSize(Law.values().length - 2);
        assertThat(report.toString()).isEqualTo("contract of cell 'cell' (seed 1): kept\n  not checked: [rows, steps]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CellContract.of(factory).without("rows", "row"))
                .withMessage(
                        "cell contract: no law 'row'; there are [declared, repeatable, gradients, learning, padding,"
                                + " rows, empty, steps, threads, static, stacked, both ways]");
        String[] all = Arrays.stream(Law.values()).map(Law::toString).toArray(String[]::new);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CellContract.of(factory).without(all))
                .withMessage("cell contract: no law is left to check");
    }

    private static CellContract only(Law law, Function<Parameters, Cell> factory) {
        String[] others = EnumSet.complementOf(EnumSet.of(law)).stream()
                .map(Law::toString)
                .toArray(String[]::new);
        return CellContract.of(factory).without(others);
    }

    @Test
    void should_compare_gradients_as_strictly_as_is_asked_for() {
        CellContract contract = only(Law.GRADIENTS, p -> new VanillaCell(p, 3, 4));
        assertThat(contract.gradients(new GradientCheck(1e-5, 1e-15, 1e-3))
                        .report()
                        .broken())
                .containsExactly(Law.GRADIENTS);
    }

    @Test
    void should_draw_another_case_from_another_seed() {
        CellContract contract = only(Law.ROWS, BrokenCellTest::mixing);
        assertThat(contract.seed(3).report().violations().get(0).what())
                .isNotEqualTo(contract.seed(4).report().violations().get(0).what());
        assertThat(contract.seed(3).report().toString())
                .isEqualTo(contract.seed(3).report().toString())
                .contains(" (seed 3): ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> contract.seed(-1))
                .withMessage("cell contract: seed is -1; it must be at least 0");
    }

    @Test
    void should_warn_of_inputs_without_gradient() {
        ContractReport report = CellContract.of(p -> new AbstractCell(p, 3, 4) {
                    private final Parameter u = p.make("u", Initializers.orthogonal(1), 4, 4);
                    private final Parameter b = p.make("b", Initializers.zeros(), 4);

                    @Override
                    public Step step(Node x, State state) {
                        Node h = Ops.tanh(Ops.affine(state.get("h"), u, b));
                        return Step.of(h, State.of("h", h));
                    }
                })
                .check();
        assertThat(report.warnings()).isNotEmpty().allMatch(each -> each.endsWith(": inputs gets no gradient"));
        assertThat(report.toString()).contains(": kept\n  warning: forwards, float64: ");
    }

    @Test
    void should_warn_of_kinks() {
        ContractReport report = only(Law.GRADIENTS, p -> new BrokenCellTest.Plain(p) {
                    @Override
                    Node next(Node x, Node h) {
                        return super.next(Ops.abs(x), h);
                    }
                })
                .inputs((random, steps, rows) -> {
                    Tensor drawn = Tensor.zeros(DType.FLOAT32, steps, rows, 3);
                    for (int i = 1; i < drawn.size(); i += 2) {
                        drawn.setFlat(i, random.nextGaussian());
                    }
                    return drawn;
                })
                .check();
        assertThat(report.warnings())
                .isNotEmpty()
                .allMatch(each -> each.contains(": inputs[") && each.contains("slopes to either side disagree"));
    }
}
