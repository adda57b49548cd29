/** Handwritten digits: a strict reader of the IDX format, the MNIST data set, and a small sample of it. */
@NullMarked
package dev.unfold.examples.mnist;

import org.jspecify.annotations.NullMarked;
