package dev.unfold.examples.mnist;

import dev.unfold.graph.Parameter;
import dev.unfold.rnn.optim.Adagrad;
import dev.unfold.rnn.optim.Adam;
import dev.unfold.rnn.optim.AdamW;
import dev.unfold.rnn.optim.Optimizer;
import dev.unfold.rnn.optim.RmsProp;
import dev.unfold.rnn.optim.Sgd;
import java.util.List;
import java.util.Locale;

/** The optimisers that a command can be told to use, each with its usual options. */
public enum OptimizerKind {
    /** Adam. */
    ADAM,
    /** Adam with weight decay apart from the gradient. */
    ADAMW,
    /** Plain gradient descent. */
    SGD,
    /** Gradient descent with momentum. */
    MOMENTUM,
    /** RMSprop. */
    RMSPROP,
    /** Adagrad. */
    ADAGRAD;

    private static final double KEPT = 0.9;

    /** Makes an optimiser. */
    Optimizer make(List<Parameter> parameters, double learningRate) {
        return switch (this) {
            case ADAM -> new Adam(parameters, learningRate);
            case ADAMW -> new AdamW(parameters, learningRate);
            case SGD -> new Sgd(parameters, learningRate);
            case MOMENTUM -> new Sgd(parameters, learningRate, Sgd.options().momentum(KEPT));
            case RMSPROP -> new RmsProp(parameters, learningRate);
            case ADAGRAD -> new Adagrad(parameters, learningRate);
        };
    }

    /** Returns the learning rate to begin with. */
    double learningRate(CellKind cell, int hidden) {
        return switch (this) {
            case ADAM, ADAMW -> cell.learningRate(hidden);
            // Steps as long as Adam's on the whole, but no mean of gradients that would smooth them.
            case RMSPROP -> cell.learningRate(hidden) / 2;
            case SGD -> 0.2;
            case MOMENTUM -> 0.02;
            case ADAGRAD -> 0.02;
        };
    }

    /** Returns the name that users give. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
