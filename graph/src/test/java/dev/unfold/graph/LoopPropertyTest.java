package dev.unfold.graph;

import static dev.unfold.graph.TinyOps.COPY;
import static dev.unfold.graph.TinyOps.MEET;
import static dev.unfold.graph.TinyOps.NUMBER;
import static dev.unfold.graph.TinyOps.PLUS;
import static dev.unfold.graph.TinyOps.PRODUCT;
import static dev.unfold.graph.TinyOps.SQUARE;
import static dev.unfold.graph.TinyOps.TAKE;
import static dev.unfold.graph.TinyOps.TIMES;
import static dev.unfold.graph.TinyOps.TOTAL;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A loop gives what its step gives when it is recorded on the tape again and again: values and gradients, of any schedule, by any number
 * of threads. All numbers are small integers, so that sums are the same in any order.
 */
class LoopPropertyTest {
    private static final int CASES = 120;
    private static final int MOST_STEPS = 5;
    private static final int MOST_ROWS = 5;

    /** Two square matrices to learn. */
    private record Weights(Parameter v, Parameter w) {
        Weights zeroed() {
            v.zeroGradient();
            w.zeroGradient();
            return this;
        }
    }

    private interface Step {
        List<Node> record(Graph graph, Weights weights, Node x, List<Node> carried);
    }

    private record Body(String name, int states, Step step) {
        Loop loop(Weights weights, int steps, int rows) {
            return new Loop(name, steps, rows, (sequences, carried) -> {
                Node x = sequences.get(0);
                return step.record(x.graph(), weights, x, carried);
            });
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Body> bodies() {
        return List.of(
                new Body("vanilla", 1, (graph, weights, x, h) -> {
                    Node next = graph.record(
                            PLUS, graph.record(PRODUCT, x, weights.v), graph.record(PRODUCT, h.get(0), weights.w));
                    return List.of(graph.record(SQUARE, next), next);
                }),
                new Body("stacked", 2, (graph, weights, x, h) -> {
                    Node first = graph.record(PLUS, graph.record(PRODUCT, x, weights.v), h.get(0));
                    Node second = graph.record(
                            PLUS, graph.record(PRODUCT, first, weights.w), graph.record(TIMES, h.get(1), x));
                    return List.of(graph.record(PRODUCT, second, weights.v), first, second);
                }),
                new Body("meeting", 1, (graph, weights, x, h) -> {
                    Node met = graph.record(MEET, h.get(0));
                    Node next =
                            graph.record(PLUS, graph.record(TIMES, x, met), graph.record(PRODUCT, h.get(0), weights.w));
                    return List.of(graph.record(SQUARE, next), next);
                }),
                new Body("shared result", 2, (graph, weights, x, h) -> {
                    Node next = graph.record(
                            PLUS, graph.record(PRODUCT, h.get(0), weights.w), graph.record(TIMES, h.get(1), x));
                    return List.of(graph.record(SQUARE, next), next, next);
                }),
                new Body("handed on", 2, (graph, weights, x, h) -> {
                    Node next = graph.record(PLUS, graph.record(TIMES, h.get(1), x), h.get(0));
                    return List.of(graph.record(PRODUCT, next, weights.w), next, graph.record(COPY, h.get(1)));
                }),
                new Body("crossed", 2, (graph, weights, x, h) -> {
                    Node first = graph.record(PLUS, h.get(1), x);
                    Node second = graph.record(COPY, h.get(0));
                    return List.of(graph.record(PRODUCT, graph.record(TIMES, first, second), weights.v), first, second);
                }),
                new Body("used behind", 1, (graph, weights, x, h) -> {
                    Node next = graph.record(PLUS, graph.record(PRODUCT, h.get(0), weights.w), x);
                    return List.of(graph.record(PRODUCT, h.get(0), weights.v), next);
                }),
                new Body("output is not carried back", 1, (graph, weights, x, h) -> {
                    Node made = graph.record(PRODUCT, x, weights.v);
                    return List.of(graph.record(PRODUCT, graph.record(SQUARE, made), weights.w), made);
                }),
                new Body("parameter alone", 1, (graph, weights, x, h) -> {
                    Node matrix = graph.record(SQUARE, weights.v);
                    Node next = graph.record(PLUS, graph.record(PRODUCT, x, matrix), h.get(0));
                    return List.of(graph.record(PRODUCT, next, weights.w), next);
                }),
                new Body("numbered", 1, (graph, weights, x, h) -> {
                    Node numbered = graph.record(NUMBER, graph.record(PRODUCT, x, weights.v));
                    Node next = graph.record(PLUS, numbered, h.get(0));
                    return List.of(graph.record(TIMES, graph.record(PRODUCT, next, weights.w), numbered), next);
                }));
    }

    private static Tensor small(Random random, int... dims) {
        Tensor tensor = Tensor.zeros(DType.FLOAT64, dims);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, random.nextInt(5) - 2);
        }
        return tensor;
    }

