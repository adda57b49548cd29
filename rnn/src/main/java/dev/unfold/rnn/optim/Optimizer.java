package dev.unfold.rnn.optim;

import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.UpdateKernels;
import java.util.ArrayList;
import java.util.HashMap;
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
    private long bytes;

    /**
     * Makes an optimiser.
     *
     * @param name what messages begin with
     * @param parameters the parameters to change, each once and each under a name of its own
     * @param learningRate a finite number above 0
     * @throws IllegalArgumentException for no parameters, a parameter given twice, two of one name, or a wrong rate
     */
    protected Optimizer(String name, List<Parameter> parameters, double learningRate) {
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
            // Gradients are made when first asked for: here rather than in the first step.
            parameter.gradient();
        }
    }

    /** Updates every parameter, in the order of the list, by its gradient. */
    public final void step() {
        steps++;
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            update(i, parameter, Kernels.of(parameter.dtype()).updates());
        }
    }

    /**
     * Updates one parameter. {@link #steps()} counts the present step already: it is 1 during the first.
     *
     * @param index the parameter's place in the list
     * @param kernels those of the parameter's type
     */
    protected abstract void update(int index, Parameter parameter, UpdateKernels kernels);

    /** Makes one tensor of zeros for each parameter, of its type and shape, in the order of the list. */
    protected final List<Tensor> newState() {
        List<Tensor> state = new ArrayList<>();
        for (Parameter parameter : parameters) {
            state.add(Tensor.zeros(parameter.dtype(), parameter.shape()));
            bytes += (long) parameter.shape().size() * parameter.dtype().bytes();
        }
        return List.copyOf(state);
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

    /** Returns the bytes of what is kept from step to step, without the parameters and their gradients. */
    public final long bytes() {
        return bytes;
    }
}
