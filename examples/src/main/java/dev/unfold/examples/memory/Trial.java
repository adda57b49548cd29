package dev.unfold.examples.memory;

import com.sun.management.ThreadMXBean;
import dev.unfold.examples.bench.MadeUp;
import dev.unfold.examples.cli.CommonOptions.UnrollMode;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.MemoryReport;
import dev.unfold.graph.MemoryUse;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Plan;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.SequenceClassifier;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.optim.Optimizer;
import dev.unfold.rnn.train.TrainStep;
import dev.unfold.rnn.unroll.Lengths;
import dev.unfold.rnn.unroll.Unroll;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Training on one case in one mode: a classifier of the last outputs, and Adam. Both modes begin with the same weights and batches. */
final class Trial {
    private static final int CLASSES = 10;
    private static final double LEARNING_RATE = 1e-3;
    /** Keeps what batches hold apart from first weights. */
    private static final int DATA = 1_000_005;
    /** So many times all batches are trained on before the loss is looked at. */
    private static final int PASSES_BEFORE = 2;

    private static final int IN_A_ROW = 3;
    private static final double AGREEMENT = 1.1;
    private static final int MOST_WARMUP = 4;
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;

    private final Case of;
    private final Settings settings;
    private final UnrollMode mode;
    private final SequenceClassifier classifier;
    private final Optimizer optimizer;
    private final TrainStep step;
    private final List<Tensor[]> batches = new ArrayList<>();
    private final @Nullable Plan plan;
    /** By repetition, what all batches took. */
    private final double[] seconds;

    private long allocated;
    private double loss;
    /** The graph that batches are recorded on. */
    private @Nullable Graph graph;

    private boolean watches;

    /**
     * How cases are measured.
     *
     * @param warmupSeconds how long to train at the least before anything is timed
     * @param repetitions how many times all batches are trained on then
     */
    record Settings(DType dtype, int seed, int threads, double warmupSeconds, int repetitions) {}

    private Trial(Case of, UnrollMode mode, @Nullable Long budget, Settings settings) {
        this.of = of;
        this.mode = mode;
        this.settings = settings;
        Parameters p = new Parameters("memory", settings.dtype, new NumpyRandom(settings.seed));
        Cell cell = of.cell().make(p.below("rnn"), of.input(), of.hidden());
        boolean isStatic = mode == UnrollMode.STATIC;
        Unroll unroll = isStatic ? Unroll.fixed(cell, of.steps(), of.rows()) : Unroll.dynamic(cell);
        Unroll bounded = budget == null ? unroll : unroll.budget(budget);
        this.classifier = new SequenceClassifier(p.below("output"), bounded, CLASSES);
        this.optimizer = new Adam(classifier.parameters(), LEARNING_RATE);
        this.seconds = new double[settings.repetitions];
        this.step = new TrainStep(optimizer, Double.POSITIVE_INFINITY, settings.seed);
        MadeUp data = new MadeUp(settings.seed ^ DATA, settings.dtype);
        for (int[] lengths : of.lengths()) {
            Tensor inputs = data.pixels(Case.longest(lengths), of.rows(), of.input());
            batches.add(batch(inputs, data.choices(CLASSES, of.rows()), lengths));
        }
        if (isStatic) {
            Tensor greatest = Tensor.zeros(settings.dtype, of.steps(), of.rows(), of.input());
            Tensor labels = Tensor.zeros(DType.INT32, of.rows());
            plan = Plan.training(this::loss, batch(greatest, labels, new int[of.rows()]));
            plan.threads(settings.threads);
        } else {
            plan = null;
            step.threads(settings.threads);
        }
    }

    private Tensor[] batch(Tensor inputs, Tensor labels, int[] lengths) {
        return of.isWhole()
                ? new Tensor[] {inputs, labels}
                : new Tensor[] {inputs, labels, Tensor.of(lengths, lengths.length)};
    }

    private Node loss(Graph tape, List<Tensor> batch) {
        graph = tape;
        if (!tape.isPlanned()) {
            tape.watchMemory(watches);
        }
        Lengths lengths = batch.size() == 2 ? Lengths.full() : Lengths.of(batch.get(2));
        return classifier.loss(tape, batch.get(0), lengths, batch.get(1));
    }

    /** What is known of a trial before it is timed. */
    private record Begun(Trial trial, MemoryReport predicted, MemoryReport measured, String lossBits) {
        Point point(@Nullable Within within) {
            long updates = (long) trial.seconds.length * trial.batches.size();
            return new Point(
                    name(trial.mode),
                    trial.of,
                    within,
                    predicted,
                    measured,
                    MILLIS * median(trial.seconds) / trial.batches.size(),
                    trial.allocated / updates,
                    lossBits);
        }
    }

