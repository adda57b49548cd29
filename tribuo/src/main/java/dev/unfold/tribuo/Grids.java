package dev.unfold.tribuo;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.classification.Label;

/** Examples whose features lie on a grid; those that are not in the domain are left out, and those that an example lacks are 0. */
final class Grids implements Samples {
    private final GridShape shape;
    private final DType type;
    private final List<Grid> grids = new ArrayList<>();

    private static final class Grid {
        final int[] positions;
        final double[] values;
        final int label;

        Grid(int[] positions, double[] values, int label) {
            this.positions = positions;
            this.values = values;
            this.label = label;
        }
    }

    /**
     * Takes in examples.
     *
     * @throws IllegalArgumentException where a feature has a value that is no finite number of the type
     */
    Grids(
            Iterable<Example<Label>> examples,
            ImmutableFeatureMap domain,
            GridShape shape,
            LabelTable labels,
            DType type) {
        this.shape = shape;
        this.type = type;
        for (Example<Label> example : examples) {
            int[] positions = new int[example.size()];
            double[] values = new double[example.size()];
            int known = 0;
            for (Feature feature : example) {
                if (domain.getID(feature.getName()) >= 0) {
                    positions[known] = shape.position(feature.getName());
                    values[known++] = Sequences.value(feature, type);
                }
            }
            grids.add(new Grid(
                    Arrays.copyOf(positions, known), Arrays.copyOf(values, known), labels.number(example.getOutput())));
        }
    }

    /** Returns how many features of an example the model knows. */
    int features(int sample) {
        return grids.get(sample).positions.length;
    }

    @Override
    public int[] lengths() {
        int[] lengths = new int[grids.size()];
        Arrays.fill(lengths, shape.rows());
        return lengths;
    }

    @Override
    public Tensor[] greatest(int rows) {
        return new Tensor[] {Tensor.zeros(type, shape.rows(), rows, shape.columns()), Tensor.zeros(DType.INT32, rows)};
    }

    @Override
    public Tensor[] batch(List<Integer> samples, int epoch) {
        Tensor[] batch = greatest(samples.size());
        for (int row = 0; row < samples.size(); row++) {
            Grid grid = grids.get(samples.get(row));
            for (int i = 0; i < grid.positions.length; i++) {
                int position = grid.positions[i];
                batch[0].set(grid.values[i], position / shape.columns(), row, position % shape.columns());
            }
            batch[1].setFlat(row, grid.label);
        }
        return batch;
    }
}
