/** Tagging words with parts of speech. */
@NullMarked
package dev.unfold.examples.pos;

import org.jspecify.annotations.NullMarked;
