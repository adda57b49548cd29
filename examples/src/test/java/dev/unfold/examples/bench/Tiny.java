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
import java.util.List;
import java.util.stream.Stream;

/** What {@link Workloads} has, in the same order, at sizes that take milliseconds. */
final class Tiny {
    private Tiny() {}

    /** Returns all, as {@link Workloads#all()} does. */
    static List<Workload> all() {
        return Stream.concat(models().stream(), parts().stream()).toList();
    }

    static List<Workload> parts() {
        return List.of(
                new MatrixProduct(3, 5, 4, Form.NN),
                new MatrixProduct(3, 5, 4, Form.NT),
                new MatrixProduct(7, 5, 4, Form.TN),
                new Recording("recording", 10),
                new PlanMaking(3, 5, 8, 7),
                new PlanMaking(6, 5, 8, 7));
    }

    static List<Workload> models() {
        return List.of(
                new SentenceTagging(
                        "W1", (p, d, h) -> new VanillaCell(p, d, h, Activation.SIGMOID, false), 30, 5, 4, 3, 20),
                new BatchTagging("W2", 40, 6, 5, 3, 4, 3),
                new DigitRows("W3a", LstmCell::new, 4, 6, 5, 8, 7, 3, false),
                new DigitRows("W3a-primitives", PrimitiveLstmCell::new, 4, 6, 5, 8, 7, 3, false),
                new DigitRows("W3b", VanillaCell::new, 1, 6, 5, 8, 7, 3, false),
                new DigitRows(
                        "W3c", (p, d, h) -> new GruCell(p, d, h, GruCell.Variant.RESET_AFTER), 3, 6, 5, 8, 7, 3, false),
                new LanguageModelling("W4", Recipe.STREAMS, 20, 6, 7, 5, 3, 3),
                new LanguageModelling("W5", Recipe.SENTENCES, 20, 6, 7, 5, 3, 3),
                new DigitRows("W6", LstmCell::new, 4, 60, 1, 8, 7, 2, true),
                new Streaming("W7", 5, 6, 10),
                new DigitRows("W8", NormalisedLstmCell::new, 4, 6, 5, 8, 7, 3, false),
                new SentenceTagging("W9", MinimalGatedCell::new, 30, 5, 4, 3, 20));
    }
}
