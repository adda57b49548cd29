/** Language models of any text: reading, training, sampling. */
@NullMarked
package dev.unfold.examples.text;

import org.jspecify.annotations.NullMarked;
