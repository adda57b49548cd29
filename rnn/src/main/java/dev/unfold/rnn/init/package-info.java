/**
 * First values of parameters: an {@link dev.unfold.rnn.init.Initializer} fills a tensor with draws of a generator.
 *
 * <p>Any {@link org.apache.commons.math3.random.RandomGenerator} will do, and one seed always gives the same values.
 * {@link dev.unfold.rnn.init.NumpyRandom} gives the values that NumPy's {@code RandomState} gives.
 *
 * <p>Matrices are {@code [fan-in, fan-out]}, to be multiplied from the right: {@code y = x W}.
 */
@NullMarked
package dev.unfold.rnn.init;

import org.jspecify.annotations.NullMarked;
