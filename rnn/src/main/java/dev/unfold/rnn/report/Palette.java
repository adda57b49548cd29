package dev.unfold.rnn.report;

import java.util.List;

/** The colours of a page: those of series differ also for who sees few colours, and stand out from light and dark paper. */
final class Palette {
    /** A colour on light and on dark paper. */
    record Colour(String light, String dark) {}

    static final Colour PAPER = new Colour("#ffffff", "#14181d");
    static final Colour INK = new Colour("#1b1f24", "#e6e9ec");
    static final Colour FAINT_INK = new Colour("#57606a", "#a3acb5");
    static final Colour WRONG = new Colour("#b3261e", "#ff9d94");

    /** After Okabe and Ito, moved apart for who lacks one kind of cone, and away from the paper. */
    static final List<Colour> SERIES = List.of(
            new Colour("#0f76c6", "#4b92c3"),
            new Colour("#dc6b01", "#eb993d"),
            new Colour("#058654", "#38b97c"),
            new Colour("#7a2368", "#ffc3ea"),
            new Colour("#1c1c1e", "#fff9dc"),
            new Colour("#583700", "#fffa49"),
            new Colour("#6741e3", "#8d8bff"),
            new Colour("#978fa3", "#78888e"));

    /** How many shades a heat map has; the first is for nothing. */
    static final int SHADES = 10;

    private static final int[][] LIGHT_SHADES = {{0xf4, 0xf6, 0xf9}, {0x6b, 0xae, 0xd6}, {0x08, 0x30, 0x6b}};
    private static final int[][] DARK_SHADES = {{0x1e, 0x25, 0x2d}, {0x2c, 0x74, 0xac}, {0xd6, 0xeb, 0xff}};

    private Palette() {}

    /** Returns the style sheet that names the colours. */
    static String css() {
        return ":root{" + names(true) + "}\n@media screen and (prefers-color-scheme:dark){:root{" + names(false)
                + "}}\n" + classes();
    }

    /** Returns a shade of heat maps, from that for nothing on. */
    static Colour shade(int level) {
        return new Colour(mixed(LIGHT_SHADES, level), mixed(DARK_SHADES, level));
    }

    /** Returns black or white, whichever is easier to read on a shade. */
    static Colour onShade(int level) {
        Colour shade = shade(level);
        return new Colour(inkOn(shade.light()), inkOn(shade.dark()));
    }

    /** Returns the ratio of contrast that WCAG 2 defines: 1 to 21. */
    static double contrast(String one, String other) {
        double a = luminance(one);
        double b = luminance(other);
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }

    private static String names(boolean light) {
        StringBuilder names = new StringBuilder();
        name(names, "paper", PAPER, light);
        name(names, "ink", INK, light);
        name(names, "faint", FAINT_INK, light);
        name(names, "wrong", WRONG, light);
        for (int i = 0; i < SERIES.size(); i++) {
            name(names, "series" + i, SERIES.get(i), light);
        }
        for (int i = 0; i < SHADES; i++) {
            name(names, "shade" + i, shade(i), light);
            name(names, "on" + i, onShade(i), light);
        }
        return names.toString();
    }

    private static void name(StringBuilder names, String name, Colour colour, boolean light) {
        names.append("--")
                .append(name)
                .append(':')
                .append(light ? colour.light() : colour.dark())
                .append(';');
    }

    private static String classes() {
        StringBuilder classes = new StringBuilder();
        for (int i = 0; i < SERIES.size(); i++) {
            classes.append(".c").append(i).append("{--c:var(--series").append(i).append(")}\n");
        }
        for (int i = 0; i < SHADES; i++) {
            classes.append(".h")
                    .append(i)
                    .append("{--c:var(--shade")
                    .append(i)
                    .append(");--on:var(--on")
                    .append(i)
                    .append(")}\n");
        }
        return classes.toString();
    }

    private static String mixed(int[][] anchors, int level) {
        double place = (double) level / (SHADES - 1) * (anchors.length - 1);
        int below = Math.min(anchors.length - 2, (int) place);
        int mixed = 0;
        for (int channel = 0; channel < 3; channel++) {
            double from = anchors[below][channel];
            double to = anchors[below + 1][channel];
            mixed = mixed << 8 | (int) Math.round(from + (place - below) * (to - from));
        }
        return "#%06x".formatted(mixed);
    }

    private static String inkOn(String colour) {
        return contrast(colour, "#000000") >= contrast(colour, "#ffffff") ? "#000000" : "#ffffff";
    }

    private static double luminance(String colour) {
        int rgb = Integer.parseInt(colour.substring(1), 16);
        return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8 & 0xff) + 0.0722 * linear(rgb & 0xff);
    }

    private static double linear(int channel) {
        double share = channel / 255.0;
        return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
    }
}
