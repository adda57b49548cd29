/** Unfolding a cell over the steps of a sequence. */
@NullMarked
package dev.unfold.rnn.unroll;

import org.jspecify.annotations.NullMarked;
