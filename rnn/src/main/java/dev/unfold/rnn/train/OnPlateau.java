package dev.unfold.rnn.train;

import org.apache.commons.math3.util.FastMath;

/** {@link Schedule#onPlateau}. */
record OnPlateau(double by, int patience) implements Schedule {
    /** A loss must become lower by this share to be better. */
    private static final double THRESHOLD = 1e-4;

    OnPlateau {
        Decay.checkFactor("on plateau", by);
        if (patience < 0) {
            throw new IllegalArgumentException(
                    "schedule on plateau: patience is " + patience + " validations; expected 0 or more");
        }
    }

    @Override
    public double factor(Progress progress) {
        int reductions = 0;
        int waited = 0;
        double best = Double.POSITIVE_INFINITY;
        for (Epoch epoch : progress.history()) {
            Score validation = epoch.validation();
            if (validation == null) {
                continue;
            }
            boolean better = validation.loss() < best * (1 - THRESHOLD);
            best = better ? validation.loss() : best;
            waited = better ? 0 : waited + 1;
            if (waited > patience) {
                reductions++;
                waited = 0;
            }
        }
        return FastMath.pow(by, reductions);
    }

    @Override
    public boolean readsValidation() {
        return true;
    }
}
