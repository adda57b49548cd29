/** Cells: one step of a recurrent network each, with the state that it carries. */
@NullMarked
package dev.unfold.rnn.cell;

import org.jspecify.annotations.NullMarked;
