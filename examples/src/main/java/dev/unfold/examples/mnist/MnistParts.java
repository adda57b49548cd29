package dev.unfold.examples.mnist;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Digits to learn from, to watch the learning with, and to measure on in the end.
 *
 * @param train is learned from
 * @param dev for validation, the same whatever is learned from: the last training images of the full set, of another any
 * @param test is not looked at before the training is over
 */
record MnistParts(Digits train, Digits dev, Digits test) {
    /** One in so many training images is kept apart for validation: 5,000 of the full 60,000. */
    private static final int DEV_SHARE = 12;

    /** The full set is mixed and parted as it comes; others may have their digits in order, and are mixed first. */
    private static final int FULL = 60_000;

    private static final int MIXING_SEED = 1;

    /** Parts data, of at least 2 training images: those for validation first, then so many of the others to learn from. */
    static MnistParts of(MnistData data, int learned) {
        int others = toLearnFrom(data);
        int[] order = order(data.train().count());
        return new MnistParts(
                data.train().subset(Arrays.copyOf(order, learned)),
                data.train().subset(Arrays.copyOfRange(order, others, order.length)),
                data.test());
    }

    private static int[] order(int count) {
        List<Integer> order = IntStream.range(0, count).boxed().collect(Collectors.toList());
        if (count != FULL) {
            Collections.shuffle(order, new Random(MIXING_SEED));
        }
        return order.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Returns a SHA-256 over what is learned from and validated with. */
    String sha256() {
        Hasher hasher = Hashing.sha256().newHasher();
        train.put(hasher);
        dev.put(hasher);
        return hasher.hash().toString();
    }

    /** Returns how many training images are left to learn from. */
    static int toLearnFrom(MnistData data) {
        int count = data.train().count();
        return count - Math.max(1, count / DEV_SHARE);
    }
}
