package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CrossEntropyTest {
    private static final int STEPS = 4;
    private static final int ROWS = 3;
    private static final int LABELS = 19;
    private static final int IGNORED = 2;
    private static final Shape TOKENS = Shape.of(STEPS, ROWS);

    private final Numbers numbers = new Numbers(8);
    private final Graph graph = new Graph();
    private final Tensor logits = numbers.any(Shape.of(STEPS, ROWS, LABELS));
    private final Tensor labels = numbers.indices(TOKENS, 4);
    private final Tensor mask = numbers.indices(TOKENS, 3);
    private final Tensor weights = numbers.positive(Shape.of(LABELS));

    /** The definition, in double precision. */
    private double naive(boolean meanOverRows, boolean masked, boolean ignoring, boolean weighted) {
        double sum = 0;
        double counted = 0;
        for (int token = 0; token < labels.size(); token++) {
            int label = (int) labels.getFlat(token);
            if ((masked && mask.getFlat(token) == 0) || (ignoring && label == IGNORED)) {
                continue;
            }
            double total = 0;
            for (int v = 0; v < LABELS; v++) {
                total += Math.exp(logits.getFlat(token * LABELS + v));
            }
            double weight = weighted ? weights.getFlat(label) : 1;
            sum -= weight * Math.log(Math.exp(logits.getFlat(token * LABELS + label)) / total);
            counted += weight;
        }
        return sum / (meanOverRows ? ROWS : counted);
    }

    private static CrossEntropy loss(boolean meanOverRows) {
        return meanOverRows ? CrossEntropy.sumOverStepsMeanOverRows() : CrossEntropy.meanOverTokens();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void should_agree_with_its_definition_in_every_setting(DType dtype) {
        for (int settings = 0; settings < 16; settings++) {
            boolean rows = (settings & 1) != 0;
            boolean masked = (settings & 2) != 0;
            boolean ignoring = (settings & 4) != 0;
            boolean weighted = (settings & 8) != 0;
            CrossEntropy loss = loss(rows);
            loss = masked ? loss.mask(graph.input(mask)) : loss;
            loss = ignoring ? loss.ignoring(IGNORED) : loss;
            loss = weighted ? loss.classWeights(graph.input(weights.to(dtype))) : loss;
            double found =
                    loss.of(graph.input(logits.to(dtype)), graph.input(labels)).item();
            assertThat(found)
                    .as("rows %s, masked %s, ignoring %s, weighted %s", rows, masked, ignoring, weighted)
                    .isCloseTo(naive(rows, masked, ignoring, weighted), within(dtype == DType.FLOAT32 ? 1e-5 : 1e-13));
        }
    }

    @Test
    void should_divide_by_the_rows_of_a_matrix_of_logits() {
        Tensor flat = numbers.any(Shape.of(6, 2));
        Node x = graph.input(flat);
        Node y = graph.input(Tensor.of(new int[] {0, 1, 9, 9, 9, 9}, 6));
        double mean = CrossEntropy.meanOverTokens().ignoring(9).of(x, y).item();
        double overRows =
                CrossEntropy.sumOverStepsMeanOverRows().ignoring(9).of(x, y).item();
        assertThat(overRows).isCloseTo(mean * 2 / 6, within(1e-15));
    }

    /** Returns loss and gradient with one number in all logits of tokens that do not count. */
    private Tensor[] run(DType dtype, double padding) {
        graph.reset();
        Tensor padded = logits.to(dtype);
        for (int token = 0; token < labels.size(); token++) {
            if (!counts(token)) {
                padded.reshape(STEPS * ROWS, LABELS).at(token).fill(padding);
            }
        }
        Node x = graph.variable(padded);
        Node loss = CrossEntropy.meanOverTokens()
                .mask(graph.input(mask))
                .ignoring(IGNORED)
                .of(x, graph.input(labels));
        graph.backward(loss);
        return new Tensor[] {loss.value(), x.gradient()};
    }

    private boolean counts(int token) {
        return mask.getFlat(token) != 0 && labels.getFlat(token) != IGNORED;
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void tokens_that_do_not_count_change_no_bit(DType dtype) {
        Tensor[] clean = run(dtype, 0);
        for (double padding : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1e300}) {
            Tensor[] dirty = run(dtype, padding);
            assertThat(dirty[0].sameBits(clean[0])).isTrue();
            assertThat(dirty[1].sameBits(clean[1])).isTrue();
        }
        for (int token = 0; token < labels.size(); token++) {
            Tensor row = clean[1].reshape(STEPS * ROWS, LABELS).at(token);
            boolean zero = row.sameBits(Tensor.zeros(dtype, LABELS));
            assertThat(zero).as("gradient of token %d", token).isEqualTo(!counts(token));
        }
    }

    /** Int32 [T, N]: 1 where the step is below the length of its row. */
    private static Tensor maskOf(Tensor lengths, int steps) {
        int rows = lengths.size();
        Tensor made = Tensor.zeros(DType.INT32, steps, rows);
        for (int token = 0; token < made.size(); token++) {
            int step = token / rows;
            made.setFlat(token, step < lengths.getFlat(token % rows) ? 1 : 0);
        }
        return made;
    }

    private Tensor[] lossAndGradient(CrossEntropy loss, Tensor x, Tensor y) {
        Node variable = graph.variable(x);
        Node recorded = loss.of(variable, graph.input(y));
        graph.backward(recorded);
        Tensor[] both = {recorded.value(), variable.gradient()};
        graph.reset();
        return both;
    }

    @Test
    void lengths_should_give_the_bits_of_the_mask_they_stand_for() {
        long seed = 77;
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            Shape tokens = Shape.of(random.nextInt(6), random.nextInt(5));
            Tensor lengths = numbers.indices(Shape.of(tokens.dim(1)), tokens.dim(0) + 1);
            Tensor byLength = maskOf(lengths, tokens.dim(0));
            Tensor x = numbers.any(tokens.with(2, LABELS)).to(i % 2 == 0 ? DType.FLOAT32 : DType.FLOAT64);
            Tensor y = numbers.indices(tokens, 4);
            for (int token = 0; token < y.size(); token++) {
                if (byLength.getFlat(token) == 0 && random.nextBoolean()) {
                    x.reshape(tokens.size(), LABELS).at(token).fill(Double.NaN);
                    y.setFlat(token, random.nextInt());
                }
            }
            boolean rows = random.nextBoolean();
            CrossEntropy plain = random.nextBoolean() ? loss(rows) : loss(rows).ignoring(IGNORED);
            Tensor holes = numbers.indices(tokens, 3);
            Tensor both = holes.copy();
            for (int token = 0; token < y.size(); token++) {
                both.setFlat(token, holes.getFlat(token) * byLength.getFlat(token));
            }
            for (boolean masked : new boolean[] {false, true}) {
                CrossEntropy lengthy = plain.lengths(graph.input(lengths));
                lengthy = masked ? lengthy.mask(graph.input(holes)) : lengthy;
                Tensor[] found = lossAndGradient(lengthy, x, y);
                Tensor[] expected = lossAndGradient(plain.mask(graph.input(masked ? both : byLength)), x, y);
                for (int part = 0; part < 2; part++) {
                    assertThat(found[part].sameBits(expected[part]))
                            .as("seed %d, case %d, tokens %s, masked %s: %s", seed, i, tokens, masked, found[part])
                            .isTrue();
                    assertThat(found[part].firstNonFinite()).isEqualTo(-1);
                }
            }
        }
    }

    @Test
    void should_read_lengths_when_it_runs() {
        Tensor lengths = Tensor.of(new int[] {4, 0, 2}, ROWS);
        Node given = graph.input(lengths);
        Node x = graph.input(logits);
        Node y = graph.input(labels);
        CrossEntropy loss = CrossEntropy.meanOverTokens();
        for (int length : new int[] {3, 1}) {
            lengths.fill(length);
            Node masked = graph.input(maskOf(lengths, STEPS));
            assertThat(loss.lengths(given).of(x, y).item())
                    .isEqualTo(loss.mask(masked).of(x, y).item());
        }
    }

    @Test
    void should_refuse_a_length_outside() {
        for (int bad : new int[] {STEPS + 1, -1, Integer.MIN_VALUE}) {
            Node lengths = graph.input(Tensor.of(new int[] {STEPS, bad, 0}, ROWS));
            CrossEntropy loss = CrossEntropy.meanOverTokens().lengths(lengths);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> loss.of(graph.input(logits), graph.input(labels)))
                    .withMessage("crossEntropy: length " + bad + " of row 1 is outside 0..4, the number of steps");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void should_be_0_where_nothing_counts(DType dtype) {
        for (boolean rows : new boolean[] {false, true}) {
            graph.reset();
            Node x = graph.variable(logits.to(dtype).fill(Double.NaN));
            Node loss = loss(rows)
                    .mask(graph.input(Tensor.zeros(DType.INT32, TOKENS)))
                    .of(x, graph.input(labels));
            graph.backward(loss);
            assertThat(loss.item()).isZero();
            assertThat(x.gradient().toDoubles()).containsOnly(0);
            graph.reset();
            Node noSteps = graph.input(Tensor.zeros(DType.INT32, ROWS));
            assertThat(loss(rows)
                            .lengths(noSteps)
                            .of(graph.input(logits.to(dtype)), graph.input(labels))
                            .item())
                    .isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void should_be_0_where_what_counts_weighs_nothing(DType dtype) {
        Node x = graph.variable(logits.to(dtype));
        Node weightless = graph.input(Tensor.zeros(dtype, LABELS));
        Node loss = CrossEntropy.meanOverTokens().classWeights(weightless).of(x, graph.input(labels));
        graph.backward(loss);
        assertThat(loss.item()).isZero();
        assertThat(x.gradient().toDoubles()).containsOnly(0);
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "FLOAT64"})
    void should_be_0_over_no_tokens(DType dtype) {
        for (Shape tokens : new Shape[] {Shape.of(0), Shape.of(0, 3), Shape.of(3, 0)}) {
            for (boolean rows : new boolean[] {false, true}) {
                graph.reset();
                Node x = graph.variable(Tensor.zeros(dtype, tokens.with(tokens.rank(), 5)));
                Node loss = loss(rows).of(x, graph.input(Tensor.zeros(DType.INT32, tokens)));
                graph.backward(loss);
                assertThat(loss.item()).as("%s", tokens).isZero();
            }
        }
    }

    @Test
    void should_take_huge_logits() {
        Node x = graph.variable(Tensor.of(new float[] {1e30f, -1e30f, Float.NEGATIVE_INFINITY}, 1, 3));
        assertThat(Ops.crossEntropy(x, graph.input(Tensor.of(new int[] {0}, 1))).item())
                .isZero();
        assertThat(Ops.crossEntropy(x, graph.input(Tensor.of(new int[] {2}, 1))).item())
                .isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void should_refuse_a_label_outside() {
        Node x = graph.input(Tensor.zeros(DType.FLOAT32, 2, 5));
        for (int bad : new int[] {5, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            Node outside = graph.input(Tensor.of(new int[] {0, bad}, 2));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Ops.crossEntropy(x, outside))
                    .withMessage("crossEntropy: label " + bad + " at position 1 is outside 0..4");
            Node first = graph.input(Tensor.of(new int[] {1, 0}, 2));
            assertThat(CrossEntropy.meanOverTokens().mask(first).of(x, outside).item())
                    .isCloseTo(Math.log(5), within(1e-6));
        }
    }

    @Test
    void settings_leave_the_object_they_were_called_on_as_it_was() {
        CrossEntropy plain = CrossEntropy.meanOverTokens();
        Node x = graph.input(logits);
        Node y = graph.input(labels);
        double before = plain.of(x, y).item();
        assertThat(plain.ignoring(IGNORED).mask(graph.input(mask)).of(x, y).item())
                .isNotEqualTo(before);
        assertThat(plain.of(x, y).item()).isEqualTo(before);
    }

    @Test
    void many_random_cases_agree_in_both_precisions() {
        long seed = 31;
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            int rows = 1 + random.nextInt(20);
            int columns = 1 + random.nextInt(40);
            Tensor x = numbers.any(Shape.of(rows, columns));
            Node y = graph.input(numbers.indices(Shape.of(rows), columns));
            double wide = Ops.crossEntropy(graph.input(x), y).item();
            double narrow =
                    Ops.crossEntropy(graph.input(x.to(DType.FLOAT32)), y).item();
            assertThat(narrow).as("seed %d, case %d", seed, i).isCloseTo(wide, within(1e-5));
        }
    }
}
