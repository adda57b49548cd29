/**
 * Reports as one HTML file: a {@link dev.unfold.examples.html.ReportPage} of sections, each of {@link dev.unfold.examples.html.Block}s.
 * Nothing is fetched, all is there without its script, and all text is escaped by {@link dev.unfold.examples.html.Tag}.
 */
@NullMarked
package dev.unfold.examples.html;

import org.jspecify.annotations.NullMarked;
