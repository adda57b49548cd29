package dev.unfold.rnn.check;

import dev.unfold.graph.Graph;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import dev.unfold.rnn.unroll.Unrolled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What holds of cells bit for bit, whichever way they are unfolded. Each law says in words what breaks it. */
final class UnrollLaws {
    private static final int THREADS = 4;
    private static final int ROUNDS = 25;

    private final Runs runs;
    private final Consumer<String> broken;

    UnrollLaws(Runs runs, Consumer<String> broken) {
        this.runs = runs;
        this.broken = broken;
    }

    private void compare(Object where, Outcome expected, Outcome actual) {
        actual.differenceFrom(expected).ifPresent(difference -> broken.accept(where + ": " + difference));
    }

    /**
     * Two unrolls that mean the same should leave the same, over variables and over constants; the one on a new graph for each batch,
     * the other on one graph for all of them, twice.
     *
     * @param how the other's difference in words
     */
    void same(String how, Unroll expected, Unroll actual, Graph used, List<Batch> batches) {
        same(how, batch -> outcomes(expected, batch), actual, used, batches);
    }

    /** As the other, for what {@link #outcomes} has returned, or returns now. */
    void same(String how, Function<Batch, List<Outcome>> expected, Unroll actual, Graph used, List<Batch> batches) {
        for (int again = 0; again < 2; again++) {
            for (Batch batch : batches) {
                List<Outcome> wanted = expected.apply(batch);
                compare(batch + ", " + how, wanted.get(0), runs.outcome(actual, used, batch));
                compare(batch + ", " + how + ", over constants", wanted.get(1), runs.constant(actual, used, batch));
            }
        }
    }

    /** Returns what an unroll leaves of a batch on new graphs, over variables and over constants. */
    List<Outcome> outcomes(Unroll unroll, Batch batch) {
        return List.of(runs.outcome(unroll, new Graph(), batch), runs.constant(unroll, new Graph(), batch));
    }

    /** Padding should change nothing and get no gradient, whether lengths or a mask say where it is. */
    void padding(Unroll unroll, Batch batch) {
        Graph graph = new Graph();
        Outcome expected = runs.outcome(unroll, graph, batch.padded(() -> 0));
        NumpyRandom noise = new NumpyRandom(runs.seed());
        Map<String, DoubleSupplier> paddings = new LinkedHashMap<>();
        paddings.put("NaN", () -> Double.NaN);
        paddings.put("infinity", () -> Double.POSITIVE_INFINITY);
        paddings.put("-infinity", () -> Double.NEGATIVE_INFINITY);
        paddings.put("noise", () -> 1000 * noise.nextGaussian());
        paddings.forEach((name, values) ->
                compare(batch + ", padded with " + name, expected, runs.outcome(unroll, graph, batch.padded(values))));
        if (!batch.hasHoles()) {
            compare(
                    batch + ", by mask",
                    runs.outcome(unroll, graph, batch.padded(() -> 0), Lengths.of(batch.counted())),
                    runs.outcome(unroll, graph, batch.padded(() -> 0), Lengths.mask(batch.mask())));
        }
        Tensor gradient = expected.get(Runs.gradientOf(Runs.INPUTS));
        for (int i = 0; i < gradient.size(); i++) {
            if (batch.mask().getFlat(i / gradient.shape().columns()) == 0 && gradient.getFlat(i) != 0) {
                broken.accept(batch + ": the gradient of padding at "
                        + Arrays.toString(gradient.shape().index(i)) + " is " + gradient.getFlat(i) + "; expected 0");
                return;
            }
        }
    }

    /** Each row should be as it is alone, and be the same at another place among the others. */
    void rows(Unroll unroll, Batch batch) {
        Unrolled whole = batch.over(unroll, Graph.inference());
        int[] order = new NumpyRandom(runs.seed()).permutation(batch.rows());
        Batch permuted = batch.part(IntStream.range(0, batch.steps()).toArray(), order);
        Unrolled moved = permuted.over(unroll, Graph.inference());
        for (int i = 0; i < order.length; i++) {
            int row = order[i];
            Outcome together = row(whole, batch, row);
            Batch alone = batch.alone(row);
            Outcome expected = row(alone.over(unroll, Graph.inference()), alone, 0);
            compare(batch + ", row " + row + " beside others, not alone", expected, together);
            compare(batch + ", row " + row + " moved to " + i, together, row(moved, permuted, i));
        }
    }

