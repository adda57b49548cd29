/** Checking cells: {@link dev.unfold.rnn.check.CellContract} and what it reports. */
@NullMarked
package dev.unfold.rnn.check;

import org.jspecify.annotations.NullMarked;
