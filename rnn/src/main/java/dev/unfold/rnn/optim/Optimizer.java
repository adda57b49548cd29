package dev.unfold.rnn.optim;

import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.UpdateKernels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Changes parameters by their gradients, so that the loss falls. All memory is taken when the optimiser is made; a step
 * allocates nothing and reads, but never changes, the gradients.
 *
 * <p>Not for use by several threads at once, nor while a graph runs over the same parameters.
 */
public abstract class Optimizer {
    private final String name;
    private final List<Parameter> parameters;
    private double learningRate;
    private long steps;
    private final List<Portion> portions = new ArrayList<>();
    private final int states;

    /**
     * Makes an optimiser.
     *
     * @param name what messages begin with
     * @param parameters the parameters to change, each once and each under a name of its own
     * @param learningRate a finite number above 0
     * @param states how many tensors of its shape are kept from step to step for each parameter, zeros at first
     * @throws IllegalArgumentException for no parameters, a parameter given twice, two of one name, or a wrong rate
     */
    protected Optimizer(String name, List<Parameter> parameters, double learningRate, int states) {
        this.name = name;
        this.parameters = List.copyOf(parameters);
        this.learningRate = Checks.positive(name, "learning rate", learningRate);
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException(name + ": no parameters are given; expected at least one");
        }
        Checks.distinct(name, this.parameters);
        Map<String, Parameter> named = new HashMap<>();
        for (Parameter parameter : this.parameters) {
            Parameter other = named.put(parameter.name(), parameter);
            if (other != null) {
                throw new IllegalArgumentException(name + ": " + other + " and " + parameter
                        + " have one name; give every parameter a name of its own");
            }
            portions.add(new Portion(parameter, states));
        }
        this.states = states;
    }

    /**
     * Updates every parameter, in the order of the list, by its gradient; of an embedding those rows that the update changes, with the
     * bits of updating all, as long as no number is NaN or infinite.
     */
    public final void step() {
        steps++;
        for (int i = 0; i < portions.size(); i++) {
            Portion portion = portions.get(i);
            UpdateKernels kernels = Kernels.of(portion.value().dtype()).updates();
            for (boolean more = portion.first(reach()); more; more = portion.next()) {
                update(portion, kernels);
            }
        }
    }

    /**
     * Updates a parameter, or some of its rows. {@link #steps()} counts the present step already: it is 1 during the first.
     *
     * @param kernels those of the parameter's type
     */
    protected abstract void update(Portion portion, UpdateKernels kernels);

    /** What a step changes, see {@link #reach()}. */
    protected enum Reach {
        /** Numbers whose gradient is not zero. */
        GRADIENT,
        /** Those, and what has been changed before: something kept from step to step dies away. */
        EVER,
        /** Anything: a decay. */
        ALL
    }

    /** Returns which numbers, with what is kept for them, a step may change; all unless overridden, in any step the same. */
    protected Reach reach() {
        return Reach.ALL;
    }

    /** Sets the gradients of all parameters to zero. */
    public final void zeroGradients() {
        for (int i = 0; i < parameters.size(); i++) {
            parameters.get(i).zeroGradient();
        }
    }

    /** Returns the parameters, in the order in which they are updated. */
    public final List<Parameter> parameters() {
        return parameters;
    }

    /** Returns the learning rate. */
    public final double learningRate() {
        return learningRate;
    }

    /**
     * Sets the learning rate of the steps to come.
     *
     * @throws IllegalArgumentException for a rate that is not a finite number above 0
     */
    public final void learningRate(double learningRate) {
        this.learningRate = Checks.positive(name, "learning rate", learningRate);
    }

    /** Returns the number of steps made. */
    public final long steps() {
        return steps;
    }

    /**
     * Returns the tensors that are kept from step to step, zeros at first, each as {@code NUMBER/PARAMETER}. With {@link #steps()} and the
     * parameters' values they are all that the steps to come depend on, besides gradients and rate.
     */
    public final Map<String, Tensor> state() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        for (int i = 0; i < portions.size(); i++) {
            List<Tensor> kept = portions.get(i).states();
            for (int number = 0; number < kept.size(); number++) {
                all.put(number + "/" + parameters.get(i).name(), kept.get(number));
            }
        }
        return all;
    }

    /**
     * Goes on as an optimiser that had made so many steps, whose {@link #state()} has been copied into that of this one.
     *
     * @throws IllegalArgumentException for less than 0
     */
    public final void restore(long stepsMade) {
        if (stepsMade < 0) {
            throw new IllegalArgumentException(name + ": " + stepsMade + " steps are made; expected 0 or more");
        }
        steps = stepsMade;
        portions.forEach(Portion::restored);
    }

    /** Returns its name, and its options where it has some; not the rate. */
    @Override
    public String toString() {
        return name;
    }

    /** Returns the bytes of the tensors that are kept from step to step, without the parameters and their gradients. */
    public final long bytes() {
        return parameters.stream()
                .mapToLong(each ->
                        (long) states * each.shape().size() * each.dtype().bytes())
                .sum();
    }
}
