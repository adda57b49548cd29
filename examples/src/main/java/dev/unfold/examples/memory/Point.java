package dev.unfold.examples.memory;

import dev.unfold.graph.MemoryReport;
import dev.unfold.graph.MemoryUse;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of a case in one mode.
 *
 * @param mode static or dynamic
 * @param within what bounds it; null for nothing
 * @param predicted what was said before the first batch
 * @param measured what was taken up over the batch that took up most
 * @param milliseconds the median time of a training step
 * @param allocated heap bytes a training step, once all memory is there
 * @param lossBits the loss of a batch after some updates, bit for bit
 */
record Point(
        String mode,
        Case of,
        @Nullable Within within,
        MemoryReport predicted,
        MemoryReport measured,
        double milliseconds,
        long allocated,
        String lossBits) {
    long peak() {
        return measured.peak().total();
    }

    /** Returns by how much less or more was said than was taken up, as a share of that. */
    double offShare() {
        return (double) predicted.peak().total() / peak() - 1;
    }

    /** Returns how many times as long a step takes as without a budget. */
    double timeRatio() {
        return within == null ? 1 : milliseconds / within.unbounded().milliseconds;
    }

    /** Returns whether the same was computed as in another. */
    boolean agrees(Point other) {
        return lossBits.equals(other.lossBits);
    }

    /** Returns the figures by the names that reports use. */
    Map<String, @Nullable Object> figures() {
        Map<String, @Nullable Object> figures = new LinkedHashMap<>();
        figures.put("mode", mode);
        figures.put("cell", of.cell().toString());
        figures.put("steps", of.steps());
        figures.put("rows", of.rows());
        figures.put("hidden", of.hidden());
        figures.put("input", of.input());
        figures.put("lengths", of.distribution());
        figures.put("budget", within == null ? null : within.bytes());
        figures.put("predicted_peak_bytes", predicted.peak().total());
        figures.put("measured_peak_bytes", peak());
        figures.put("off_share", offShare());
        figures.put("by_category", byCategory());
        figures.put("ms_per_step", milliseconds);
        figures.put("time_ratio", within == null ? null : timeRatio());
        figures.put("allocated_bytes_per_step", allocated);
        figures.put("padding_share", of.paddingShare());
        figures.put("loss_bits", lossBits);
        figures.put("same_loss_bits", within == null ? null : agrees(within.unbounded()));
        return figures;
    }

    /** Returns what was measured, in words: the mode, and what bounds it. */
    String told() {
        return within == null ? mode : mode + " within " + within;
    }

    /** Returns the bytes of the peak by what they are for. */
    Map<String, Long> byCategory() {
        Map<String, Long> bytes = new LinkedHashMap<>();
        for (MemoryUse use : MemoryUse.values()) {
            bytes.put(name(use), measured.peak().bytes(use));
        }
        return bytes;
    }

    static String name(MemoryUse use) {
        return use.name().toLowerCase(Locale.ROOT);
    }
}
