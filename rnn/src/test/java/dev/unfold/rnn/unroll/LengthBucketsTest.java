package dev.unfold.rnn.unroll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.graph.Shape;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.unroll.LengthBuckets.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LengthBucketsTest {
    /** What is planned for, drawn at random; in one case of two there are few lengths, so that many are equal. */
    private record Case(int seed, List<Integer> lengths, int maxRows, double maxPadding) {
        static Case random(int seed, int mostSequences) {
            NumpyRandom random = new NumpyRandom(seed);
            int above = random.randint(0, 2) == 0 ? random.randint(1, 5) : random.randint(1, 40);
            List<Integer> lengths = IntStream.range(0, random.randint(0, mostSequences + 1))
                    .mapToObj(i -> random.randint(0, above))
                    .toList();
            int maxRows = random.randint(0, 10) == 0 ? Integer.MAX_VALUE : random.randint(1, lengths.size() + 3);
            return new Case(seed, lengths, maxRows, random.randint(0, 20) / 20.0);
        }

        LengthBuckets planned() {
            return LengthBuckets.of(lengths.stream().mapToInt(Integer::intValue).toArray(), maxRows, maxPadding);
        }

        /** Computes what is padded by another way than the planner. */
        long padding(List<Integer> sequences) {
            int steps = sequences.stream().mapToInt(lengths::get).max().orElse(0);
            return sequences.stream().mapToLong(i -> steps - lengths.get(i)).sum();
        }

        boolean allows(List<Integer> sequences) {
            long padding = padding(sequences);
            long real = sequences.stream().mapToLong(lengths::get).sum();
            return sequences.size() <= maxRows && (padding == 0 || (double) padding / (padding + real) <= maxPadding);
        }

        @Override
        public String toString() {
            return "seed " + seed + ": " + lengths + ", " + maxRows + " rows, padding " + maxPadding;
        }
    }

    private static void assertHolds(Case each, LengthBuckets buckets) {
        int[] seen = new int[each.lengths.size()];
        double cells = 0;
        double padding = 0;
        for (Batch batch : buckets.batches()) {
            batch.sequences().forEach(i -> seen[i]++);
            int steps =
                    batch.sequences().stream().mapToInt(each.lengths::get).max().orElseThrow();
            assertThat(batch.steps()).as("%s: steps of %s", each, batch).isEqualTo(steps);
            assertThat(batch.rows()).as("%s: rows of %s", each, batch).isBetween(1, each.maxRows);
            double own = each.padding(batch.sequences());
            double share = own == 0 ? 0 : own / (steps * batch.rows());
            assertThat(batch.paddingShare())
                    .as("%s: padding of %s", each, batch)
                    .isEqualTo(share)
                    .isLessThanOrEqualTo(each.maxPadding);
            cells += steps * batch.rows();
            padding += own;
        }
        assertThat(seen).as("%s: how often each sequence came", each).containsOnly(1);
        assertThat(buckets.paddingShare()).as("%s: padding", each).isEqualTo(padding == 0 ? 0 : padding / cells);
    }

    @Test
    void every_sequence_should_come_once_and_no_batch_be_padded_beyond_the_bound() {
        for (int seed = 0; seed < 2000; seed++) {
            Case each = Case.random(seed, 60);
            LengthBuckets buckets = each.planned();
            if (each.lengths.size() > 0) {
                assertHolds(each, buckets);
                assertHolds(each, buckets.shuffled(seed, 3));
            }
            assertThat(each.planned().batches()).as("%s: again", each).isEqualTo(buckets.batches());
        }
    }

    @Test
    void no_way_of_cutting_the_sorted_list_should_give_fewer_batches_or_as_many_with_less_padding() {
        for (int seed = 0; seed < 1000; seed++) {
            Case each = Case.random(seed, 9);
            List<Integer> order = IntStream.range(0, each.lengths.size())
                    .boxed()
                    .sorted((a, b) -> Integer.compare(each.lengths.get(b), each.lengths.get(a)))
                    .toList();
            int fewest = Integer.MAX_VALUE;
            long least = Long.MAX_VALUE;
            // Bit i of a way says whether it cuts behind the sequence at i.
            for (int way = 0; way < 1 << Math.max(0, order.size() - 1); way++) {
                List<List<Integer>> batches = cut(order, way);
                if (batches.stream().allMatch(each::allows)) {
                    long padding = batches.stream().mapToLong(each::padding).sum();
                    if (batches.size() < fewest || (batches.size() == fewest && padding < least)) {
                        fewest = batches.size();
                        least = padding;
                    }
                }
            }
            List<Batch> planned = each.planned().batches();
            assertThat(planned).as("%s: batches", each).hasSize(fewest);
            assertThat(planned.stream()
                            .mapToLong(batch -> each.padding(batch.sequences()))
                            .sum())
                    .as("%s: padding", each)
                    .isEqualTo(least);
        }
    }

    private static List<List<Integer>> cut(List<Integer> order, int way) {
        List<List<Integer>> batches = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < order.size(); i++) {
            if (i == order.size() - 1 || (way >> i & 1) == 1) {
                batches.add(order.subList(begin, i + 1));
                begin = i + 1;
            }
        }
        return batches;
    }

    @Test
    void the_longest_should_give_way_where_filling_their_batch_would_cost_one() {
        // To fill the first batch would leave 10 and 1 to go alone.
        int[] lengths = {10, 10, 10, 10, 1, 10};
        assertThat(LengthBuckets.of(lengths, 4, 0.3).batches())
                .containsExactly(new Batch(List.of(0, 1), 10, 0), new Batch(List.of(2, 3, 5, 4), 10, 0.225));
    }

    @Test
    void batches_that_skip_lengths_should_not_be_considered() {
        // 9, 6, 5 and 0 beside 6 and 1 would be two.
        Case each = new Case(0, List.of(9, 6, 6, 5, 1, 0), 4, 0.45);
        assertThat(List.of(List.of(0, 1, 3, 5), List.of(2, 4))).allMatch(each::allows);
        assertThat(each.planned().batches()).hasSize(3);
    }

    @Test
    void shuffling_should_depend_on_seed_and_epoch_alone() {
        int[] lengths = IntStream.range(0, 200).map(i -> i % 7).toArray();
        LengthBuckets buckets = LengthBuckets.of(lengths, 8, 0.2);
        Set<List<Batch>> orders = new HashSet<>();
        orders.add(buckets.batches());
        for (int seed = 0; seed < 5; seed++) {
            for (int epoch = 0; epoch < 5; epoch++) {
                LengthBuckets shuffled = buckets.shuffled(seed, epoch);
                String what = "seed " + seed + ", epoch " + epoch;
                assertThat(buckets.shuffled(9, 9).shuffled(seed, epoch).batches())
                        .as(what)
                        .isEqualTo(shuffled.batches());
                assertThat(orders.add(shuffled.batches()))
                        .as(what + ": an order of its own")
                        .isTrue();
                assertThat(shuffled.shapes()).as(what).hasSameElementsAs(buckets.shapes());
                assertThat(shuffled.paddingShare()).as(what).isEqualTo(buckets.paddingShare());
            }
        }
    }

    @Test
    void shuffling_should_take_every_order_about_as_often() {
        // Six orders of three sequences of one length, in each of 6000 epochs one.
        LengthBuckets buckets = LengthBuckets.of(new int[] {4, 4, 4}, 3, 0);
        LengthBuckets alone = LengthBuckets.of(new int[] {5, 4, 3}, 1, 0);
        int[] ofSequences = new int[27];
        int[] ofBatches = new int[27];
        for (int epoch = 0; epoch < 6000; epoch++) {
            ofSequences[code(buckets.shuffled(1, epoch))]++;
            ofBatches[code(alone.shuffled(1, epoch))]++;
        }
        // Five standard deviations to either side of 1000.
        assertThat(Arrays.stream(ofSequences).filter(i -> i > 0)).hasSize(6).allMatch(i -> Math.abs(i - 1000) < 145);
        assertThat(Arrays.stream(ofBatches).filter(i -> i > 0)).hasSize(6).allMatch(i -> Math.abs(i - 1000) < 145);
    }

    private static int code(LengthBuckets buckets) {
        return buckets.batches().stream()
                .flatMap(batch -> batch.sequences().stream())
                .reduce(0, (code, sequence) -> 3 * code + sequence);
    }

    @Test
    void what_was_split_should_be_restored_to_its_order() {
        for (int seed = 0; seed < 300; seed++) {
            Case each = Case.random(seed, 40);
            List<String> names = IntStream.range(0, each.lengths.size())
                    .mapToObj(i -> "sequence " + i)
                    .toList();
            for (LengthBuckets buckets : List.of(each.planned(), each.planned().shuffled(seed, 1))) {
                List<List<String>> split = buckets.split(names);
                for (int i = 0; i < split.size(); i++) {
                    assertThat(split.get(i))
                            .as("%s: batch %s", each, i)
                            .isEqualTo(buckets.batches().get(i).sequences().stream()
                                    .map(names::get)
                                    .toList());
                }
                assertThat(buckets.restore(split)).as("%s", each).isEqualTo(names);
            }
        }
    }

    @Test
    void no_sequences_should_make_no_batches() {
        LengthBuckets none = LengthBuckets.of(new int[0], 4, 0.1);
        assertThat(none.batches()).isEmpty();
        assertThat(none.shuffled(1, 1).batches()).isEmpty();
        assertThat(none.shapes()).isEmpty();
        assertThat(none.paddingShare()).isZero();
        assertThat(none.paddingShareAsGiven()).isZero();
        assertThat(none.<String>restore(none.split(List.of()))).isEmpty();
    }

    @Test
    void one_sequence_should_be_a_batch_without_padding() {
        assertThat(LengthBuckets.of(new int[] {5}, 4, 0).batches()).containsExactly(new Batch(List.of(0), 5, 0));
        assertThat(LengthBuckets.of(new int[] {Integer.MAX_VALUE}, Integer.MAX_VALUE, 0)
                        .batches())
                .containsExactly(new Batch(List.of(0), Integer.MAX_VALUE, 0));
    }

    @Test
    void sequences_without_steps_should_share_batches_that_have_none() {
        LengthBuckets buckets = LengthBuckets.of(new int[10], 4, 0);
        assertThat(buckets.batches()).hasSize(3).allMatch(batch -> batch.steps() == 0 && batch.paddingShare() == 0);
        assertThat(buckets.paddingShare()).isZero();
        assertThat(buckets.shapes()).containsExactly(Shape.of(0, 2), Shape.of(0, 4));
    }

    @Test
    void an_outlier_should_go_alone_and_cost_the_others_nothing() {
        int[] lengths = new int[100];
        Arrays.fill(lengths, 3);
        lengths[41] = 2_000_000_000;
        LengthBuckets buckets = LengthBuckets.of(lengths, 25, 0.5);
        assertThat(buckets.batches()).hasSize(5);
        assertThat(buckets.batches().get(0)).isEqualTo(new Batch(List.of(41), 2_000_000_000, 0));
        assertThat(buckets.paddingShare()).isZero();
        assertThat(buckets.paddingShareAsGiven()).isGreaterThan(0.95);
    }

    @Test
    void only_equal_lengths_should_share_a_batch_where_no_padding_is_allowed() {
        assertThat(LengthBuckets.of(new int[] {2, 0, 3, 2, 0, 2, 3}, 2, 0).batches())
                .containsExactly(
                        new Batch(List.of(2, 6), 3, 0),
                        new Batch(List.of(0), 2, 0),
                        new Batch(List.of(3, 5), 2, 0),
                        new Batch(List.of(1, 4), 0, 0));
    }

    @Test
    void many_sequences_of_few_lengths_should_be_planned_for_any_number_of_rows() {
        // Every cut between any two of a million would be a million million.
        int[] lengths = IntStream.range(0, 1_000_000).map(i -> i % 3).toArray();
        assertThat(LengthBuckets.of(lengths, Integer.MAX_VALUE, 0).shapes())
                .containsExactly(Shape.of(2, 333_333), Shape.of(1, 333_333), Shape.of(0, 333_334));
    }

    @Test
    void padding_should_be_told_beside_that_of_the_order_given() {
        LengthBuckets buckets = LengthBuckets.of(new int[] {4, 1, 3, 1, 2}, 2, 0.25);
        assertThat(buckets.batches())
                .containsExactly(
                        new Batch(List.of(0), 4, 0),
                        new Batch(List.of(2, 4), 3, 1 / 6.0),
                        new Batch(List.of(1, 3), 1, 0));
        assertThat(buckets.shapes()).containsExactly(Shape.of(4, 1), Shape.of(3, 2), Shape.of(1, 2));
        assertThat(buckets.paddingShare()).isEqualTo(1 / 12.0);
        assertThat(buckets.paddingShareAsGiven()).isEqualTo(5 / 16.0);
        assertThat(buckets)
                .hasToString("3 batches of at most 2 rows for 5 sequences; padding 8.3 %, in the order given 31.3 %");
    }

    @Test
    void lengths_should_be_copied() {
        int[] lengths = {1, 2};
        LengthBuckets buckets = LengthBuckets.of(lengths, 2, 0);
        lengths[0] = 2;
        assertThat(buckets.shuffled(1, 1).batches()).hasSize(2).allMatch(batch -> batch.paddingShare() == 0);
    }

    @Test
    void what_is_out_of_range_should_be_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LengthBuckets.of(new int[] {3, 0, -1}, 2, 0))
                .withMessage("length buckets: sequence 2 has length -1; expected 0 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LengthBuckets.of(new int[0], 0, 0))
                .withMessage("length buckets: at most 0 rows in a batch; expected at least 1");
        for (double bad : new double[] {-0.1, 1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> LengthBuckets.of(new int[] {3}, 2, bad))
                    .withMessage("length buckets: the greatest share of padding is " + bad
                            + "; expected 0 up to, but not including, 1");
        }
    }

    @Test
    void wrong_counts_should_be_refused() {
        LengthBuckets buckets = LengthBuckets.of(new int[] {3, 1, 3}, 2, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> buckets.split(List.of("a", "b")))
                .withMessage("length buckets: 2 items are given for 3 sequences; expected one for each");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> buckets.restore(List.of(List.of("a", "b"))))
                .withMessage("length buckets: results of 1 batches are given for 2; expected a list for each");
        for (int count : new int[] {0, 2}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> buckets.restore(List.of(List.of("a", "b"), Collections.nCopies(count, "c"))))
                    .withMessage("length buckets: batch 1 has " + count + " results for 1 rows; expected one for each");
        }
    }
}
