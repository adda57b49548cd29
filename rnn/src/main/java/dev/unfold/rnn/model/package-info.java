/** Whole models: cells and layers put together, with their losses. */
@NullMarked
package dev.unfold.rnn.model;

import org.jspecify.annotations.NullMarked;
