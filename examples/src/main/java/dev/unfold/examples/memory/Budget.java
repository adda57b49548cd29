package dev.unfold.examples.memory;

import dev.unfold.graph.MemoryReport;
import dev.unfold.graph.MemoryUse;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A budget of bytes, as it was given: a size, or a share of what is taken up without one.
 *
 * @param given by the user
 * @param bytes of a size; 0 for a share
 * @param share from above 0 to 1, which is all of it; 0 for a size
 */
record Budget(String given, long bytes, double share) {
    static final String EXPECTED =
            "sizes such as 28300000, 512K, 32M or 1G, or shares of what is taken up without a budget, such as 1/10, 10% or 1";

    private static final Pattern FRACTION = Pattern.compile("(\\d{1,9})/(\\d{1,9})");
    private static final Pattern PERCENTAGE = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,9})?)%");
    private static final Pattern SIZE = Pattern.compile("(?i)(\\d{1,9})([KMG])");
    private static final String PLAIN = "\\d{1,15}";
    private static final double PERCENT = 100;
    /** By the place of a unit in this. */
    private static final String UNITS = " KMG";

    private static final int BITS = 10;

    /** Returns the budget of a text; empty for none. */
    static Optional<Budget> of(String text) {
        Matcher fraction = FRACTION.matcher(text);
        Matcher percentage = PERCENTAGE.matcher(text);
        Matcher size = SIZE.matcher(text);
        Budget budget = new Budget(text, 0, 0);
        if (text.equals("1")) {
            budget = new Budget(text, 0, 1);
        } else if (fraction.matches()) {
            budget = new Budget(text, 0, Double.parseDouble(fraction.group(1)) / Double.parseDouble(fraction.group(2)));
        } else if (percentage.matches()) {
            budget = new Budget(text, 0, Double.parseDouble(percentage.group(1)) / PERCENT);
        } else if (size.matches()) {
            int unit = UNITS.indexOf(Character.toUpperCase(size.group(2).charAt(0)));
            budget = new Budget(text, Long.parseLong(size.group(1)) << (BITS * unit), 0);
        } else if (text.matches(PLAIN)) {
            budget = new Budget(text, Long.parseLong(text), 0);
        }
        return Optional.of(budget).filter(each -> each.bytes > 0 || (each.share > 0 && each.share <= 1));
    }

    /** Whether it bounds nothing. */
    boolean isAll() {
        return share == 1;
    }

    /** Returns the bytes where so many are taken up without a budget; at least one. */
    long bytesOf(long unbounded) {
        return share == 0 ? bytes : Math.max(1, (long) (share * unbounded));
    }

    /** Returns the bytes that the loop may work in: a share is of everything, so what lies elsewhere comes off it. */
    long forLoop(MemoryReport.Moment unbounded) {
        long elsewhere =
                unbounded.total() - unbounded.bytes(MemoryUse.ACTIVATIONS) - unbounded.bytes(MemoryUse.WORKSPACE);
        return share == 0 ? bytes : Math.max(1, bytesOf(unbounded.total()) - elsewhere);
    }

    /** Returns the bytes as people read them, behind the share that they are. */
    String shown(long unbounded) {
        String size = Bytes.shown(bytesOf(unbounded));
        return share == 0 ? size : given + " = " + size;
    }
}
