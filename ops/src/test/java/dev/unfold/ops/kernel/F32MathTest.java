package dev.unfold.ops.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class F32MathTest {
    private static final long SEED = 5;

    /** A function of one float32. */
    private interface FloatFunction {
        float apply(float x);
    }

    /** One of our functions and what it should be. */
    record Function(String name, double mostUlps, FloatFunction ours, DoubleUnaryOperator exact) {
        /** Returns the error in units in the last place of the exact result, rounded to float32. */
        double ulps(float x) {
            double wanted = exact.applyAsDouble(x);
            float got = ours.apply(x);
            if (Double.isNaN(wanted) || Float.isInfinite((float) wanted)) {
                return Float.compare(got, (float) wanted) == 0 ? 0 : Double.POSITIVE_INFINITY;
            }
            boolean flushed = Math.abs(wanted) < Float.MIN_NORMAL && got == 0;
            return flushed ? 0 : Math.abs(got - wanted) / Math.ulp((float) wanted);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Function> functions() {
        return List.of(
                new Function("exp", 2, F32Math::exp, StrictMath::exp),
                new Function("log", 1, F32Math::log, StrictMath::log),
                new Function("sigmoid", 3, F32Math::sigmoid, x -> 1 / (1 + StrictMath.exp(-x))),
                new Function("tanh", 3, F32Math::tanh, StrictMath::tanh),
                new Function("expm1", 1, F32Math::expm1, StrictMath::expm1),
                new Function(
                        "softplus",
                        2,
                        F32Math::softplus,
                        x -> Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)))));
    }

    /** The worst of the numbers that a function was tried on. */
    private static final class Worst {
        private final Function function;
        private double ulps;
        private float at;

        Worst(Function function) {
            this.function = function;
        }

        void tryOn(float x) {
            double error = function.ulps(x);
            if (!(error <= ulps)) {
                ulps = error;
                at = x;
            }
        }

        void report() {
            String found = String.format(
                    Locale.ROOT, "%s: at most %.3f ulp, at %s (%08x)", function, ulps, at, Float.floatToRawIntBits(at));
            System.out.println(found);
            assertThat(ulps).as("%s, seed %d", found, SEED).isLessThanOrEqualTo(function.mostUlps);
        }
    }

    @ParameterizedTest
    @MethodSource("functions")
    void should_be_within_a_few_ulp(Function function) {
        Worst worst = new Worst(function);
        for (int i = -400_000; i <= 400_000; i++) {
            worst.tryOn(i * 0x1p-12f);
            worst.tryOn(i * 0x1p-16f);
        }
        for (long bits = 0; bits < 1L << 32; bits += 2039) {
            worst.tryOn(Float.intBitsToFloat((int) bits));
        }
        Random random = new Random(SEED);
        for (int i = 0; i < 1_000_000; i++) {
            worst.tryOn(Float.intBitsToFloat(random.nextInt()));
        }
        worst.report();
    }

    @ParameterizedTest
    @MethodSource("functions")
    void should_pass_nan_on_and_know_the_infinities(Function function) {
        for (float x : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f}) {
            Float wanted = (float) function.exact.applyAsDouble(x);
            assertThat(Float.valueOf(function.ours.apply(x)))
                    .as("%s of %s", function, x)
                    .isEqualTo(wanted);
        }
    }

    @Test
    void should_stay_within_bounds() {
        for (long bits = 0; bits < 1L << 32; bits += 4093) {
            float x = Float.intBitsToFloat((int) bits);
            if (!Float.isNaN(x)) {
                boolean within = Math.abs(F32Math.tanh(x)) <= 1
                        && F32Math.sigmoid(x) >= 0
                        && F32Math.sigmoid(x) <= 1
                        && F32Math.exp(x) >= 0
                        && F32Math.softplus(x) >= 0;
                assertThat(within).as("bounds at %s", x).isTrue();
            }
        }
    }

    @Test
    void tanh_is_odd_and_keeps_the_sign_of_zero() {
        Random random = new Random(SEED);
        for (int i = 0; i < 100_000; i++) {
            float x = (float) (20 * random.nextDouble() - 10);
            assertThat(F32Math.tanh(-x)).as("seed %d, x %s", SEED, x).isEqualTo(-F32Math.tanh(x));
        }
        assertThat(Float.floatToRawIntBits(F32Math.tanh(-0f))).isEqualTo(Float.floatToRawIntBits(-0f));
    }

    @Test
    void should_be_exact_in_every_float_around_the_ends_of_exp() {
        Function exp = functions().get(0);
        for (float x = 88.7f; x < 88.8f; x = Math.nextUp(x)) {
            assertThat(exp.ulps(x)).as("exp of %s", x).isLessThan(2);
        }
        for (float x = -87.3f; x > -87.4f; x = Math.nextDown(x)) {
            assertThat(exp.ulps(x)).as("exp of %s", x).isLessThan(2);
        }
    }

    @Test
    void should_round_at_the_ends_of_exp() {
        assertThat(F32Math.exp(0f)).isEqualTo(1f);
        assertThat(F32Math.exp(88.72283f)).isLessThan(Float.POSITIVE_INFINITY);
        assertThat(F32Math.exp(88.72284f)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(F32Math.exp(-87.33654f)).isBetween(0f, 1.2e-38f);
        assertThat(F32Math.exp(-87.4f)).isZero();
    }

    @Test
    void gelu_agrees_with_the_normal_distribution() {
        assertThat(F64Math.gelu(1)).isCloseTo(0.8413447460685429, within(1e-15));
        assertThat(F64Math.gelu(-1)).isCloseTo(-0.15865525393145707, within(1e-15));
        assertThat(F64Math.gelu(0)).isZero();
        assertThat(F64Math.gelu(3)).isCloseTo(3 * 0.9986501019683699, within(1e-15));
        assertThat(F32Math.gelu(1)).isEqualTo((float) 0.8413447460685429);
        assertThat(F64Math.gelu(100)).isEqualTo(100);
        assertThat(F64Math.gelu(-100)).isZero();
    }

    @Test
    void gelu_knows_the_infinities() {
        assertThat(F64Math.gelu(Double.POSITIVE_INFINITY)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(F64Math.gelu(Double.NEGATIVE_INFINITY)).isZero();
        assertThat(F64Math.geluSlope(Double.POSITIVE_INFINITY)).isEqualTo(1);
        assertThat(F32Math.geluSlope(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(F64Math.gelu(Double.NaN) + F64Math.geluSlope(Double.NaN)).isNaN();
        assertThat(F32Math.gelu(Float.NaN) + F32Math.geluSlope(Float.NaN)).isNaN();
    }
}
