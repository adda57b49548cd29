/** Weights from and for other systems. */
@NullMarked
package dev.unfold.examples.convert;

import org.jspecify.annotations.NullMarked;
