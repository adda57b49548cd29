/** A cell that a user might write: everything it needs is in one file. */
@NullMarked
package dev.unfold.examples.cell;

import org.jspecify.annotations.NullMarked;
