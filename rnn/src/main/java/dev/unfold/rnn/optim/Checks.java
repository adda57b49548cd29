package dev.unfold.rnn.optim;

import dev.unfold.graph.Parameter;
import java.util.List;

/** Checks of settings, whose messages begin with the name of the optimiser. */
final class Checks {
    private Checks() {}

    static double positive(String name, String what, double number) {
        if (!Double.isFinite(number) || number <= 0) {
            throw wrong(name, what, number, "a finite number above 0");
        }
        return number;
    }

    static void notNegative(String name, String what, double number) {
        if (!Double.isFinite(number) || number < 0) {
            throw wrong(name, what, number, "a finite number, 0 or above");
        }
    }

    static void fraction(String name, String what, double number) {
        if (!(number >= 0 && number < 1)) {
            throw wrong(name, what, number, "a number from 0 up to but not including 1");
        }
    }

    /** Epsilon keeps a divisor above zero, so it must do so in float32 as well. */
    static void epsilon(String name, double number) {
        if (!Double.isFinite(number) || number < Float.MIN_NORMAL) {
            throw wrong(name, "epsilon", number, "a finite number of at least 1.2e-38, or float32 may divide by zero");
        }
    }

    private static IllegalArgumentException wrong(String name, String what, double number, String expected) {
        return new IllegalArgumentException(name + ": " + what + " is " + number + "; expected " + expected);
    }

    // Compares all pairs: lists are short, and clipping calls this at every step and must not allocate.
    static void distinct(String name, List<Parameter> parameters) {
        for (int i = 0; i < parameters.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (parameters.get(i) == parameters.get(j)) {
                    throw new IllegalArgumentException(name + ": " + parameters.get(i) + " is at positions " + j
                            + " and " + i + " of the list; give it once");
                }
            }
        }
    }
}
