package dev.unfold.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A recording that is replayed batch after batch: the greatest is recorded before the first, and batches of a size that came before
 * allocate nothing. What is recorded is the same code that runs on a {@link Graph}, and gives the same bits.
 *
 * <pre>{@code
 * Plan plan = Plan.training((graph, in) -> model.loss(graph, in.get(0), in.get(1)), greatestInputs, greatestLabels);
 * double loss = plan.run(inputs, labels).item();
 * plan.backward();
 * }</pre>
 *
 * <p>Batches may be smaller than the greatest along any axis. The first of each size is recorded anew, with as many operations as the
 * greatest however many steps a {@link Loop} unrolls, and with constants of its own (zeros of an initial state, a mask); values and
 * gradients live in the memory of the greatest. A plan belongs to one thread at a time.
 */
public final class Plan {
    private final boolean training;
    private final Recording recording;
    private final Tensor[] greatest;
    private final Memory memory = new Memory();
    private final List<Recorded> sizes = new ArrayList<>();
    private Recorded present;
    private @Nullable Team team;
    private long seed;
    private boolean ran;

    /** What a plan records. */
    public interface Recording {
        /**
         * Records the work on one batch. It must record the same whatever the tensors hold, and not look at what they hold itself.
         *
         * @param graph where to record; it has no values yet
         * @param inputs what the batch consists of
         * @return what is wanted of it; one number where it is to be differentiated
         */
        Node record(Graph graph, List<Tensor> inputs);
    }

    /** The recording for batches of one size. */
    private record Recorded(List<Tensor> inputs, Graph graph, Node root, List<Node> roots) {}

    private Plan(boolean training, Recording recording, Tensor[] greatest) {
        this.training = training;
        this.recording = recording;
        this.greatest = new Tensor[greatest.length];
        for (int i = 0; i < greatest.length; i++) {
            this.greatest[i] = Tensor.zeros(greatest[i].dtype(), greatest[i].shape());
        }
        memory.measure(() -> record(greatest));
        this.present = sizes.get(0);
    }

    /**
     * Records work that ends in a loss, to be trained on.
     *
     * @param recording records the loss, one number
     * @param greatest tensors of the types and greatest shapes that a batch will have; what they hold does not matter
     * @throws IllegalArgumentException where the recording ends in more than one number, or in one that depends on nothing that is
     *     learned, or refuses its inputs
     * @throws IllegalStateException where the recording asks for values
     */
    public static Plan training(Recording recording, Tensor... greatest) {
        return new Plan(true, recording, greatest);
    }

    /**
     * Records work that is not to be differentiated.
     *
     * @param recording records what is wanted
     * @param greatest tensors of the types and greatest shapes that a batch will have; what they hold does not matter
     * @throws IllegalArgumentException where the recording refuses its inputs
     * @throws IllegalStateException where the recording asks for values
     */
    public static Plan inference(Recording recording, Tensor... greatest) {
        return new Plan(false, recording, greatest);
    }

    private Recorded record(Tensor[] batch) {
        memory.reset();
        Graph graph = new Graph(training, "plan", memory, memory::place);
        if (training) {
            graph.trains(seed);
        }
        Tensor[] inputs = new Tensor[batch.length];
        for (int i = 0; i < batch.length; i++) {
            inputs[i] = Tensor.unplaced(batch[i].dtype(), batch[i].shape());
            inputs[i].place(greatest[i], 0);
        }
        Node root = recording.record(graph, List.of(inputs));
        if (root.graph() != graph) {
            throw new IllegalArgumentException("plan: the recording gives back " + root + " of another graph");
        }
        if (training && root.shape().size() != 1) {
            throw new IllegalArgumentException("plan: the recording ends in " + root + "; a loss is one number, so"
                    + " reduce it by a sum or a mean");
        }
        if (training && !root.needsGradient) {
            throw new IllegalArgumentException(
                    "plan: the recording ends in " + root + ", which depends on no parameter and no variable");
        }
        graph.placeGradients();
        graph.close();
        Recorded made = new Recorded(List.of(inputs), graph, root, List.of(root));
        sizes.add(made);
        return made;
    }

    /**
     * Runs the work on a batch.
     *
     * @param batch as many tensors as were planned for, of their types, along no axis longer; they are copied
     * @return the value of what was recorded; it is overwritten by the next run
     * @throws IllegalArgumentException for a batch that there is no room for, or where an operation refuses what it holds
     * @throws IllegalStateException where its size is new and the recording asks for values
     */
    public Tensor run(Tensor... batch) {
        check(batch);
        ran = false;
        if (!matches(present, batch)) {
            present.graph.leave();
            present = find(batch);
        }
        for (int i = 0; i < batch.length; i++) {
            present.inputs.get(i).copyFrom(batch[i]);
        }
        present.graph.replay(seed);
        ran = true;
        return present.root.value;
    }

    private Recorded find(Tensor[] batch) {
        for (int i = 0; i < sizes.size(); i++) {
            if (matches(sizes.get(i), batch)) {
                return sizes.get(i);
            }
        }
        Recorded made = record(batch);
        made.graph.work(team);
        return made;
    }

