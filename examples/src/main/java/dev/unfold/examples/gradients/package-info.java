/** The courses' gradient exercises. */
@NullMarked
package dev.unfold.examples.gradients;

import org.jspecify.annotations.NullMarked;
