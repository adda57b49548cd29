package dev.unfold.ops.kernel;

/**
 * Which tokens of a cross entropy count and by what their sum is divided.
 *
 * @param meanOverRows whether the divisor is the number of rows of the batch, the last axis of the labels; else it is the
 *     sum of the weights of the tokens that count
 * @param ignores whether tokens with a certain label do not count
 * @param ignored that label
 */
public record LabelRules(boolean meanOverRows, boolean ignores, int ignored) {}