    /**
     * Measures a case in one mode, without a budget and then within each. They are timed in turns, so that whatever else keeps the machine
     * busy befalls all alike.
     *
     * @param refused takes in what is said of a budget that is not workable
     */
    static List<Point> measure(
            Case of, UnrollMode mode, List<Budget> budgets, Settings settings, Consumer<String> refused) {
        System.gc(); // what the case before has left is not to be collected at the cost of this one
        Begun unbounded = new Trial(of, mode, null, settings).begin();
        MemoryReport.Moment peak = unbounded.measured.peak();
        Map<Budget, Begun> bounded = new LinkedHashMap<>();
        for (Budget budget : budgets) {
            try {
                bounded.put(budget, new Trial(of, mode, budget.forLoop(peak), settings).begin());
            } catch (IllegalArgumentException tooSmall) {
                refused.accept(name(mode) + " within " + budget.shown(peak.total()) + " is not workable: "
                        + tooSmall.getMessage());
            }
        }
        List<Trial> all = Stream.concat(Stream.of(unbounded), bounded.values().stream())
                .map(Begun::trial)
                .toList();
        all.forEach(Trial::warmUp);
        for (int i = 0; i < settings.repetitions; i++) {
            for (Trial each : all) {
                each.time(i);
            }
        }
        Point first = unbounded.point(null);
        List<Point> points = new ArrayList<>(List.of(first));
        bounded.forEach((budget, each) -> points.add(each.point(new Within(budget, first))));
        return points;
    }

    private static String name(UnrollMode mode) {
        return mode.name().toLowerCase(Locale.ROOT);
    }

    /** Trains on a case without looking, since the first to be measured would otherwise pay for the compiler of the JVM. */
    static void warmUp(Case of, UnrollMode mode, Settings settings) {
        new Trial(of, mode, null, settings).warmUp();
    }

    /** Says how the plan of a case is run, as {@link Plan#explain} does. */
    static String explain(Case of, Settings settings) {
        return Objects.requireNonNull(new Trial(of, UnrollMode.STATIC, null, settings).plan)
                .explain();
    }

    /** Trains for as long as is asked for, and up to some times that until the times of three passes in a row agree. */
    private void warmUp() {
        double[] latest = new double[IN_A_ROW];
        long start = System.nanoTime();
        int passes = 0;
        double waited = 0;
        while (waited < settings.warmupSeconds || (waited < MOST_WARMUP * settings.warmupSeconds && !agree(latest))) {
            pass();
            double before = waited;
            waited = (System.nanoTime() - start) / NANOS;
            latest[passes++ % IN_A_ROW] = waited - before;
        }
    }

    private static boolean agree(double[] seconds) {
        double least = Arrays.stream(seconds).min().orElse(0);
        return least > 0 && Arrays.stream(seconds).max().orElse(0) <= AGREEMENT * least;
    }

    private Begun begin() {
        MemoryReport predicted = whole(predicted());
        for (int pass = 0; pass < PASSES_BEFORE; pass++) {
            pass();
        }
        String lossBits = settings.dtype == DType.FLOAT32
                ? String.format("%08x", Float.floatToRawIntBits((float) loss))
                : String.format("%016x", Double.doubleToRawLongBits(loss));
        watches = true;
        MemoryReport measured = whole(plan != null ? plan.memory() : most(this::train));
        watches = false;
        return new Begun(this, predicted, measured, lossBits);
    }

    private void time(int repetition) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        long from = System.nanoTime();
        pass();
        seconds[repetition] = (System.nanoTime() - from) / NANOS;
        allocated += threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static double median(double[] numbers) {
        double[] sorted = numbers.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Allocates nothing itself, since what is allocated is told. */
    private void pass() {
        for (int i = 0; i < batches.size(); i++) {
            train(batches.get(i));
        }
    }

    private void train(Tensor[] batch) {
        loss = plan != null ? step.run(plan, batch) : step.run(tape -> loss(tape, List.of(batch)));
    }

    /** Tells before the first batch what training will take up: as planned, or as batches take it up that are gone through in rehearsal. */
    private MemoryReport predicted() {
        if (plan != null) {
            return plan.memory();
        }
        Graph rehearsal = Graph.rehearsal();
        rehearsal.threads(settings.threads);
        return most(batch -> {
            rehearsal.reset();
            rehearsal.training(settings.seed);
            rehearsal.backward(loss(rehearsal, List.of(batch)));
        });
    }

    /** Returns what is taken up over the batch that takes up most. */
    private MemoryReport most(Consumer<Tensor[]> work) {
        MemoryReport most = null;
        for (Tensor[] batch : batches) {
            work.accept(batch);
            MemoryReport taken = Objects.requireNonNull(graph).memory();
            most = most == null || taken.peak().total() > most.peak().total() ? taken : most;
        }
        return Objects.requireNonNull(most);
    }

    /** Adds to what a run takes up what is there all the time. */
    private MemoryReport whole(MemoryReport run) {
        long bytes = 0;
        for (Parameter parameter : optimizer.parameters()) {
            bytes += (long) parameter.shape().size() * parameter.dtype().bytes();
        }
        return run.with(MemoryUse.PARAMETERS, bytes)
                .with(MemoryUse.GRADIENTS, bytes)
                .with(MemoryUse.OPTIMISER, optimizer.bytes());
    }
}
