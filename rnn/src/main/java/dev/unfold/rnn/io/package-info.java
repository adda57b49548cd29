/** Weights in files: the safetensors format, and files of models and checkpoints that are told from others and from damaged ones. */
@NullMarked
package dev.unfold.rnn.io;

import org.jspecify.annotations.NullMarked;
