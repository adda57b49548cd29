/** What commands leave behind: JSON, plots, tables. */
@NullMarked
package dev.unfold.examples.report;

import org.jspecify.annotations.NullMarked;
