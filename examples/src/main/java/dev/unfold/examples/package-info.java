/** Programs: command line, data readers, example models, evaluation by Tribuo, plots. */
@NullMarked
package dev.unfold.examples;

import org.jspecify.annotations.NullMarked;
