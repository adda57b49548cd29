package dev.unfold.rnn.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as a page shows them, the same in every locale. */
final class Numbers {
    private static final int DIGITS = 4;
    private static final double LEAST_PLAIN = 1e-3;
    private static final double MOST_PLAIN = 1e15;

    private Numbers() {}

    /** Returns a whole number with all its digits, another with about four that count. */
    static String text(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "∞" : "−∞";
        }
        double size = Math.abs(value);
        if (size >= MOST_PLAIN || (size > 0 && size < LEAST_PLAIN)) {
            return scientific(value);
        }
        if (value == Math.rint(value)) {
            return format("#,##0", value + 0.0);
        }
        BigDecimal exact = new BigDecimal(value);
        int before = Math.max(1, exact.precision() - exact.scale());
        return format("#,##0.######", exact.round(new MathContext(Math.max(DIGITS, before), RoundingMode.HALF_EVEN)));
    }

    /** Returns a number as one of about four digits times a power of ten. */
    static String scientific(double value) {
        return format("0.###E0", value);
    }

    /** Returns any object as text: numbers as above, null as "none". */
    static String text(@Nullable Object value) {
        if (value instanceof Number number) {
            return text(number.doubleValue());
        }
        return value == null ? "none" : value.toString();
    }

    /** Returns a place in a drawing, to a hundredth. */
    static String place(double value) {
        return format("0.##", value);
    }

    private static String format(String pattern, Number value) {
        String text = new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT)).format(value);
        return text.equals("-0") ? "0" : text;
    }
}
