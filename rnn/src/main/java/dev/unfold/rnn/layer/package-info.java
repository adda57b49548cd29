/** Layers without time: parameters around one operation. */
@NullMarked
package dev.unfold.rnn.layer;

import org.jspecify.annotations.NullMarked;
