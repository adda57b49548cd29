/** From a batch to an update. */
@NullMarked
package dev.unfold.rnn.train;

import org.jspecify.annotations.NullMarked;