    /** What a run leaves to one row: its outputs of the steps that count, {@code [steps, size]}, and its state. */
    private static Outcome row(Unrolled run, Batch batch, int row) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        Tensor last = run.last().value().at(row);
        int[] steps = batch.steps(row);
        Tensor outputs = Tensor.zeros(last.dtype(), steps.length, last.size());
        for (int i = 0; i < steps.length; i++) {
            outputs.at(i).copyFrom(run.output(steps[i]).value().at(row));
        }
        values.put("outputs", outputs);
        values.put("last", last);
        run.finalState().values().forEach((name, value) -> values.put("final " + name, value.at(row)));
        return new Outcome(values);
    }

    /** Steps that do not count should give zeros, and rows without steps should keep the initial state. */
    void empty(Unroll unroll, Batch batch) {
        runs.outcome(unroll, new Graph(), batch);
        Unrolled run = batch.over(unroll, Graph.inference());
        DetachedState initial = batch.initial(unroll);
        for (int row = 0; row < batch.rows(); row++) {
            for (int t = 0; t < batch.steps(); t++) {
                if (!batch.counts(t, row)) {
                    zeros(batch + ", output of step " + t, run.output(t).value().at(row), row);
                }
            }
            if (batch.steps(row).length == 0) {
                zeros(batch + ", last output", run.last().value().at(row), row);
                for (String name : initial.values().keySet()) {
                    compare(
                            batch + ", row " + row + " without steps",
                            new Outcome(Map.of(name, initial.get(name).at(row))),
                            new Outcome(Map.of(name, run.finalState().get(name).at(row))));
                }
            }
        }
    }

    private void zeros(String what, Tensor output, int row) {
        if (!output.sameBits(Tensor.zeros(output.dtype(), output.shape()))) {
            broken.accept(what + " in row " + row + ": expected zeros, got " + output);
        }
    }

    /** A run should be its steps, one by one from values, whatever else runs between them. */
    void steps(Unroll unroll, Batch batch, Batch other) {
        int[] rows = IntStream.range(0, batch.rows()).toArray();
        Unrolled whole = batch.over(unroll, Graph.inference());
        DetachedState state = batch.initial();
        for (int t = 0; t < batch.steps(); t++) {
            Unrolled step = batch.part(new int[] {t}, rows).from(state).over(unroll, Graph.inference());
            compare(batch + ", step " + t + " by itself", after(whole, t), after(step, 0));
            state = step.finalState();
            other.over(unroll, Graph.inference());
        }
    }

    private static Outcome after(Unrolled run, int t) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        values.put("output", run.output(t).value());
        run.state(t).detach().values().forEach((name, value) -> values.put("state " + name, value));
        return new Outcome(values);
    }

    /** Threads should not notice each other. */
    void threads(Unroll unroll, List<Batch> batches) {
        List<Outcome> expected = batches.stream()
                .map(batch -> runs.outcome(unroll, Graph.inference(), batch))
                .toList();
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Optional<String>>> tasks = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Batch batch = batches.get(i % batches.size());
                Outcome wanted = expected.get(i % batches.size());
                tasks.add(() -> firstDifference(unroll, batch, wanted));
            }
            for (Future<Optional<String>> task : pool.invokeAll(tasks)) {
                task.get().ifPresent(broken);
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("beside other threads: " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("cell contract: interrupted while threads ran", e);
        } finally {
            pool.shutdownNow();
        }
    }

    private Optional<String> firstDifference(Unroll unroll, Batch batch, Outcome expected) {
        Graph graph = Graph.inference();
        for (int round = 0; round < ROUNDS; round++) {
            Optional<String> difference = runs.outcome(unroll, graph, batch).differenceFrom(expected);
            if (difference.isPresent()) {
                return Optional.of(batch + ", beside other threads: " + difference.get());
            }
        }
        return Optional.empty();
    }

    /** Names should tell the parameters of several cells apart: see {@link Law#STACKED}. */
    void names(Unroll unroll) {
        List<String> names = unroll.parameters().stream().map(Parameter::name).toList();
        names.stream()
                .filter(name -> names.indexOf(name) != names.lastIndexOf(name))
                .distinct()
                .forEach(name -> broken.accept("two cells made below different paths both call a parameter '" + name
                        + "'; make parameters by Parameters.make"));
    }
}
