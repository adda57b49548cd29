/**
 * Loops over arrays, one set for each precision; they know tensors but no graph.
 *
 * <p>Only the float32 classes ({@code F32...}) are written by hand; the build derives the float64 ones from them, except
 * {@code F64Math}. The {@code V32...} classes do the same as their {@code F32...} twins on the Vector API, where the module
 * {@code jdk.incubator.vector} is there, and call them for what is left behind the last vector. Every kernel gives the same bits
 * wherever and however it runs, by four rules:
 *
 * <ul>
 *   <li>an element of a matrix product is one chain of fused multiply-adds over ascending k, which begins with what the
 *       target held, so that a product over all steps equals the sum of products step by step;
 *   <li>a sum down the rows is one chain in ascending order for each column, for the same reason;
 *   <li>a sum of elements that lie side by side runs in sixteen stripes (element i in stripe i mod 16) that a fixed tree adds
 *       up;
 *   <li>exp, tanh and their like are fixed sequences of operations of our own, or {@link StrictMath}.
 * </ul>
 *
 * <p>Of a NaN only that it is one is the same everywhere; its sign and its other bits say nothing.
 *
 * <p>A kernel that ends in {@code Gradient} adds to its last argument.
 */
@NullMarked
package dev.unfold.ops.kernel;

import org.jspecify.annotations.NullMarked;
