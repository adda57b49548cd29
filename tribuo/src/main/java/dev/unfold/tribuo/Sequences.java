package dev.unfold.tribuo;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Draws;
import java.util.ArrayList;
import java.util.List;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.classification.Label;
import org.tribuo.sequence.SequenceExample;

/** Sequences of examples with some features each; those that are not in the domain are left out, as everywhere in Tribuo. */
final class Sequences implements Samples {
    private static final long RARE_KEY = 2;

    private final List<Sequence> sequences;
    private final DType type;
    /** By feature: whether training may leave it out. */
    private final boolean[] rare;

    private final double rareDropout;
    private final long seed;
    private final int mostFeatures;

    /** One of them. */
    private static final class Sequence {
        /** Where the features of each step begin, and the end of the last. */
        final int[] starts;

        final int[] features;
        final double[] values;
        final int[] labels;

        Sequence(int[] starts, int[] features, double[] values, int[] labels) {
            this.starts = starts;
            this.features = features;
            this.values = values;
            this.labels = labels;
        }

        int steps() {
            return labels.length;
        }

        int features(int step) {
            return starts[step + 1] - starts[step];
        }
    }

    private Sequences(List<Sequence> sequences, DType type, boolean[] rare, double rareDropout, long seed) {
        this.sequences = sequences;
        this.type = type;
        this.rare = rare;
        this.rareDropout = rareDropout;
        this.seed = seed;
        this.mostFeatures = mostFeatures(sequences);
    }

    /**
     * Takes in sequences.
     *
     * @throws IllegalArgumentException where a feature has a value that is no finite number of the type
     */
    static Sequences of(
            Iterable<SequenceExample<Label>> examples, ImmutableFeatureMap domain, LabelTable labels, DType type) {
        List<Sequence> made = new ArrayList<>();
        for (SequenceExample<Label> each : examples) {
            made.add(sequence(each, domain, labels, type));
        }
        return new Sequences(made, type, new boolean[domain.size()], 0, 0);
    }

    private static Sequence sequence(
            SequenceExample<Label> example, ImmutableFeatureMap domain, LabelTable labels, DType type) {
        int[] starts = new int[example.size() + 1];
        int[] numbers = new int[example.size()];
        List<Integer> features = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (int step = 0; step < example.size(); step++) {
            Example<Label> each = example.get(step);
            for (Feature feature : each) {
                int id = domain.getID(feature.getName());
                if (id >= 0) {
                    features.add(id);
                    values.add(value(feature, type));
                }
            }
            starts[step + 1] = features.size();
            numbers[step] = labels.number(each.getOutput());
        }
        return new Sequence(
                starts,
                features.stream().mapToInt(Integer::intValue).toArray(),
                values.stream().mapToDouble(Double::doubleValue).toArray(),
                numbers);
    }

    /** Returns the value of a feature, where it is a finite number of the type. */
    static double value(Feature feature, DType type) {
        double value = feature.getValue();
        double most = type == DType.FLOAT32 ? Float.MAX_VALUE : Double.MAX_VALUE;
        if (!(Math.abs(value) <= most)) {
            throw new IllegalArgumentException("feature '" + feature.getName() + "' is " + value
                    + "; expected a finite number of " + type + "; scale it, or leave it out");
        }
        return value;
    }

    /** Returns these, with features that only one example of them has left out of training now and then. */
    Sequences dropping(double share) {
        int[] counts = new int[rare.length];
        for (Sequence each : sequences) {
            for (int feature : each.features) {
                counts[feature]++;
            }
        }
        boolean[] once = new boolean[rare.length];
        for (int i = 0; i < counts.length; i++) {
            once[i] = counts[i] == 1;
        }
        return new Sequences(sequences, type, once, share, seed);
    }

    @Override
    public Samples drawnBy(long newSeed) {
        return new Sequences(sequences, type, rare, rareDropout, newSeed);
    }

    @Override
    public int[] lengths() {
        return sequences.stream().mapToInt(Sequence::steps).toArray();
    }

    /** Returns how many features of a step the model knows. */
    int features(int sample, int step) {
        return sequences.get(sample).features(step);
    }

    private static int mostFeatures(List<Sequence> some) {
        int most = 0;
        for (Sequence each : some) {
            for (int step = 0; step < each.steps(); step++) {
                most = Math.max(most, each.features(step));
            }
        }
        return most;
    }

    @Override
    public Tensor[] greatest(int rows) {
        return empty(sequences.stream().mapToInt(Sequence::steps).max().orElse(0), rows, mostFeatures);
    }

    private Tensor[] empty(int steps, int rows, int features) {
        return new Tensor[] {
            Tensor.zeros(DType.INT32, steps, rows, features),
            Tensor.zeros(type, steps, rows, features),
            Tensor.zeros(DType.INT32, rows),
            Tensor.zeros(DType.INT32, steps, rows).fill(NO_LABEL)
        };
    }

    @Override
    public Tensor[] batch(List<Integer> samples, int epoch) {
        List<Sequence> some = samples.stream().map(sequences::get).toList();
        int steps = some.stream().mapToInt(Sequence::steps).max().orElse(0);
        // A plan records each shape anew, so let there be few: of bags, one for each power of two.
        int features = Math.min(roundedUp(mostFeatures(some)), mostFeatures);
        Tensor[] batch = empty(steps, some.size(), features);
        for (int row = 0; row < some.size(); row++) {
            Sequence each = some.get(row);
            batch[2].setFlat(row, each.steps());
            for (int step = 0; step < each.steps(); step++) {
                int cell = step * some.size() + row;
                batch[3].setFlat(cell, each.labels[step]);
                int to = cell * features;
                for (int i = each.starts[step]; i < each.starts[step + 1]; i++) {
                    if (!isLeftOut(each.features[i], epoch)) {
                        batch[0].setFlat(to, each.features[i]);
                        batch[1].setFlat(to, each.values[i]);
                        to++;
                    }
                }
            }
        }
        return batch;
    }

    private static int roundedUp(int count) {
        return count <= 1 ? count : Integer.highestOneBit(count - 1) << 1;
    }

    private boolean isLeftOut(int feature, int epoch) {
        return epoch > 0 && rare[feature] && Seeds.uniform(Draws.row(seed, RARE_KEY, epoch, feature)) < rareDropout;
    }
}
