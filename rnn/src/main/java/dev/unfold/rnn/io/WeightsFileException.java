package dev.unfold.rnn.io;

import com.google.common.base.Ascii;
import java.nio.file.Path;

/** A file of weights that cannot be read, written or used. The message is one line: {@code FILE: what is wrong; what to do}. */
public final class WeightsFileException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int LONGEST_NAME = 80;

    /**
     * Makes the exception for what a file holds.
     *
     * @param why what was expected, what came and how to mend it; control characters in it (from names, say) become spaces
     */
    public WeightsFileException(Path file, String why) {
        super(message(file, why));
    }

    /**
     * Makes the exception for what came of another one.
     *
     * @param why what was expected, what came and how to mend it; control characters in it (from names, say) become spaces
     */
    public WeightsFileException(Path file, String why, Throwable cause) {
        super(message(file, why), cause);
    }

    private static String message(Path file, String why) {
        return (file + ": " + why).replaceAll("[\\v\\p{Cntrl}]+", " ");
    }

    /** Returns a text from a file in quotes, cut off where it is long. */
    static String quoted(String text) {
        return "'" + Ascii.truncate(text, LONGEST_NAME, "...") + "'";
    }

    /** Returns the first line of what an exception says, in quotes. */
    static String quoted(Exception exception) {
        return quoted(String.valueOf(exception.getMessage()).lines().findFirst().orElse(""));
    }
}
