/** Cells that a user might write: everything that one needs is in one file. */
@NullMarked
package dev.unfold.examples.cell;

import org.jspecify.annotations.NullMarked;
