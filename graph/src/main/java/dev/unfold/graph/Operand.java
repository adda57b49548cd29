package dev.unfold.graph;

/** What an operation can be given: a value of a graph, or a parameter, which the graph takes in by itself. */
public sealed interface Operand permits Node, Parameter {
    /** Returns the lengths of the operand's axes. */
    Shape shape();

    /** Returns the type of the operand's elements. */
    DType dtype();
}
