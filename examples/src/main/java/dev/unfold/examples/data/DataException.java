package dev.unfold.examples.data;

/**
 * Data that cannot be used. The message is one line meant for the person who gave the data: {@code FILE: what is wrong
 * and where; what was expected; how to mend it}.
 */
public final class DataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * A problem found in the data itself.
     *
     * @param message the line; line breaks and other control characters in it (from a file name, say) become spaces
     */
    public DataException(String message) {
        super(oneLine(message));
    }

    /**
     * A problem met while reading the data.
     *
     * @param message the line; line breaks and other control characters in it (from a file name, say) become spaces
     * @param cause what failed
     */
    public DataException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    private static String oneLine(String message) {
        return message.replaceAll("[\\v\\p{Cntrl}]+", " ");
    }
}
