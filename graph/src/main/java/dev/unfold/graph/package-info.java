/**
 * The engine: tensors, parameters, the tape and its backward sweep. It knows no arithmetic; operations bring theirs.
 *
 * <p>Data flows one way: a {@link dev.unfold.graph.Parameter} or an input {@link dev.unfold.graph.Tensor} becomes a
 * {@link dev.unfold.graph.Node} of a {@link dev.unfold.graph.Graph}; each {@link dev.unfold.graph.Op} recorded there
 * runs at once and appends a node; {@code backward} walks the nodes from the last to the first and leaves gradients in
 * the parameters.
 *
 * <p>Reading order: {@code DType}, {@code Shape}, {@code Tensor}, {@code Parameter}, {@code Op} with {@code Pass} and
 * {@code Reads}, {@code Node}, {@code Graph}; {@code Arena} is where values live.
 */
@NullMarked
package dev.unfold.graph;

import org.jspecify.annotations.NullMarked;
