package dev.unfold.rnn.check;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Whether a cell is what it declares. Says in words where it is not. */
final class Declaration {
    private final Cell cell;
    private final DType dtype;
    private final Consumer<String> broken;

    Declaration(Cell cell, DType dtype, Consumer<String> broken) {
        this.cell = cell;
        this.dtype = dtype;
        this.broken = broken;
    }

    /**
     * Checks the list of parameters.
     *
     * @param made what was made along with the cell
     */
    void parameters(List<Parameter> made) {
        List<Parameter> listed = cell.parameters();
        if (!listed.equals(cell.parameters())) {
            broken.accept("parameters() gives another list each time");
        }
        Set<Parameter> seen = new HashSet<>();
        Set<String> names = new HashSet<>();
        for (Parameter parameter : listed) {
            if (!seen.add(parameter)) {
                broken.accept("parameters() lists '" + parameter.name() + "' twice");
            } else if (!names.add(parameter.name())) {
                broken.accept("parameters() lists two of the name '" + parameter.name() + "'");
            }
            if (parameter.dtype() != dtype) {
                broken.accept(parameter + ": asked for was " + dtype + "; make it by Parameters.make");
            }
        }
        made.stream()
                .filter(each -> !seen.contains(each))
                .forEach(each ->
                        broken.accept("parameters() lacks '" + each.name() + "', which was made along with the cell"));
    }

    /** Checks the initial state and one step behind another, over inputs {@code [T, N, D]}. */
    void steps(Tensor inputs) {
        StateSpec spec = cell.stateSpec();
        if (!spec.equals(cell.stateSpec())) {
            broken.accept("stateSpec() says something else each time");
        }
        Graph graph = new Graph();
        int rows = inputs.shape().dim(1);
        State state = cell.initialState(graph, rows, dtype);
        checkState("the initial state", state, spec, graph, rows);
        for (int t = 0; t < inputs.shape().dim(0); t++) {
            Step step = cell.step(graph.input(inputs.at(t)), state);
            checkNode("the output of step " + t, step.output(), graph, rows, cell.outputSize());
            state = step.state();
            checkState("the state after step " + t, state, spec, graph, rows);
        }
        checkUsed(graph);
    }

    private void checkState(String what, State state, StateSpec spec, Graph graph, int rows) {
        if (!state.hasExactly(spec)) {
            broken.accept(what + " has the fields " + state.names() + "; declared are "
                    + spec.fields().stream().map(StateSpec.Field::name).toList());
        }
        for (StateSpec.Field field : spec.fields()) {
            if (state.names().contains(field.name())) {
                checkNode(
                        "field '" + field.name() + "' of " + what, state.get(field.name()), graph, rows, field.size());
            }
        }
    }

    private void checkNode(String what, Node node, Graph graph, int rows, int size) {
        if (node.graph() != graph) {
            broken.accept(what + " is a node of another graph");
        }
        if (!node.shape().equals(Shape.of(rows, size))) {
            broken.accept(what + " is " + node.shape() + "; declared is [batch " + rows + ", features " + size + "]");
        }
        if (node.dtype() != dtype) {
            broken.accept(what + " is " + node.dtype() + "; asked for was " + dtype);
        }
    }

    /** A parameter that is used but not listed would never be updated. */
    private void checkUsed(Graph graph) {
        int recorded = graph.size();
        Set<Node> listed = new HashSet<>();
        cell.parameters().forEach(parameter -> listed.add(graph.use(parameter)));
        for (int id = 0; id < recorded; id++) {
            Node node = graph.node(id);
            if (node.isLeaf() && !node.name().equals("input") && !listed.contains(node)) {
                broken.accept("parameters() lacks " + node.name() + ", which a step uses");
            }
        }
    }
}
