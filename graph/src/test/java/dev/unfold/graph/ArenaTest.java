package dev.unfold.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArenaTest {
    @ParameterizedTest
    @EnumSource(DType.class)
    void should_hand_out_tensors_that_do_not_overlap(DType dtype) {
        Arena arena = new Arena(dtype);
        long seed = 71;
        Random random = new Random(seed);
        for (int batch = 0; batch < 5; batch++) {
            List<Tensor> tensors = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Shape shape = Shape.of(random.nextInt(7), random.nextInt(i == 60 ? 3000 : 30));
                tensors.add(arena.allocate(shape).fill(i));
                assertThat(tensors.get(i).shape()).isEqualTo(shape);
                assertThat(tensors.get(i).dtype()).isEqualTo(dtype);
            }
            for (int i = 0; i < tensors.size(); i++) {
                double value = i;
                assertThat(Arrays.stream(tensors.get(i).toDoubles()).allMatch(each -> each == value))
                        .as("seed %d, tensor %d", seed, i)
                        .isTrue();
            }
            arena.reset();
        }
    }

    @Test
    void should_use_the_same_memory_after_a_reset() {
        Arena arena = new Arena(DType.FLOAT32);
        Tensor first = arena.allocate(Shape.of(100));
        arena.allocate(Shape.of(5000));
        arena.reset();
        assertThat(arena.allocate(Shape.of(50)).floats()).isSameAs(first.floats());
    }

    @Test
    void should_count_the_bytes_that_it_holds() {
        Arena arena = new Arena(DType.FLOAT64);
        assertThat(arena.bytes()).isZero();
        arena.allocate(Shape.of(3));
        assertThat(arena.bytes()).isEqualTo(4096 * 8);
        arena.allocate(Shape.of(10_000));
        assertThat(arena.bytes()).isEqualTo((4096 + 10_000) * 8);
        arena.reset();
        assertThat(arena.bytes()).isEqualTo((4096 + 10_000) * 8);
    }

    @Test
    void should_hold_one_tensor_larger_than_any_chunk() {
        Arena arena = new Arena(DType.INT32);
        Tensor large = arena.allocate(Shape.of(5_000_000)).fill(1);
        assertThat(large.getFlat(4_999_999)).isEqualTo(1);
        assertThat(arena.bytes()).isEqualTo(20_000_000);
    }

    @Test
    void should_not_grow_when_a_large_tensor_comes_at_another_place_each_time() {
        Arena arena = new Arena(DType.FLOAT32);
        allocate(arena, 11);
        long first = arena.bytes();
        for (int place = 10; place >= 0; place--) {
            arena.reset();
            allocate(arena, place);
            assertThat(arena.bytes()).as("large tensor at %d", place).isLessThan(2 * first);
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void should_hand_out_again_what_is_released_and_nothing_else(DType dtype) {
        for (long seed = 0; seed < 20; seed++) {
            Arena arena = new Arena(dtype);
            Random random = new Random(seed);
            for (int batch = 0; batch < 3; batch++) {
                List<Tensor> live = new ArrayList<>();
                List<Double> values = new ArrayList<>();
                long bytes = 0;
                long most = 0;
                for (int i = 0; i < 1000; i++) {
                    if (random.nextInt(100) < (i % 400 < 200 ? 30 : 70) && !live.isEmpty()) {
                        int at = random.nextInt(live.size());
                        bytes -= (long) live.get(at).size() * dtype.bytes();
                        arena.release(live.remove(at));
                        values.remove(at);
                    } else {
                        live.add(arena.allocate(Shape.of(random.nextInt(9), 1 + random.nextInt(i % 50 == 0 ? 900 : 20)))
                                .fill(i));
                        values.add((double) i);
                        bytes += (long) live.get(live.size() - 1).size() * dtype.bytes();
                    }
                    most = Math.max(most, bytes);
                    assertThat(arena.liveBytes()).as("seed %d, live", seed).isEqualTo(bytes);
                }
                for (int i = 0; i < live.size(); i++) {
                    double value = values.get(i);
                    assertThat(Arrays.stream(live.get(i).toDoubles()).allMatch(each -> each == value))
                            .as("seed %d, tensor %d", seed, i)
                            .isTrue();
                }
                assertThat(arena.peakBytes()).as("seed %d, peak", seed).isEqualTo(most);
                arena.resetToOne();
            }
        }
    }

    @Test
    void should_join_what_is_released_side_by_side() {
        Arena arena = new Arena(DType.FLOAT32);
        arena.reserve(3000);
        List<Tensor> thirds = new ArrayList<>();
        for (int round = 0; round < 6; round++) {
            for (int i = 0; i < 3; i++) {
                thirds.add(arena.allocate(Shape.of(1000)));
            }
            // In another order each time.
            for (int i = 0; i < 3; i++) {
                arena.release(thirds.remove((round + i) % thirds.size()));
            }
            arena.release(arena.allocate(Shape.of(3000)));
        }
        assertThat(arena.bytes()).isEqualTo(12_000);
        assertThat(arena.liveBytes()).isZero();
    }

    @Test
    void should_hold_little_more_than_was_in_use_at_most() {
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            Arena arena = new Arena(DType.FLOAT32);
            int size = 100 + random.nextInt(2000);
            for (int i = 0; i < 3000; i++) {
                arena.allocate(Shape.of(size));
            }
            assertThat(arena.bytes() / (double) arena.peakBytes())
                    .as("seed %d, %d elements each", seed, size)
                    .isLessThan(1.15);
        }
    }

    @Test
    void two_thousand_batches_should_not_make_it_creep_upwards() {
        Random random = new Random(5);
        Arena arena = new Arena(DType.FLOAT32);
        long peak = 0;
        for (int batch = 0; batch < 2000; batch++) {
            List<Tensor> live = new ArrayList<>();
            int rows = 1 + random.nextInt(20);
            for (int step = 0; step < 60; step++) {
                for (int i = 0; i < 10; i++) {
                    live.add(arena.allocate(Shape.of(rows, i % 3 == 0 ? 64 : 16)));
                }
                for (int i = 0; i < 6; i++) {
                    arena.release(live.remove(live.size() - 1 - random.nextInt(9 - i)));
                }
            }
            peak = Math.max(peak, arena.peakBytes());
            arena.resetToOne();
        }
        assertThat(arena.bytes()).isLessThan(peak * 5 / 4);
    }

    /** Allocates twelve tensors, one of which is large. */
    private static void allocate(Arena arena, int placeOfLarge) {
        for (int i = 0; i < 12; i++) {
            arena.allocate(Shape.of(i == placeOfLarge ? 1 << 20 : 4000));
        }
    }
}
