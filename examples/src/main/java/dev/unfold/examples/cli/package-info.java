/** What commands share. */
@NullMarked
package dev.unfold.examples.cli;

import org.jspecify.annotations.NullMarked;
