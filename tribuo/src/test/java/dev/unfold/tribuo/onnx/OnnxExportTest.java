package dev.unfold.tribuo.onnx;

import static dev.unfold.tribuo.onnx.Batches.SIZES;
import static dev.unfold.tribuo.onnx.Batches.expected;
import static dev.unfold.tribuo.onnx.Batches.parameters;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.cell.DropoutCell;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.IdentityCell;
import dev.unfold.rnn.cell.LearnedStartCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.ResetCell;
import dev.unfold.rnn.cell.ResidualCell;
import dev.unfold.rnn.cell.StackedCell;
import dev.unfold.rnn.cell.VanillaCell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Merge;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything that goes over sequences, in ONNX Runtime and here. */
class OnnxExportTest {
    private static final int D = 4;
    private static final int H = 6;

    /** Makes an unroll with weights at a path. */
    private interface Made extends Function<Parameters, Unroll> {}

    /** What is exported, and the operator that the most of it becomes. */
    private record Kind(Unroll unroll, String operator) {}

    static Stream<Named<Kind>> kinds() {
        return Stream.of(
                cell("vanilla", "RNN", p -> new VanillaCell(p, D, H)),
                cell("vanilla with relu", "RNN", p -> new VanillaCell(p, D, H, Activation.RELU, true)),
                cell("vanilla without bias", "RNN", p -> new VanillaCell(p, D, H, Activation.SIGMOID, false)),
                cell("gru, before", "GRU", p -> new GruCell(p, D, H, GruCell.Variant.RESET_BEFORE)),
                cell("gru, after", "GRU", p -> new GruCell(p, D, H, GruCell.Variant.RESET_AFTER)),
                lstm("lstm", "LSTM", options -> options),
                lstm("lstm, peepholes", "LSTM", LstmCell.Options::withPeepholes),
                lstm("lstm, coupled", "LSTM", LstmCell.Options::withCoupledGates),
                lstm(
                        "lstm, coupled peepholes",
                        "LSTM",
                        options -> options.withPeepholes().withCoupledGates()),
                lstm("lstm, projection", "Scan", options -> options.projection(3)),
                lstm("lstm, layer norm", "Scan", LstmCell.Options::withLayerNorm),
                lstm("lstm, bounded", "Scan", options -> options.cellClip(0.3)),
                lstm(
                        "lstm, everything",
                        "Scan",
                        options -> options.withPeepholes()
                                .withCoupledGates()
                                .withLayerNorm()
                                .projection(3)
                                .cellClip(0.5)),
                cell("own", "Scan", p -> new OwnCells.MinimalGated(p, D, H)),
                cell("identity", "Scan", p -> new IdentityCell(D)),
                cell("residual", "Scan", p -> new ResidualCell(new VanillaCell(p, D, D))),
                cell("reset", "Scan", p -> new ResetCell(new LearnedStartCell(p, new LstmCell(p, D - 1, H)))),
                cell("learned start", "LSTM", p -> new LearnedStartCell(p, new LstmCell(p, D, H))),
                cell("learned start of one's own", "Scan", p -> {
                    return new LearnedStartCell(p, new OwnCells.MinimalGated(p, D, H));
                }),
                cell(
                        "dropout",
                        "GRU",
                        p -> new DropoutCell(
                                p,
                                new GruCell(p, D, H, GruCell.Variant.RESET_AFTER),
                                DropoutCell.options().output(0.5))),
                cell("stack", "LSTM", p -> StackedCell.of(2, i -> new LstmCell(p.below("" + i), i == 0 ? D : H, H))),
                cell("stack of different", "Scan", p -> {
                    return StackedCell.of(
                            2,
                            i -> i == 0
                                    ? new VanillaCell(p.below("0"), D, H)
                                    : new OwnCells.MinimalGated(p.below("1"), H, 3));
                }),
                cell("stack with skips", "Scan", p -> {
                    return StackedCell.withSkips(2, i -> new LstmCell(p.below("" + i), i == 0 ? D : D + H, H));
                }),
                cell("stack of one cell", "RNN", p -> StackedCell.shared(2, new VanillaCell(p, D, D))),
                kind(
                        "reversed lstm",
                        "LSTM",
                        p -> Unroll.dynamic(new LstmCell(p, D, H)).reversed()),
                kind(
                        "reversed own",
                        "Scan",
                        p -> Unroll.dynamic(new OwnCells.MinimalGated(p, D, H)).reversed()),
                kind(
                        "both ways, summed",
                        "GRU",
                        p -> Unroll.bidirectional(
                                new GruCell(p.below("a"), D, H, GruCell.Variant.RESET_AFTER),
                                new GruCell(p.below("b"), D, H, GruCell.Variant.RESET_BEFORE),
                                Merge.SUM)),
                kind(
                        "two layers both ways",
                        "LSTM",
                        p -> Unroll.stacked(List.of(
                                both(p.below("0"), D, LstmCell::new), both(p.below("1"), 2 * H, LstmCell::new)))),
                kind(
                        "two layers of one's own both ways",
                        "Scan",
                        p -> Unroll.stacked(List.of(
                                both(p.below("0"), D, OwnCells.MinimalGated::new),
                                both(p.below("1"), 2 * H, OwnCells.MinimalGated::new)))),
                kind("fixed", "LSTM", p -> Unroll.fixed(new LstmCell(p, D, H), 10, 20)));
    }

