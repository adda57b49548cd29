package dev.unfold.examples;

import dev.unfold.examples.cell.MinimalGatedCell;
import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.train.TrainStep;
import java.util.Locale;

// tag::program[]
/** Learns the sign of the first of ten random numbers, having seen the other nine. */
public final class ReadmeProgram {
    public static void main(String[] args) {
        NumpyRandom random = new NumpyRandom(1);
        Parameters parameters = new Parameters("signs", DType.FLOAT32, random);
        Cell cell = new MinimalGatedCell(parameters.below("rnn"), 1, 16);
        SequenceClassifier classifier = new SequenceClassifier(parameters.below("output"), cell, 2);
        TrainStep step = new TrainStep(new Adam(classifier.parameters(), 0.01));
        for (int update = 1; update <= 300; update++) {
            Tensor inputs = Tensor.zeros(DType.FLOAT32, 10, 32, 1); // 10 steps of 32 rows with 1 feature
            Tensor labels = Tensor.zeros(DType.INT32, 32);
            for (int i = 0; i < inputs.size(); i++) {
                inputs.setFlat(i, random.nextGaussian());
            }
            for (int row = 0; row < 32; row++) {
                labels.set(inputs.get(0, row, 0) > 0 ? 1 : 0, row);
            }
            double loss = step.run(graph -> classifier.loss(graph, inputs, labels));
            if (update % 50 == 0) {
                System.out.printf(Locale.ROOT, "update %d: loss %.4f%n", update, loss);
            }
        }
    }
}
// end::program[]
