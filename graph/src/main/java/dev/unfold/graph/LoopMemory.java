package dev.unfold.graph;

import java.util.ArrayList;
import java.util.List;

/** What a loop works in, kept from batch to batch: its steps as recorded for each number of rows, and the arrays they share. */
final class LoopMemory {
    private final Slabs slabs = new Slabs();
    private final List<StepRecord> records = new ArrayList<>();
    /** By step: the variant that it was run by. */
    final int[] variants;
    /** By step: the step that was run before it, or -1. */
    final int[] before;
    /** By step: the last step that was run up to it, or -1. */
    final int[] held;
    /** The steps that were run, in order. */
    final int[] order;

    LoopMemory(Loop loop) {
        this.variants = new int[loop.maxSteps()];
        this.before = new int[loop.maxSteps()];
        this.held = new int[loop.maxSteps()];
        this.order = new int[loop.maxSteps()];
    }

    /** Returns the step as recorded for sequences like these; the first time, it is recorded. */
    StepRecord record(Loop loop, int variant, Graph graph, List<Node> sequences, List<Node> carried) {
        int rows = sequences.get(0).shape().dim(1);
        StepRecord.Key key = StepRecord.Key.of(variant, rows, graph, sequences);
        if (rows < loop.maxRows()) {
            // The greatest first, so that the arrays it makes serve all others.
            known(loop, key.withRows(loop.maxRows()), sequences, carried);
        }
        return known(loop, key, sequences, carried);
    }

    private StepRecord known(Loop loop, StepRecord.Key key, List<Node> sequences, List<Node> carried) {
        for (StepRecord record : records) {
            if (record.key().equals(key)) {
                return record;
            }
        }
        slabs.begin();
        StepRecord made = new StepRecord(loop, key, sequences, carried, slabs);
        records.add(made);
        return made;
    }

    long bytes() {
        return slabs.bytes();
    }
}