    /** Elements from anywhere, for rows that end when they like. */
    private static TinySchedule random(Random random, int steps, int batch) {
        int[] lengths = IntStream.range(0, batch)
                .map(row -> 1 + random.nextInt(steps))
                .sorted()
                .toArray();
        int[][] sources = new int[lengths[batch - 1]][];
        for (int run = 0; run < sources.length; run++) {
            int at = run;
            int rows = (int) IntStream.of(lengths).filter(length -> length > at).count();
            sources[run] = random.ints(rows, 0, steps * batch).toArray();
        }
        List<Integer> order = new ArrayList<>(IntStream.range(0, batch).boxed().toList());
        Collections.shuffle(order, random);
        return TinySchedule.of(
                steps, batch, sources, order.stream().mapToInt(row -> row).toArray());
    }

    /** What a batch is made of, and by what its results are weighted. */
    private record Batch(
            TinySchedule schedule,
            Tensor x,
            List<Tensor> starts,
            List<Tensor> weightings,
            boolean learnsX,
            boolean learnsStarts) {
        static Batch random(Random random, Body body, TinySchedule schedule, int width) {
            int steps = schedule.steps();
            int batch = schedule.batch();
            List<Tensor> starts = new ArrayList<>();
            List<Tensor> weightings = new ArrayList<>();
            for (int k = 0; k <= body.states; k++) {
                // Now and then nobody asks for a result, or for that of a step.
                Tensor weighting = small(random, steps * batch, width);
                for (int step = 0; step < steps; step++) {
                    if (random.nextInt(3) == 0) {
                        weighting.slice(step * batch, (step + 1) * batch).fill(0);
                    }
                }
                weightings.add(random.nextInt(3) == 0 ? weighting.fill(0) : weighting);
                if (k > 0) {
                    starts.add(small(random, batch, width));
                }
            }
            return new Batch(
                    schedule,
                    small(random, steps, batch, width),
                    starts,
                    weightings,
                    random.nextBoolean(),
                    random.nextBoolean());
        }
    }

    /** Takes in a tensor as one to be differentiated by, or as one that is not. */
    private static Node take(Graph graph, Tensor tensor, boolean learns) {
        return learns ? graph.variable(tensor) : graph.input(tensor);
    }

    private static Tensor gradient(Node node, boolean learns) {
        return learns ? node.gradient() : Tensor.zeros(DType.FLOAT64, 0);
    }

    /** Losses and the gradients by x, by what is begun with, and by the weights. */
    private static List<Tensor> outcome(
            Graph graph, Weights weights, List<Node> losses, Batch batch, Node x, List<Node> starts) {
        List<Tensor> found = new ArrayList<>();
        losses.forEach(loss -> found.add(loss.value()));
        graph.backward(losses.stream().filter(loss -> loss.needsGradient).toList());
        found.add(gradient(x, batch.learnsX));
        starts.forEach(start -> found.add(gradient(start, batch.learnsStarts)));
        found.add(weights.v.gradient().copy());
        found.add(weights.w.gradient().copy());
        return found;
    }

    private static boolean isAsked(Tensor weighting) {
        return DoubleStream.of(weighting.toDoubles()).anyMatch(each -> each != 0);
    }

    private static List<Tensor> byLoop(Graph graph, Loop loop, Weights weights, Batch batch) {
        graph.reset();
        weights.zeroed();
        Node x = take(graph, batch.x, batch.learnsX);
        List<Node> starts = batch.starts.stream()
                .map(start -> take(graph, start, batch.learnsStarts))
                .toList();
        Repeated run = graph.repeat(loop, batch.schedule, List.of(x), starts);
        List<Node> losses = losses(graph, run, batch);
        return outcome(graph, weights, losses, batch, x, starts);
    }

