package dev.unfold.examples.memory;

import dev.unfold.graph.Graph;
import dev.unfold.graph.MemoryReport;
import dev.unfold.graph.MemoryReport.Moment;
import dev.unfold.graph.MemoryUse;
import dev.unfold.graph.Node;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What can be known of the memory of batches that are recorded anew: all that their graph keeps, as activations, once it has run. */
final class DynamicMemory {
    private DynamicMemory() {}

    /** Returns what a batch to train on will take up; null where that cannot be told. */
    @SuppressWarnings("unused") // what is recorded says nothing of its memory before it runs
    static @Nullable MemoryReport predicted(Function<Graph, Node> recording) {
        return null;
    }

    /** Returns what the batch that was recorded last has taken up. */
    static MemoryReport measured(Graph graph) {
        return new MemoryReport(List.of(new Moment(false, -1, Map.of(MemoryUse.ACTIVATIONS, graph.bytes()))));
    }
}
