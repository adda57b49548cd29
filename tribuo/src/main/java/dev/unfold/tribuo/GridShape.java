package dev.unfold.tribuo;

import org.tribuo.ImmutableFeatureMap;
import org.tribuo.VariableInfo;

/**
 * Where on a grid a feature lies: the number that its name ends with counts the places row by row, as Tribuo's readers of IDX and LibSVM
 * files name features.
 *
 * @param first the number of the first place
 */
record GridShape(int rows, int columns, int first) {
    private static final int MOST_DIGITS = 9;

    GridShape {
        RecurrentOptions.atLeast("rows", rows, 1);
        RecurrentOptions.atLeast("columns", columns, 1);
        RecurrentOptions.atLeast("firstFeature", first, 0);
        if ((long) rows * columns > RecurrentOptions.MOST) {
            throw new IllegalArgumentException("grid: " + rows + " rows of " + columns + " columns are more than "
                    + RecurrentOptions.MOST + " places");
        }
    }

    /**
     * Checks that all features of a domain lie on the grid, each at a place of its own.
     *
     * @throws IllegalArgumentException where one does not
     */
    void check(ImmutableFeatureMap domain) {
        String[] taken = new String[rows * columns];
        for (VariableInfo feature : domain) {
            int position = position(feature.getName());
            if (taken[position] != null) {
                throw new IllegalArgumentException("features '" + taken[position] + "' and '" + feature.getName()
                        + "' end with one number; each place of the grid takes one");
            }
            taken[position] = feature.getName();
        }
    }

    /**
     * Returns the place of a feature, from 0 on, row by row.
     *
     * @throws IllegalArgumentException where its name ends with no number, or one outside the grid
     */
    int position(String feature) {
        int from = feature.length();
        while (from > 0 && feature.charAt(from - 1) >= '0' && feature.charAt(from - 1) <= '9') {
            from--;
        }
        int begin = Math.max(from, feature.length() - MOST_DIGITS);
        boolean longer = feature.substring(from, begin).chars().anyMatch(digit -> digit != '0');
        int position = from == feature.length() || longer ? -1 : Integer.parseInt(feature.substring(begin)) - first;
        if (position < 0 || position >= rows * columns) {
            throw new IllegalArgumentException("feature '" + feature + "': its name must end with a number from "
                    + first + " to " + (first + rows * columns - 1) + ", its place on the grid of " + rows
                    + " rows and "
                    + columns + " columns; set rows, columns and firstFeature to what the data has");
        }
        return position;
    }
}
