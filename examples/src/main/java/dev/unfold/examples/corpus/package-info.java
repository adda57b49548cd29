/** Readers of sentences whose words have tags. */
@NullMarked
package dev.unfold.examples.corpus;

import org.jspecify.annotations.NullMarked;
