package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a loop works in, kept from batch to batch: its step as recorded, maybe for several numbers of rows, and the arrays they share. */
final class LoopMemory {
    private Slabs slabs = new Slabs();
    private final List<StepRecord> records = new ArrayList<>();
    /** By step of the run: its rows, and the rows of all steps before it. */
    final int[] rows;

    final int[] offsets;
    /** By step of the run: which gradients have come, as {@link BackwardPath} numbers them. */
    final long[][] reached;
    /** By step of the run: the way back through the phase at hand. */
    final BackwardPath[] paths;
    /** Whether a run has been in another order than that of its sequences, so that the next may be. */
    private boolean ordered;

    LoopMemory(Loop loop) {
        this.rows = new int[loop.maxSteps()];
        this.offsets = new int[loop.maxSteps() + 1];
        this.reached = new long[loop.maxSteps()][0];
        this.paths = new BackwardPath[loop.maxSteps()];
    }

    /**
     * Returns the step as recorded for sequences like these, in so many rows; the first time, it is recorded.
     *
     * @param whole whether all of the sequences is run, in their order
     */
    StepRecord record(Loop loop, Graph graph, List<Node> sequences, List<Node> carried, int rows, boolean whole) {
        // Where bytes are counted, those for another order are as well, from the first on that needs them.
        boolean order = ordered || (loop.hasBudget() && !whole);
        StepRecord.Key key = StepRecord.Key.of(graph, sequences, order);
        // The greatest first, so that the arrays it makes serve all others; where rows go apart, there are no others.
        StepRecord greatest = known(loop, key.withRows(loop.maxRows()), sequences, carried, null);
        ordered = order;
        return greatest.isApart() ? greatest : known(loop, key.withRows(rows), sequences, carried, greatest);
    }

    private StepRecord known(
            Loop loop, StepRecord.Key key, List<Node> sequences, List<Node> carried, @Nullable StepRecord greater) {
        for (int i = 0; i < records.size(); i++) {
            if (records.get(i).key().equals(key)) {
                return records.get(i);
            }
        }
        if (loop.hasBudget()) {
            // Each way to record the step may take all of it.
            records.clear();
            slabs = new Slabs();
        }
        slabs.begin();
        StepRecord made = new StepRecord(loop, key, sequences, carried, slabs, greater);
        records.add(made);
        for (int run = 0; run < reached.length; run++) {
            long[] bits = Bits.none(made.size() + 2 * carried.size());
            reached[run] = bits.length > reached[run].length ? bits : reached[run];
        }
        return made;
    }

    /** The bytes of values, and of what operations save, that are kept over all steps or as states to go on from; each array counts once, whoever shares it. */
    long keptBytes() {
        Set<Tensor> kept = Collections.newSetFromMap(new IdentityHashMap<>());
        for (StepRecord record : records) {
            Placement placement = record.placement();
            kept.addAll(record.slots());
            for (int id = 0; id < record.size(); id++) {
                Node node = record.node(id);
                if (node.op != null && placement.valueSpan(node).words() == Placement.Span.RUN) {
                    kept.add(placement.value(node));
                }
                Tensor saved = placement.saved(node);
                if (saved != null && placement.savedSpan(node) == Placement.Span.RUN) {
                    kept.add(saved);
                }
            }
        }
        return kept.stream()
                .mapToLong(each -> (long) each.size() * each.dtype().bytes())
                .sum();
    }

    long bytes() {
        return slabs.bytes() + records.stream().mapToLong(StepRecord::ownBytes).sum();
    }
}
