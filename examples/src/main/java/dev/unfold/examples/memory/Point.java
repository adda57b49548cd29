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
 * @param predicted what was said before the first batch; null where nothing was
 * @param measured what was taken up over the batch that took up most
 * @param milliseconds the median time of a training step
 * @param allocated heap bytes a training step, once all memory is there
 * @param lossBits the loss of a batch after some updates, bit for bit
 */
record Point(
        String mode,
        Case of,
        @Nullable MemoryReport predicted,
        MemoryReport measured,
        double milliseconds,
        long allocated,
        String lossBits) {
    long peak() {
        return measured.peak().total();
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
        figures.put("budget", null);
        figures.put(
                "predicted_peak_bytes",
                predicted == null ? null : predicted.peak().total());
        figures.put("measured_peak_bytes", peak());
        figures.put("by_category", byCategory());
        figures.put("ms_per_step", milliseconds);
        figures.put("allocated_bytes_per_step", allocated);
        figures.put("padding_share", of.paddingShare());
        figures.put("loss_bits", lossBits);
        return figures;
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
