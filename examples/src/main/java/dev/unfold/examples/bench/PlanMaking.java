package dev.unfold.examples.bench;

import dev.unfold.examples.cli.CommonOptions.UnrollMode;
import dev.unfold.graph.DType;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.LstmCell;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import java.util.List;

/**
 * The making of a plan that trains an LSTM on images as sequences of rows.
 *
 * @param steps T
 * @param columns D, numbers in a step
 * @param hidden H
 * @param rows N, images in a batch
 */
record PlanMaking(int steps, int columns, int hidden, int rows) implements Workload {
    private static final int CLASSES = 10;
    private static final double MILLISECONDS = 1e3;

    @Override
    public String name() {
        return "plan/" + steps;
    }

    @Override
    public String unit() {
        return "ms/plan";
    }

    @Override
    public double operations() {
        return 0;
    }

    @Override
    public double figure(double unitsPerSecond) {
        return MILLISECONDS / unitsPerSecond;
    }

    @Override
    public List<UnrollMode> modes() {
        return List.of(UnrollMode.STATIC);
    }

    @Override
    public boolean isSerial() {
        return true;
    }

    @Override
    public Run start(Setup setup) {
        Parameters p = setup.parameters("digits");
        LstmCell cell = new LstmCell(p.below("rnn"), columns, hidden);
        SequenceClassifier classifier = new SequenceClassifier(p.below("output"), cell, CLASSES);
        Tensor images = Tensor.zeros(DType.FLOAT32, steps, rows, columns);
        Tensor labels = Tensor.zeros(DType.INT32, rows);
        return new Run() {
            @Override
            public double pass() {
                SequenceClassifier fixed = classifier.unrolled(setup.unroll(cell, steps, rows));
                return Plan.training((graph, in) -> fixed.loss(graph, in.get(0), in.get(1)), images, labels)
                        .size();
            }

            @Override
            public int units() {
                return 1;
            }
        };
    }
}
