/** What readers of data share. */
@NullMarked
package dev.unfold.examples.data;

import org.jspecify.annotations.NullMarked;
