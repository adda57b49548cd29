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

    /** Allocates twelve tensors, one of which is large. */
    private static void allocate(Arena arena, int placeOfLarge) {
        for (int i = 0; i < 12; i++) {
            arena.allocate(Shape.of(i == placeOfLarge ? 1 << 20 : 4000));
        }
    }
}
