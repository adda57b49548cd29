package dev.unfold.rnn.cell;

import dev.unfold.graph.Node;
import dev.unfold.ops.Ops;

/** The function that a vanilla cell puts its sum through. */
public enum Activation {
    /** The hyperbolic tangent, the usual one. */
    TANH,
    /** max(x, 0). */
    RELU,
    /** 1 / (1 + e^-x). */
    SIGMOID;

    /** Records the function of a node. */
    public Node of(Node x) {
        return switch (this) {
            case TANH -> Ops.tanh(x);
            case RELU -> Ops.relu(x);
            case SIGMOID -> Ops.sigmoid(x);
        };
    }
}
