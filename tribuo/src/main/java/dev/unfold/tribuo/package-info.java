/**
 * Recurrent networks as trainers and models of <a href="https://tribuo.org">Tribuo</a>: {@link
 * dev.unfold.tribuo.RecurrentSequenceTrainer} gives every example of a sequence a label, {@link
 * dev.unfold.tribuo.RecurrentClassifierTrainer} classifies examples whose features lie on a grid, such as the pixels of an image.
 */
@NullMarked
package dev.unfold.tribuo;

import org.jspecify.annotations.NullMarked;