    private static List<Node> losses(Graph graph, Repeated run, Batch batch) {
        List<Node> losses = new ArrayList<>();
        for (int k = 0; k < batch.weightings.size(); k++) {
            Tensor weighting = batch.weightings.get(k);
            boolean asked = k == 0 || isAsked(weighting);
            if (asked && k <= 1 && batch.schedule.isWhole()) {
                losses.add(lossByStep(graph, run, k, batch));
            } else if (asked) {
                losses.add(loss(graph, run.results(k), weighting));
            }
        }
        return losses;
    }

    private static Node loss(Graph graph, Node results, Tensor weighting) {
        Tensor alike = weighting.reshape(results.shape().dims());
        return graph.record(TOTAL, graph.record(TIMES, results, graph.input(alike)));
    }

    /** The same of a whole run, of which only the steps that count are taken out, and the last. */
    private static Node lossByStep(Graph graph, Repeated run, int k, Batch batch) {
        int rows = batch.schedule.batch();
        int steps = batch.schedule.steps();
        Node sum = graph.input(Tensor.zeros(DType.FLOAT64));
        for (int step = 0; step < steps; step++) {
            Tensor weighting = batch.weightings.get(k).slice(step * rows, (step + 1) * rows);
            if (step == steps - 1 || isAsked(weighting)) {
                sum = graph.record(PLUS, sum, loss(graph, run.result(k, step), weighting));
            }
        }
        return sum;
    }

    private static Tensor indices(int[] numbers) {
        return Tensor.of(numbers, numbers.length);
    }

    private static List<Tensor> byTape(Body body, Weights weights, Batch batch) {
        Graph graph = new Graph();
        weights.zeroed();
        Node x = take(graph, batch.x, batch.learnsX);
        List<Node> starts = batch.starts.stream()
                .map(start -> take(graph, start, batch.learnsStarts))
                .toList();
        TinySchedule schedule = batch.schedule;
        List<Node> carried = List.of();
        List<List<Node>> byStep = new ArrayList<>();
        graph.inOrder(schedule);
        for (int run = 0; run < schedule.runs(); run++) {
            int at = run;
            int rows = schedule.rows(run);
            graph.atStep(run);
            int[] sources = IntStream.range(0, rows)
                    .map(row -> schedule.source(at, row))
                    .toArray();
            int[] order = IntStream.range(0, rows).map(schedule::rowOfBatch).toArray();
            List<Node> before = run == 0
                    ? starts.stream()
                            .map(start -> graph.record(TAKE, start, graph.input(indices(order))))
                            .toList()
                    : carried.stream().map(each -> graph.slices(each, 0, rows)).toList();
            Node elements = graph.record(TAKE, x, graph.input(indices(sources)));
            List<Node> results = body.step.record(graph, weights, elements, before);
            byStep.add(results);
            carried = results.subList(1, results.size());
        }
        graph.atStep(-1);
        graph.inOrder(null);
        List<Node> losses = new ArrayList<>();
        for (int k = 0; k <= body.states; k++) {
            Tensor weighting = batch.weightings.get(k);
            Node sum = graph.input(Tensor.zeros(DType.FLOAT64));
            int from = 0;
            for (List<Node> results : byStep) {
                int to = from + results.get(k).shape().dim(0);
                sum = graph.record(PLUS, sum, loss(graph, results.get(k), weighting.slice(from, to)));
                from = to;
            }
            if (k == 0 || isAsked(weighting)) {
                losses.add(sum);
            }
        }
        return outcome(graph, weights, losses, batch, x, starts);
    }

    private static Weights weights(Random random, int width) {
        return new Weights(
                new Parameter("v", small(random, width, width)), new Parameter("w", small(random, width, width)));
    }

    private static void assertSame(Body body, String where, List<Tensor> actual, List<Tensor> expected) {
        assertThat(actual).as("%s %s", body, where).hasSameSizeAs(expected);
        for (int i = 0; i < actual.size(); i++) {
            assertThat(positive(actual.get(i)))
                    .as("%s: %s, number %s of losses, then gradients of x, starts, v, w", body, where, i)
                    .isEqualTo(positive(expected.get(i)));
        }
    }

