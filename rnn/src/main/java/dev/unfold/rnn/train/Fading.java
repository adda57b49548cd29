package dev.unfold.rnn.train;

import org.apache.commons.math3.util.FastMath;

/** Schedules that need no numbers: {@link Schedule#constant}, {@link Schedule#linear} and {@link Schedule#cosine}. */
enum Fading implements Schedule {
    CONSTANT {
        @Override
        public double factor(Progress progress) {
            return 1;
        }
    },
    LINEAR {
        @Override
        public double factor(Progress progress) {
            return 1 - progress.part();
        }
    },
    COSINE {
        @Override
        public double factor(Progress progress) {
            return (1 + FastMath.cos(FastMath.PI * progress.part())) / 2;
        }
    }
}
