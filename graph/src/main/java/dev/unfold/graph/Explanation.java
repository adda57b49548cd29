package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Says in words how a recorded step is run and where its values lie. */
final class Explanation {
    private final StepRecord record;
    private final StringBuilder text = new StringBuilder();

    private Explanation(StepRecord record) {
        this.record = record;
    }

    /** Describes a step, line by line, each ended. */
    static String of(StepRecord record) {
        Explanation explanation = new Explanation(record);
        explanation.phases();
        explanation.gradients();
        explanation.memory();
        return explanation.text.toString();
    }

    private void line(String format, Object... arguments) {
        text.append("  ").append(String.format(Locale.ROOT, format, arguments)).append('\n');
    }

    private void phases() {
        if (!record.isApart()) {
            line("rows meet in a step, so it runs step by step on one thread");
        }
        for (Phase phase : record.phases()) {
            line(
                    "%s, %,d floating-point operations a row:",
                    phase.isMerged() ? "hoisted, over the rows of all steps at once" : "step by step",
                    record.work(phase));
            for (Phase.Group group : phase.groups()) {
                String names = Arrays.stream(group.nodes).map(Explanation::name).collect(Collectors.joining(", "));
                line("  %s%s", group.chain && group.nodes.length > 1 ? "chained: " : "", names);
            }
        }
    }

    private void gradients() {
        for (StepRecord.ParameterUses uses : record.uses()) {
            line(
                    "gradient of '%s': %s%s",
                    uses.parameter().name(),
                    uses.stacked() ? "stacked, one product or sum over all steps" : "step by step",
                    uses.divided() ? ", shared out among threads" : "");
        }
    }

    private void memory() {
        List<Node> stored = new ArrayList<>();
        List<Node> dropped = new ArrayList<>();
        List<Node> storedGradients = new ArrayList<>();
        List<Node> droppedGradients = new ArrayList<>();
        for (int id = 0; id < record.size(); id++) {
            Node node = record.node(id);
            if (node.op != null) {
                (record.keepsValue(node) ? stored : dropped).add(node);
                if (node.needsGradient) {
                    (record.keepsGradient(node) ? storedGradients : droppedGradients).add(node);
                }
            }
        }
        tell("values stored for all steps", stored);
        tell("values dropped behind their step", dropped);
        tell("gradients stored for all steps", storedGradients);
        tell("gradients dropped behind their step", droppedGradients);
    }

    private void tell(String what, List<Node> nodes) {
        long bytes = nodes.stream()
                .mapToLong(node -> (long) record.inner(node) * node.dtype().bytes())
                .sum();
        String names = nodes.stream().map(Explanation::name).collect(Collectors.joining(", "));
        line("%s: %,d bytes a row%s", what, bytes, nodes.isEmpty() ? "" : ": " + names);
    }

    private static String name(Node node) {
        return node.name() + " #" + node.id;
    }
}
