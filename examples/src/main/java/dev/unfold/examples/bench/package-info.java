/** {@code bench}: how fast the library trains, on workloads that other libraries were timed on. */
@NullMarked
package dev.unfold.examples.bench;

import org.jspecify.annotations.NullMarked;