    /** Without minus zeros, which sums do not tell apart. */
    private static double[] positive(Tensor tensor) {
        double[] numbers = tensor.toDoubles();
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] += 0.0;
        }
        return numbers;
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void a_loop_should_give_what_the_tape_gives(Body body) {
        for (int seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            int width = 1 + random.nextInt(3);
            Weights weights = weights(random, width);
            Loop loop = body.loop(weights, MOST_STEPS, MOST_ROWS);
            Graph graph = new Graph();
            graph.threads(1 + seed % 3);
            // Several batches in one memory, of any size.
            for (int turn = 0; turn < 3; turn++) {
                int steps = 1 + random.nextInt(MOST_STEPS);
                int rows = 1 + random.nextInt(MOST_ROWS);
                TinySchedule schedule =
                        random.nextInt(3) == 0 ? TinySchedule.whole(steps, rows) : random(random, steps, rows);
                Batch batch = Batch.random(random, body, schedule, width);
                List<Tensor> expected = byTape(body, weights, batch);
                List<Tensor> actual = byLoop(graph, loop, weights, batch);
                assertSame(
                        body,
                        "seed " + seed + ", turn " + turn + ", " + graph.threads() + " threads",
                        actual,
                        expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void so_many_rows_that_they_go_block_by_block_should_give_what_the_tape_gives(Body body) {
        Random random = new Random(1);
        Weights weights = weights(random, 8);
        Loop loop = body.loop(weights, 2, 2200);
        List<Graph> graphs = List.of(new Graph(), new Graph());
        graphs.get(1).threads(2);
        for (TinySchedule schedule : List.of(TinySchedule.whole(2, 2200), random(random, 2, 2200))) {
            Batch batch = Batch.random(random, body, schedule, 8);
            List<Tensor> expected = byTape(body, weights, batch);
            for (Graph graph : graphs) {
                List<Tensor> actual = byLoop(graph, loop, weights, batch);
                assertSame(body, graph.threads() + " threads", actual, expected);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void a_plan_should_give_what_the_tape_gives_for_schedules_that_change(Body body) {
        for (int seed = 0; seed < CASES / 4; seed++) {
            Random random = new Random(seed);
            int width = 1 + random.nextInt(3);
            Weights weights = weights(random, width);
            Loop loop = body.loop(weights, MOST_STEPS, MOST_ROWS);
            TinySchedule given = random(random, MOST_STEPS, MOST_ROWS);
            Batch first = Batch.random(random, body, given, width);
            Plan plan = Plan.training(
                    (graph, in) -> {
                        List<Node> inputs = in.stream().map(graph::input).toList();
                        Repeated run =
                                graph.repeat(loop, given, inputs.subList(0, 1), inputs.subList(1, inputs.size() - 1));
                        Node weighting = inputs.get(inputs.size() - 1);
                        return graph.record(TOTAL, graph.record(TIMES, run.results(0), weighting));
                    },
                    inputs(first));
            plan.threads(1 + seed % 3);
            for (int turn = 0; turn < 3; turn++) {
                Batch batch = Batch.random(random, body, random(random, MOST_STEPS, MOST_ROWS), width);
                for (int k = 1; k < batch.weightings.size(); k++) {
                    batch.weightings.get(k).fill(0);
                }
                List<Tensor> expected = byTape(body, weights, batch);
                weights.zeroed();
                given.become(batch.schedule);
                Tensor loss = plan.run(inputs(batch)).copy();
                plan.backward();
                List<Tensor> actual = List.of(loss, weights.v.gradient(), weights.w.gradient());
                int last = expected.size() - 1;
                assertSame(
                        body,
                        "seed " + seed + ", turn " + turn,
                        actual,
                        List.of(expected.get(0), expected.get(last - 1), expected.get(last)));
            }
        }
    }

    private static Tensor[] inputs(Batch batch) {
        List<Tensor> inputs = new ArrayList<>(List.of(batch.x));
        inputs.addAll(batch.starts);
        inputs.add(batch.weightings.get(0));
        return inputs.toArray(new Tensor[0]);
    }
}
