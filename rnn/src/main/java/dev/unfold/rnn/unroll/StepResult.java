package dev.unfold.rnn.unroll;

import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.DetachedState;

/**
 * What one step of a {@link Stepper} gives: values that nothing else holds.
 *
 * @param output {@code [N, H]}, or what it is made into
 * @param state what the next step begins with
 */
public record StepResult(Tensor output, DetachedState state) {}
