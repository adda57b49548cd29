package dev.unfold.rnn.train;

/** {@link Schedule#warmUp}. */
record WarmUp(int updates, Schedule then) implements Schedule {
    WarmUp {
        if (updates < 1) {
            throw new IllegalArgumentException("schedule warm-up: over " + updates + " updates; expected at least 1");
        }
    }

    @Override
    public double factor(Progress progress) {
        return Math.min(1, (progress.updates() + 1.0) / updates) * then.factor(progress);
    }

    @Override
    public boolean readsValidation() {
        return then.readsValidation();
    }
}
