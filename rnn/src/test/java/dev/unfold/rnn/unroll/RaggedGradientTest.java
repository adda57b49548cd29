package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.check.GradientCheck;
import dev.unfold.graph.check.GradientReport;
import dev.unfold.rnn.cell.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients through ragged batches against central differences: by parameters, inputs and initial states. */
class RaggedGradientTest {
    static Stream<RaggedCase> cases() {
        List<RaggedCase> cases = new ArrayList<>();
        for (CellKind kind : CellKind.values()) {
            for (Way way : List.of(Way.FORWARD, Way.REVERSED, Way.CONCAT)) {
                for (boolean holes : new boolean[] {false, true}) {
                    cases.add(RaggedCase.random(1000 + cases.size(), kind, way, holes));
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradients_should_pass_the_check(RaggedCase each) {
        Parameter x = new Parameter("x", each.x());
        List<Parameter> initial = each.initial().values().entrySet().stream()
                .map(field -> new Parameter(field.getKey(), field.getValue()))
                .toList();
        List<Parameter> all = new ArrayList<>(each.unroll().parameters());
        all.add(x);
        all.addAll(initial);
        GradientReport report = new GradientCheck().check(all, graph -> loss(each, graph, x, initial));
        assertThat(report.warnings()).as("%s", each).noneMatch(warning -> warning.contains("slopes"));
        for (Parameter parameter : all) {
            // A learned start is not used where the run begins with a given state.
            if (!initial.isEmpty() && parameter.name().contains(".start.")) {
                continue;
            }
            assertThat(report.elements())
                    .as("%s: gradient by %s", each, parameter)
                    .anyMatch(element -> element.parameter().equals(parameter.name()) && element.gradient() != 0);
        }
    }

    private static Node loss(RaggedCase each, Graph graph, Parameter x, List<Parameter> initial) {
        graph.training(each.seed());
        State from = State.EMPTY;
        for (Parameter field : initial) {
            from = from.with(field.name(), graph.use(field));
        }
        return Objects.requireNonNull(RaggedRun.record(each, graph.use(x), from).get("loss"));
    }
}
