package dev.unfold.examples.gradients;

import com.google.common.primitives.Doubles;
import com.google.common.primitives.Ints;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The gradients of a vanilla tagger, by {@link PlainRnn} and by the graph.
 *
 * @param pairs by parameter
 */
record Comparison(double plainLoss, double graphLoss, List<Pair> pairs) {
    /** Both gradients of a parameter. */
    static final class Pair {
        private final Parameter parameter;
        private final double[][] plain;
        private final double[][] graph;

        /**
         * Makes a pair.
         *
         * @param plain the gradient by hand, [rows][columns]; a vector is one row
         * @param graph the gradient by the graph
         */
        Pair(Parameter parameter, double[][] plain, double[][] graph) {
            this.parameter = parameter;
            this.plain = plain;
            this.graph = graph;
        }

        String name() {
            return parameter.name();
        }

        Shape shape() {
            return parameter.shape();
        }

        double[][] plain() {
            return plain;
        }

        double[][] graph() {
            return graph;
        }

        double[][] differences() {
            double[][] differences = new double[plain.length][plain[0].length];
            for (int i = 0; i < plain.length; i++) {
                for (int j = 0; j < plain[i].length; j++) {
                    differences[i][j] = plain[i][j] - graph[i][j];
                }
            }
            return differences;
        }

        /** Returns the greatest size of a gradient. */
        double greatest() {
            return Math.max(size(plain), size(graph));
        }

        /** Returns the greatest size of a difference. */
        double difference() {
            return size(differences());
        }

        /** Returns the index of the greatest difference. */
        String where() {
            double[] all = Doubles.concat(differences());
            int at = 0;
            for (int i = 0; i < all.length; i++) {
                // Math.max and compare put NaN above all numbers.
                at = Double.compare(Math.abs(all[i]), Math.abs(all[at])) > 0 ? i : at;
            }
            return Arrays.toString(shape().index(at));
        }

        /** Returns for how many numbers the two gradients have different signs. */
        int signsThatDiffer() {
            double[] one = Doubles.concat(plain);
            double[] other = Doubles.concat(graph);
            return (int) IntStream.range(0, one.length)
                    .filter(i -> Math.signum(one[i]) != Math.signum(other[i]))
                    .count();
        }

        Map<String, Object> figures() {
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("parameter", name());
            figures.put("shape", shape().toString());
            figures.put("greatest_gradient", greatest());
            figures.put("greatest_difference", difference());
            figures.put("where", where());
            return figures;
        }

        private static double size(double[][] matrix) {
            double greatest = 0;
            for (double each : Doubles.concat(matrix)) {
                greatest = Math.max(greatest, Math.abs(each));
            }
            return greatest;
        }
    }

    /** Computes both; the parameters are the cell's wx, wh and b, then the output layer's w and b. */
    static Comparison of(Exercise exercise) {
        List<Parameter> parameters = exercise.parameters();
        parameters.forEach(Parameter::zeroGradient);
        Graph graph = new Graph();
        Node loss = exercise.loss(graph);
        graph.backward(loss);

        double[][][] x = sequence(exercise.inputs());
        int[][] labels = labels(exercise.labels());
        PlainRnn.Weights weights =
                weights(parameters.stream().map(Parameter::value).toList());
        double[][] first = new double[x[0].length][weights.b.length];
        PlainRnn.Forward run = PlainRnn.forward(weights, x, first, labels);
        PlainRnn.Weights plain = PlainRnn.backward(weights, x, run, labels);
        List<double[][]> byHand =
                List.of(plain.wx, plain.wh, new double[][] {plain.b}, plain.wy, new double[][] {plain.by});

        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < byHand.size(); i++) {
            Parameter each = parameters.get(i);
            pairs.add(new Pair(each, byHand.get(i), matrix(each.gradient())));
        }
        return new Comparison(run.loss, loss.item(), pairs);
    }

    private static PlainRnn.Weights weights(List<Tensor> values) {
        return new PlainRnn.Weights(
                matrix(values.get(0)),
                matrix(values.get(1)),
                values.get(2).toDoubles(),
                matrix(values.get(3)),
                values.get(4).toDoubles());
    }

    /** Returns the rows of a matrix; a vector is one row. */
    static double[][] matrix(Tensor tensor) {
        if (tensor.shape().rank() == 1) {
            return new double[][] {tensor.toDoubles()};
        }
        double[][] rows = new double[tensor.shape().dim(0)][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = tensor.at(i).toDoubles();
        }
        return rows;
    }

    private static double[][][] sequence(Tensor tensor) {
        double[][][] steps = new double[tensor.shape().dim(0)][][];
        for (int t = 0; t < steps.length; t++) {
            steps[t] = matrix(tensor.at(t));
        }
        return steps;
    }

    private static int[][] labels(Tensor tensor) {
        int[][] steps = new int[tensor.shape().dim(0)][];
        for (int t = 0; t < steps.length; t++) {
            steps[t] = Ints.toArray(Doubles.asList(tensor.at(t).toDoubles()));
        }
        return steps;
    }

    /** Returns whether losses and gradients are the same to within a tolerance. */
    boolean agrees(double tolerance) {
        return Math.abs(plainLoss - graphLoss) <= tolerance
                && pairs.stream().allMatch(each -> each.difference() <= tolerance);
    }
}
