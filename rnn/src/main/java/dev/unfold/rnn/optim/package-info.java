/**
 * Learning from gradients. An {@link dev.unfold.rnn.optim.Optimizer} is made for a list of parameters and changes all of
 * them at every step; {@link dev.unfold.rnn.optim.GradientClip} bounds gradients before the step.
 *
 * <pre>{@code
 * Optimizer optimizer = new Adam(parameters, 1e-3, Adam.options().weightDecay(1e-4));
 * ...
 * optimizer.zeroGradients();
 * graph.backward(loss);
 * GradientClip.clipByGlobalNorm(parameters, 5);
 * optimizer.step();
 * }</pre>
 *
 * <p>The formulas and the defaults are those of {@code torch.optim}, so that settings found there can be carried over.
 */
@NullMarked
package dev.unfold.rnn.optim;

import org.jspecify.annotations.NullMarked;