    private static boolean matches(Recorded recorded, Tensor[] batch) {
        boolean matches = true;
        for (int i = 0; matches && i < batch.length; i++) {
            matches = recorded.inputs.get(i).shape().equals(batch[i].shape());
        }
        return matches;
    }

    private void check(Tensor[] batch) {
        if (batch.length != greatest.length) {
            throw new IllegalArgumentException(
                    "plan: tensors in the batch: " + batch.length + "; planned for: " + greatest.length);
        }
        for (int i = 0; i < batch.length; i++) {
            Shape room = greatest[i].shape();
            Shape shape = batch[i].shape();
            boolean fits = batch[i].dtype() == greatest[i].dtype() && shape.rank() == room.rank();
            for (int axis = 0; fits && axis < room.rank(); axis++) {
                fits = shape.dim(axis) <= room.dim(axis);
            }
            if (!fits) {
                throw new IllegalArgumentException("plan: input " + i + " is " + batch[i].dtype() + " " + shape
                        + "; it is planned for at most " + greatest[i].dtype() + " " + room
                        + "; cut the batch or plan for more");
            }
        }
    }

    /**
     * Adds to the gradients of parameters the derivatives of the loss of the last run.
     *
     * @throws IllegalStateException before the first run, after one that failed, a second time after one run, or for a plan made for
     *     inference
     */
    public void backward() {
        checkRan();
        if (!training) {
            throw new IllegalStateException(
                    "plan: made for inference and cannot be differentiated; make it by Plan.training");
        }
        if (present.graph.isSpent()) {
            throw new IllegalStateException("plan: this run is already differentiated; run the next batch first");
        }
        present.graph.differentiate(present.roots, null);
    }

    private void checkRan() {
        if (!ran) {
            throw new IllegalStateException("plan: nothing has run, or the last run failed; run a batch first");
        }
    }

    /** Lets randomness in the runs from here on (dropout) be drawn from a seed; give each batch another. */
    public void seed(long seed) {
        this.seed = seed;
    }

    /**
     * Lets so many threads share the work: see {@link Graph#threads(int)}.
     *
     * @throws IllegalArgumentException for less than 1
     */
    public void threads(int count) {
        team = Team.of(count);
        for (Recorded each : sizes) {
            each.graph.work(team);
        }
    }

    /**
     * Describes where NaN or infinity first came up in the last run: see {@link Graph#firstNonFinite()}. To be asked before parameters are
     * updated, since steps of loops are run again to find out.
     *
     * @throws IllegalStateException before the first run, or after one that failed
     */
    public Optional<String> firstNonFinite() {
        checkRan();
        return present.graph.firstNonFinite();
    }

    /**
     * Returns the bytes of the memory in which batches, values and gradients live. Most of it is there before the first run; a smaller size
     * may add to it when it is first recorded, since its values lie otherwise. Not counted are constants that a recording makes, and what
     * kernels make when they first run: weights packed for products, up to two copies of each, and scratch for each thread.
     */
    public long bytes() {
        return memory.bytes() + room();
    }

    /** The bytes of the room for a batch. */
    private long room() {
        return Arrays.stream(greatest).mapToLong(Plan::bytes).sum();
    }

    private static long bytes(@Nullable Tensor tensor) {
        return tensor == null ? 0 : (long) tensor.size() * tensor.dtype().bytes();
    }

    /**
     * Returns {@link #bytes} by what they are for. A plan takes them up for as long as there is one: all moments are alike, one for each
     * step of the greatest batch, forwards and, for training, backwards. Parameters, their gradients and an optimiser are not the plan's.
     */
    public MemoryReport memory() {
        Graph graph = sizes.get(0).graph;
        long kept = memory.keptInLoops();
        int steps = memory.maxSteps();
        for (int id = 0; id < graph.size(); id++) {
            Node node = graph.node(id);
            kept += node.op == null ? 0 : bytes(node.value) + bytes(node.saved);
            steps = Math.max(steps, node.step + 1);
        }
        Map<MemoryUse, Long> uses =
                Map.of(MemoryUse.ACTIVATIONS, kept, MemoryUse.WORKSPACE, memory.bytes() - kept, MemoryUse.PLAN, room());
        int outside = steps == 0 ? Node.NO_STEP : 0;
        List<MemoryReport.Moment> moments = new ArrayList<>();
        for (int step = outside; step < steps; step++) {
            moments.add(new MemoryReport.Moment(false, step, uses));
        }
        for (int step = steps - 1; training && step >= outside; step--) {
            moments.add(new MemoryReport.Moment(true, step, uses));
        }
        return new MemoryReport(moments);
    }

    /**
     * Describes how the present size is run: for each loop the operations that were hoisted out of it, those that are chained, what is
     * stored for all steps and what is dropped behind each, and how gradients of parameters are added up, with bytes and floating-point
     * operations for one row of one step.
     */
    public String explain() {
        return String.format(Locale.ROOT, "plan: %d recorded values, %,d bytes\n", present.graph.size(), bytes())
                + present.graph.explain();
    }

    /** The recording of the present size. */
    Graph graph() {
        return present.graph;
    }

    /** Returns the number of recorded values of the present size; what loops record counts once, however many steps they run. */
    public int size() {
        return present.graph.size();
    }
}
