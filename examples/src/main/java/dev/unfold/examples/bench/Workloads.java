package dev.unfold.examples.bench;

import dev.unfold.examples.bench.LanguageModelling.Recipe;
import dev.unfold.examples.cell.MinimalGatedCell;
import dev.unfold.examples.cell.NormalisedLstmCell;
import dev.unfold.examples.cell.PrimitiveLstmCell;
import dev.unfold.rnn.cell.Activation;
import dev.unfold.rnn.cell.GruCell;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.cell.VanillaCell;
import java.util.List;

/** The workloads that Unfold is timed on; {@code docs/performance.md} says why these. */
final class Workloads {
    private Workloads() {}

    /** Returns all, in the order in which they are told. */
    static List<Workload> all() {
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
}
