/** Checking gradients: {@link dev.unfold.graph.check.GradientCheck} and what it reports. */
@NullMarked
package dev.unfold.graph.check;

import org.jspecify.annotations.NullMarked;
