/** {@code memory}: what training takes up, by what it is for, dynamic and static. */
@NullMarked
package dev.unfold.examples.memory;

import org.jspecify.annotations.NullMarked;
