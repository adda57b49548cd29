package dev.unfold.examples.mnist;

import java.util.stream.IntStream;

/**
 * Digits to learn from, to watch the learning with, and to measure on in the end.
 *
 * @param train is learned from
 * @param dev for validation: the last of the training images, whatever is learned from
 * @param test is not looked at before the training is over
 */
record MnistParts(Digits train, Digits dev, Digits test) {
    /** One in so many training images is kept apart for validation: 5,000 of the full 60,000. */
    private static final int DEV_SHARE = 12;

    /** Parts data, of at least 2 training images: those for validation first, then so many of the others to learn from. */
    static MnistParts of(MnistData data, int learned) {
        int others = toLearnFrom(data);
        return new MnistParts(
                data.train().first(learned),
                data.train()
                        .subset(IntStream.range(others, data.train().count()).toArray()),
                data.test());
    }

    /** Returns how many training images are left to learn from. */
    static int toLearnFrom(MnistData data) {
        int count = data.train().count();
        return count - Math.max(1, count / DEV_SHARE);
    }
}
