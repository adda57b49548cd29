package dev.unfold.graph;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that do the parts of one task side by side. The caller does the first part and any that no other thread has begun by then, so a
 * busy machine delays nothing. Helpers spin for a while when there is nothing to do, then sleep, and end soon after the last task. Running
 * a task allocates nothing, unless its helpers have ended.
 */
final class Team {
    /** In place of a lane: every one of them. */
    static final int ALL = -1;

    /** So many operations on numbers are worth more than one thread; tests have them always. */
    static final long WORTH_THREADS = Long.getLong("dev.unfold.worthThreads", 1 << 20);

    private static final int SPINS = 1 << 12;
    private static final long PAUSE = 1_000;
    /** Nanoseconds after which a helper without work ends. */
    private static final long PATIENCE = 200_000_000;

    private final Part[] parts;
    private IntConsumer task = part -> {};

    /**
     * Makes a team.
     *
     * @param size the number of parts
     */
    Team(int size) {
        this.parts = new Part[size];
        for (int i = 0; i < size; i++) {
            parts[i] = new Part(i);
        }
    }

    /**
     * Returns a team of so many threads, the caller among them; null for one.
     *
     * @throws IllegalArgumentException for less than 1
     */
    static @Nullable Team of(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + "; expected at least 1");
        }
        return threads == 1 ? null : new Team(threads);
    }

    int size() {
        return parts.length;
    }

    /** About how many operations on numbers an operation takes. */
    static long work(Node node) {
        long work = node.shape().size();
        for (int i = 0; node.op != null && i < node.inputs.length; i++) {
            work += node.op.divides(i)
                    ? 2L * node.inputs[i].shape().size() * node.shape().rows()
                    : 0;
        }
        return work;
    }

    /**
     * Does all parts of a task; throws what one of them throws when all have ended.
     *
     * @param given is given the number of a part, from 0
     */
    void run(IntConsumer given) {
        task = given;
        for (Part part : parts) {
            part.open();
        }
        for (int i = 1; i < parts.length; i++) {
            parts[i].offer();
        }
        for (Part part : parts) {
            part.claim();
        }
        Throwable failure = null;
        for (Part part : parts) {
            failure = part.await(failure);
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        if (failure instanceof Error error) {
            throw error;
        }
    }

    /** One part of each task, and the helper that does it unless the caller is there first. */
    private final class Part implements Runnable {
        private static final int OPEN = 0;
        private static final int BEGUN = 1;
        private static final int DONE = 2;

        private final int number;
        private final AtomicInteger stage = new AtomicInteger(DONE);
        /** Null where there is none, or it is about to end. */
        private volatile @Nullable Thread helper;

        private volatile boolean sleeps;
        private @Nullable Throwable failure;

        Part(int number) {
            this.number = number;
        }

        void open() {
            failure = null;
            stage.set(OPEN);
        }

        /** Calls the helper. One that ends just now leaves the part to the caller. */
        void offer() {
            Thread present = helper;
            if (present == null) {
                Thread made = new Thread(this, "unfold-" + number);
                made.setDaemon(true);
                helper = made;
                made.start();
            } else if (sleeps) {
                LockSupport.unpark(present);
            }
        }

        @Override
        public void run() {
            long idleSince = System.nanoTime();
            while (System.nanoTime() - idleSince < PATIENCE) {
                if (claim()) {
                    idleSince = System.nanoTime();
                }
                for (int spin = 0; spin < SPINS && stage.get() != OPEN; spin++) {
                    Thread.onSpinWait();
                }
                if (stage.get() != OPEN) {
                    sleeps = true;
                    if (stage.get() != OPEN) {
                        LockSupport.parkNanos(this, PATIENCE);
                    }
                    sleeps = false;
                }
            }
            helper = null;
        }

        /** Does this part unless another thread has begun it; returns whether it did. */
        boolean claim() {
            if (!stage.compareAndSet(OPEN, BEGUN)) {
                return false;
            }
            try {
                task.accept(number);
            } catch (RuntimeException | Error thrown) {
                failure = thrown;
            } finally {
                stage.set(DONE);
            }
            return true;
        }

        @Nullable
        Throwable await(@Nullable Throwable before) {
            for (int turn = 1; stage.get() != DONE; turn++) {
                if (turn % SPINS == 0) {
                    LockSupport.parkNanos(PAUSE);
                } else {
                    Thread.onSpinWait();
                }
            }
            return before == null ? failure : before;
        }
    }
}
