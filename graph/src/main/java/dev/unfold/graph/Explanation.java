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
            line("%s, %,d floating-point operations a row:", phase.runs(), phase.work());
            for (Phase.Group group : phase.groups()) {
                String names = Arrays.stream(group.nodes).map(Explanation::name).collect(Collectors.joining(", "));
                line("  %s%s", group.chain && group.nodes.length > 1 ? "chained: " : "", names);
            }
        }
    }

    private void gradients() {
        for (StepRecord.UsesInStep uses : record.uses()) {
            line(
                    "gradient of '%s': %s%s",
                    uses.parameter().name(),
                    uses.stacked()
                            ? "stacked, one product or sum over each stretch of " + Loop.STRETCH + " steps"
                            : "step by step",
                    uses.divided() ? ", shared out among threads" : "");
        }
    }

    private void memory() {
        Placement placement = record.placement();
        for (Placement.Span span : Placement.Span.values()) {
            List<Node> values = new ArrayList<>();
            List<Node> gradients = new ArrayList<>();
            for (int id = 0; id < record.size(); id++) {
                Node node = record.node(id);
                if (node.op != null && placement.valueSpan(node).words() == span) {
                    values.add(node);
                }
                boolean own = placement.gradientOwner(node) == node;
                if (node.op != null && node.needsGradient && own && placement.gradientSpan(node) == span) {
                    gradients.add(node);
                }
            }
            boolean some = span == Placement.Span.RUN && !record.way().keepsAll();
            tell("values " + (some ? "stored for " + record.way().window() + " steps at a time" : span.kept()), values);
            tell("gradients " + span.kept(), gradients);
        }
        List<Node> handedOn = new ArrayList<>();
        for (int id = 0; id < record.size(); id++) {
            if (placement.gradientOwner(record.node(id)) != record.node(id)) {
                handedOn.add(record.node(id));
            }
        }
        tell("gradients that are those of other operations", handedOn);
    }

    private void tell(String what, List<Node> nodes) {
        if (nodes.isEmpty()) {
            return;
        }
        long bytes = nodes.stream()
                .mapToLong(node -> (long) record.inner(node) * node.dtype().bytes())
                .sum();
        String names = nodes.stream().map(Explanation::name).collect(Collectors.joining(", "));
        line("%s: %,d bytes a row: %s", what, bytes, names);
    }

    private static String name(Node node) {
        return node.name() + " #" + node.id;
    }
}
