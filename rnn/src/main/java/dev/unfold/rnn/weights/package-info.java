/** Weights of recurrent layers under the names and in the orders of other systems, read and written, and proven by what the layers gave out there. */
@NullMarked
package dev.unfold.rnn.weights;

import org.jspecify.annotations.NullMarked;
