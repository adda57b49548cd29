package dev.unfold.examples.bench;

import dev.unfold.examples.bench.LanguageModelling.Recipe;
import dev.unfold.examples.bench.MatrixProduct.Form;
import dev.unfold.examples.cell.MinimalGatedCell;
import dev.unfold.examples.cell.NormalisedLstmCell;
import dev.unfold.examples.cell.PrimitiveLstmCell;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The workloads, and the parts of the library, that Unfold is timed on; {@code docs/performance.md} says why these. */
final class Workloads {
    /** m, n and k of products in recurrent networks, and of a large one. */
    private static final int[][] PRODUCTS = {
        {1, 80, 70},
        {10, 80, 30},
        {32, 512, 228},
        {100, 512, 156},
        {100, 256, 284},
        {20, 1024, 512},
        {700, 10_000, 256},
        {2800, 512, 28},
        {1024, 1024, 1024}
    };

    private Workloads() {}

    /** Returns all, in the order in which they are told. */
    static List<Workload> all() {
        return Stream.concat(models().stream(), parts().stream()).toList();
    }

    /** Returns whole models at work. */
    static List<Workload> models() {
        return List.of(
                new SentenceTagging(
                        "W1", (p, d, h) -> new VanillaCell(p, d, h, Activation.SIGMOID, false), 4786, 50, 20, 12, 1000),
                new BatchTagging("W2", 20_000, 100, 128, 17, 32, 8),
                new DigitRows("W3a", LstmCell::new, 4, 28, 28, 128, 100, 10, false),
                new DigitRows("W3a-primitives", PrimitiveLstmCell::new, 4, 28, 28, 128, 100, 10, false),
                new DigitRows("W3b", VanillaCell::new, 1, 28, 28, 256, 100, 10, false),
                new DigitRows(
                        "W3c",
                        (p, d, h) -> new GruCell(p, d, h, GruCell.Variant.RESET_AFTER),
                        3,
                        28,
                        28,
                        128,
                        100,
                        10,
                        false),
                new LanguageModelling("W4", Recipe.STREAMS, 10_000, 256, 256, 35, 20, 4),
                new LanguageModelling("W5", Recipe.SENTENCES, 1000, 10, 20, 50, 10, 10),
                new DigitRows("W6", LstmCell::new, 4, 784, 1, 128, 100, 2, true),
                new Streaming("W7", 64, 128, 1000),
                new DigitRows("W8", NormalisedLstmCell::new, 4, 28, 28, 128, 100, 10, false),
                new SentenceTagging("W9", MinimalGatedCell::new, 4786, 50, 20, 12, 1000));
    }

    /** Returns what parts of the library are timed by. */
    static List<Workload> parts() {
        List<Workload> parts = new ArrayList<>();
        for (int[] mnk : PRODUCTS) {
            for (Form form : Form.values()) {
                parts.add(new MatrixProduct(mnk[0], mnk[1], mnk[2], form));
            }
        }
        parts.add(new Recording("recording", 1000));
        parts.add(new PlanMaking(28, 28, 128, 10));
        parts.add(new PlanMaking(2800, 28, 128, 10));
        return parts;
    }
}
