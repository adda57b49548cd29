package dev.unfold.graph;

/** What memory is kept for. */
public enum MemoryUse {
    /** The values of parameters. */
    PARAMETERS,
    /** The gradients of parameters. */
    GRADIENTS,
    /** What an optimiser keeps from update to update. */
    OPTIMISER,
    /** Values of nodes, and what operations save, that backward reads or somebody may still ask for. */
    ACTIVATIONS,
    /** All else that a run needs for a while: values on their way, gradients of nodes, rooms that steps take in turns, scratch. */
    WORKSPACE,
    /** What a plan keeps beside the values that it computes: the room for a batch. */
    PLAN
}
