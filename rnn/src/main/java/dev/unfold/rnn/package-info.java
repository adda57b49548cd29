/**
 * Recurrence. A {@link dev.unfold.rnn.cell.Cell} is one step; {@link dev.unfold.rnn.unroll.Unroll} unfolds it over time;
 * a model of {@link dev.unfold.rnn.model} adds what comes before and after; {@link dev.unfold.rnn.train.TrainStep} turns a
 * batch into an update by an optimiser of {@link dev.unfold.rnn.optim}. First weights come from
 * {@link dev.unfold.rnn.init}. {@link dev.unfold.rnn.check.CellContract} tests cells. {@link dev.unfold.rnn.io.ModelFile} keeps weights in
 * files, {@link dev.unfold.rnn.weights.Import} takes them from other systems, {@link dev.unfold.rnn.report.ReportPage} shows a run in a
 * browser.
 *
 * <p>Import order: {@code init}, {@code layer} and {@code cell}, {@code unroll}, {@code check} and {@code optim}, {@code model} and
 * {@code train}; {@code io} imports nothing of these, {@code weights} imports {@code unroll}, what lies below it, and {@code io}; nothing
 * imports {@code weights} and {@code report}.
 */
@NullMarked
package dev.unfold.rnn;

import org.jspecify.annotations.NullMarked;
