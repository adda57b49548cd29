/**
 * Differentiable operations. One class holds one operation: its shape rule, forward, backward, and what backward reads;
 * {@link dev.unfold.ops.Ops} lists them all for {@code import static}. What is composed of other operations is a method
 * there and has no class. The loops are in {@link dev.unfold.ops.kernel}.
 *
 * <p>To add an operation, write one class that implements {@link dev.unfold.graph.Op}, with its own loops if the kernels
 * have none that fit, and record it by {@link dev.unfold.graph.Graph#record}; in the library, also a line in
 * {@code Ops} and a row in {@code OpSamples} of the tests, which puts it through the whole contract.
 */
@NullMarked
package dev.unfold.ops;

import org.jspecify.annotations.NullMarked;