    private interface MadeCell {
        Cell of(Parameters parameters, int input, int hidden);
    }

    private static Unroll both(Parameters p, int input, MadeCell cell) {
        return Unroll.bidirectional(
                cell.of(p.below("forward"), input, H), cell.of(p.below("backward"), input, H), Merge.CONCAT);
    }

    private static Named<Kind> lstm(String name, String operator, UnaryOperator<LstmCell.Options> options) {
        return cell(name, operator, p -> new LstmCell(p, D, H, options.apply(LstmCell.options())));
    }

    private static Named<Kind> cell(String name, String operator, Function<Parameters, Cell> cell) {
        return kind(name, operator, p -> Unroll.dynamic(cell.apply(p)));
    }

    private static Named<Kind> kind(String name, String operator, Made made) {
        Unroll unroll = made.apply(parameters(1));
        Batches.shake(unroll.parameters(), name.hashCode());
        return Named.of(name, new Kind(unroll, operator));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void should_give_the_same_outputs_and_states(Kind kind) {
        Random random = new Random(7);
        try (OnnxRun run = new OnnxRun(OnnxExport.of(kind.unroll))) {
            for (int[] size : SIZES) {
                Tensor input = Batches.random(random, size[0], size[1], D);
                Tensor lengths = Batches.lengths(random, size[0], size[1]);
                assertSame(run, kind.unroll, input, lengths);
                Batches.spoil(input, lengths);
                assertSame(run, kind.unroll, input, lengths);
                assertSame(run, kind.unroll, input, Tensor.zeros(lengths.dtype(), lengths.shape()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void should_hold_no_constant_that_nothing_uses(Kind kind) {
        for (OnnxExport export :
                List.of(OnnxExport.of(kind.unroll), OnnxExport.of(kind.unroll).withoutLengths())) {
            OnnxMl.GraphProto graph = export.model().getGraph();
            Set<String> used = new HashSet<>();
            addUsed(graph, used);
            assertThat(graph.getInitializerList().stream().map(OnnxMl.TensorProto::getName))
                    .isSubsetOf(used);
        }
    }

    private static void addUsed(OnnxMl.GraphProto graph, Set<String> used) {
        for (OnnxMl.NodeProto node : graph.getNodeList()) {
            used.addAll(node.getInputList());
            node.getAttributeList().stream()
                    .filter(OnnxMl.AttributeProto::hasG)
                    .forEach(each -> addUsed(each.getG(), used));
        }
        graph.getOutputList().forEach(each -> used.add(each.getName()));
    }

    private static void assertSame(OnnxRun run, Unroll unroll, Tensor input, Tensor lengths) {
        OnnxRun.assertSame(
                run.run(Map.of("input", input, "lengths", lengths)),
                expected(unroll, input, Lengths.of(lengths)),
                input.shape() + " of " + lengths);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void should_give_the_same_without_lengths(Kind kind) {
        Random random = new Random(8);
        try (OnnxRun run = new OnnxRun(OnnxExport.of(kind.unroll).withoutLengths())) {
            for (int[] size : SIZES) {
                Tensor input = Batches.random(random, size[0], size[1], D);
                OnnxRun.assertSame(
                        run.run(Map.of("input", input)),
                        expected(kind.unroll, input, Lengths.full()),
                        input.shape().toString());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void should_go_on_from_a_state(Kind kind) {
        Random random = new Random(9);
        try (OnnxRun run = new OnnxRun(OnnxExport.of(kind.unroll).withInitialState())) {
            Tensor input = Batches.random(random, 6, 3, D);
            Tensor lengths = Tensor.of(new int[] {6, 0, 2}, 3);
            Map<String, Tensor> inputs = new LinkedHashMap<>(Map.of("input", input, "lengths", lengths));
            DetachedState state = DetachedState.EMPTY;
            for (Map.Entry<String, Tensor> field :
                    expected(kind.unroll, input, Lengths.full()).entrySet()) {
                if (field.getKey().startsWith("final.")) {
                    String name = field.getKey().substring("final.".length());
                    inputs.put("initial." + name, field.getValue());
                    state = state.with(name, field.getValue());
                }
            }
            OnnxRun.assertSame(
                    run.run(inputs), expected(kind.unroll.from(state), input, Lengths.of(lengths)), "from a state");
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void should_use_an_operator_where_there_is_one_and_a_loop_elsewhere(Kind kind) {
        List<String> types = OnnxExport.of(kind.unroll).model().getGraph().getNodeList().stream()
                .map(OnnxMl.NodeProto::getOpType)
                .toList();
        assertThat(types).contains(kind.operator);
        assertThat(types.contains("Scan")).isEqualTo(kind.operator.equals("Scan"));
    }

    @Test
    void should_read_flags_that_begin_rows_anew() {
        Parameters p = parameters(3);
        Unroll unroll = Unroll.dynamic(new ResetCell(new LearnedStartCell(p, new LstmCell(p, D - 1, H))));
        Batches.shake(unroll.parameters(), 3);
        Random random = new Random(3);
        Tensor input = Batches.random(random, 9, 17, D);
        for (int i = 0; i < 9 * 17; i++) {
            input.setFlat(i * D + D - 1, random.nextInt(3) == 0 ? 1 : 0);
        }
        try (OnnxRun run = new OnnxRun(OnnxExport.of(unroll))) {
            assertSame(run, unroll, input, Batches.lengths(random, 9, 17));
        }
    }

    @Test
    void should_keep_both_ways_apart_where_they_are_not_merged() {
        Parameters p = parameters(4);
        Unroll unroll =
                Unroll.bidirectional(new LstmCell(p.below("a"), D, H), new VanillaCell(p.below("b"), D, 3), Merge.NONE);
        Tensor input = Batches.random(new Random(4), 5, 3, D);
        Tensor lengths = Tensor.of(new int[] {2, 0, 5}, 3);
        Unrolled both = unroll.over(Graph.inference(), input, Lengths.of(lengths));
        Map<String, Tensor> expected = new LinkedHashMap<>();
        expected.put("forward.output", both.forward().outputs().value());
        expected.put("forward.last", both.forward().last().value());
        expected.put("backward.output", both.backward().outputs().value());
        expected.put("backward.last", both.backward().last().value());
        both.finalState().values().forEach((field, value) -> expected.put("final." + field, value));
        try (OnnxRun run = new OnnxRun(OnnxExport.of(unroll))) {
            OnnxRun.assertSame(run.run(Map.of("input", input, "lengths", lengths)), expected, "not merged");
        }
    }

    @Test
    void should_give_the_same_in_every_version_of_the_operators() {
        Parameters p = parameters(5);
        Unroll unroll = Unroll.stacked(List.of(
                both(p.below("0"), D, LstmCell::new), both(p.below("1"), 2 * H, (q, input, hidden) -> {
                    return new LstmCell(q, input, hidden, LstmCell.options().withLayerNorm());
                })));
        Tensor input = Batches.random(new Random(5), 5, 3, D);
        for (int opset = 14; opset <= 21; opset++) {
            try (OnnxRun run = new OnnxRun(OnnxExport.of(unroll).opset(opset))) {
                assertSame(run, unroll, input, Tensor.of(new int[] {5, 0, 3}, 3));
            }
        }
    }

    @Test
    void should_give_the_same_over_many_steps() {
        Parameters p = parameters(6);
        Unroll unroll = Unroll.stacked(List.of(
                Unroll.dynamic(new LstmCell(p.below("0"), D, 20)),
                Unroll.dynamic(new OwnCells.MinimalGated(p.below("1"), 20, 5))));
        Tensor input = Batches.random(new Random(6), 120, 3, D);
        try (OnnxRun run = new OnnxRun(OnnxExport.of(unroll))) {
            assertSame(run, unroll, input, Tensor.of(new int[] {120, 119, 64}, 3));
        }
    }
}
