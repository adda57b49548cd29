/**
 * Reports as one HTML file: a {@link dev.unfold.rnn.report.ReportPage} of sections, each of {@link dev.unfold.rnn.report.Block}s.
 * Nothing is fetched, all is there without its script, and all text is escaped by {@link dev.unfold.rnn.report.Tag}.
 */
@NullMarked
package dev.unfold.rnn.report;

import org.jspecify.annotations.NullMarked;
