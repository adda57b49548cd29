package dev.unfold.graph;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that do the parts of one task side by side. The caller does the first part and any that no other thread has begun by then,
 * so a busy pool delays nothing. Running a task allocates nothing.
 */
final class Team {
    /** In place of a lane: every one of them. */
    static final int ALL = -1;

    private final IntConsumer task;
    private final Part[] parts;

    /** Not the common pool, whose threads forget between tasks the working memory that kernels keep for each thread. */
    private static final class Pool {
        static final ForkJoinPool POOL =
                new ForkJoinPool(Math.max(1, Runtime.getRuntime().availableProcessors() - 1));
    }

    /**
     * Makes a team.
     *
     * @param size the number of parts
     * @param task is given the number of a part, from 0
     */
    Team(int size, IntConsumer task) {
        this.task = task;
        this.parts = new Part[size];
        for (int i = 0; i < size; i++) {
            parts[i] = new Part(i);
        }
    }

    /** Does all parts; throws what one of them throws when all have ended. */
    void run() {
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

    /** Never counts as completed, so that it can be queued again and again. */
    private final class Part extends ForkJoinTask<Void> {
        private static final long serialVersionUID = 1;
        private static final int OPEN = 0;
        private static final int BEGUN = 1;
        private static final int DONE = 2;
        private static final int SPINS = 256;
        private static final long PAUSE = 1_000;

        private final int number;
        private final AtomicInteger stage = new AtomicInteger(DONE);
        private final AtomicBoolean queued = new AtomicBoolean();

        private transient @Nullable Throwable failure;

        Part(int number) {
            this.number = number;
        }

        void open() {
            failure = null;
            stage.set(OPEN);
        }

        /** Queues this part, unless it still is from a task that others have done by now. */
        void offer() {
            if (queued.compareAndSet(false, true)) {
                Pool.POOL.execute(this);
            }
        }

        /** Does this part unless another thread has begun it. */
        void claim() {
            if (stage.compareAndSet(OPEN, BEGUN)) {
                try {
                    task.accept(number);
                } catch (RuntimeException | Error thrown) {
                    failure = thrown;
                } finally {
                    stage.set(DONE);
                }
            }
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

        @Override
        protected boolean exec() {
            queued.set(false);
            claim();
            return false;
        }

        @Override
        public @Nullable Void getRawResult() {
            return null;
        }

        @Override
        protected void setRawResult(@Nullable Void value) {}
    }
}
