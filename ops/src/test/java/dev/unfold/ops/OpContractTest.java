package dev.unfold.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Op;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Recorded;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import dev.unfold.graph.check.GradientCheck;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds every operation to the rules of {@link dev.unfold.graph.Op}. */
class OpContractTest {
    private static final int MOST_RUNS = 10_000_000;
    private static final List<DType> PRECISIONS = List.of(DType.FLOAT64, DType.FLOAT32);

    static List<OpSample> samples() {
        return OpSamples.all();
    }

    @Test
    void every_operation_has_a_sample() {
        Set<String> sampled = samples().stream().map(OpSample::method).collect(Collectors.toSet());
        Set<String> offered = Arrays.stream(Ops.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(Method::getName)
                .collect(Collectors.toSet());
        assertThat(sampled).containsAll(offered);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void gradient_is_that_of_forward(OpSample sample) {
        List<Parameter> parameters = sample.parameters(DType.FLOAT64);
        new GradientCheck().check(parameters, graph -> weightedSum(recorded(sample, graph, parameters)));
    }

    /** Records a sample in training, so that what is random takes place. */
    private static Node recorded(OpSample sample, Graph graph, List<Parameter> parameters) {
        graph.training(OpRun.SEED);
        return sample.record(graph, parameters);
    }

    private static Node weightedSum(Node y) {
        return Ops.sum(Ops.times(y, y.graph().input(weights(y.shape(), y.dtype()))));
    }

    private static Tensor weights(Shape shape, DType dtype) {
        return new Numbers(7).awayFromZero(shape).to(dtype);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void float32_agrees_with_float64(OpSample sample) {
        List<double[]> wide = valueAndGradients(sample, DType.FLOAT64);
        List<double[]> narrow = valueAndGradients(sample, DType.FLOAT32);
        for (int i = 0; i < wide.size(); i++) {
            assertClose(narrow.get(i), wide.get(i), 2e-5);
        }
    }

    private static List<double[]> valueAndGradients(OpSample sample, DType dtype) {
        Graph graph = new Graph();
        List<Parameter> parameters = sample.parameters(dtype);
        Node y = recorded(sample, graph, parameters);
        List<double[]> results = new ArrayList<>(List.of(y.value().toDoubles()));
        graph.backward(weightedSum(y));
        parameters.forEach(parameter -> results.add(parameter.gradient().toDoubles()));
        return results;
    }

    private static void assertClose(double[] actual, double[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            double allowed = tolerance * (1 + Math.abs(expected[i]));
            assertThat(Math.abs(actual[i] - expected[i]) <= allowed)
                    .as("element %d is %s, expected %s", i, actual[i], expected[i])
                    .isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void output_is_filled_whole_and_nothing_else(OpSample sample) {
        forEachUse(sample, (use, y) -> {
            OpRun run = new OpRun(use, weights(y.shape(), y.dtype()), true);
            assertThat(run.forward().sameBits(y)).as("output of garbage").isTrue();
            run.assertUntouched(use);
        });
    }

    @ParameterizedTest
    @MethodSource("samples")
    void gradients_are_added(OpSample sample) {
        forEachGradient(sample, (use, y, input) -> {
            Shape shape = use.inputs().get(input).shape();
            Tensor given = new Numbers(9).any(shape).to(y.dtype());
            OpRun run = new OpRun(use, weights(y.shape(), y.dtype()), true);
            run.forward();
            double[] gradient =
                    run.backward(input, Tensor.zeros(y.dtype(), shape)).toDoubles();
            double[] added = run.backward(input, given).toDoubles();
            for (int i = 0; i < added.length; i++) {
                gradient[i] += given.getFlat(i);
            }
            assertClose(added, gradient, y.dtype() == DType.FLOAT32 ? 1e-5 : 1e-13);
            run.assertUntouched(use);
        });
    }

    @ParameterizedTest
    @MethodSource("samples")
    void backward_reads_what_it_names_and_nothing_else(OpSample sample) {
        forEachGradient(sample, (use, y, input) -> {
            Tensor zero = Tensor.zeros(y.dtype(), use.inputs().get(input).shape());
            List<Tensor> gradients = new ArrayList<>();
            for (boolean hides : new boolean[] {true, false}) {
                OpRun run = new OpRun(use, weights(y.shape(), y.dtype()), hides);
                run.forward();
                gradients.add(run.backward(input, zero));
                run.assertAskedForWhatItNamed(input);
            }
            assertThat(gradients.get(0).firstNonFinite()).isEqualTo(-1);
            assertThat(gradients.get(0).sameBits(gradients.get(1))).isTrue();
        });
    }

    @ParameterizedTest
    @MethodSource("samples")
    void gradients_reach_no_rows_but_those_that_are_picked(OpSample sample) {
        forEachGradient(sample, (use, y, input) -> {
            int by = use.op().rowsPickedBy(input);
            if (by < 0) {
                return;
            }
            assertThat(use.op().takesIntegers(by)
                            && use.op().backwardReads(input).input(by))
                    .isTrue();
            Tensor given =
                    Tensor.zeros(y.dtype(), use.inputs().get(input).shape()).fill(Double.NaN);
            double[] picked = use.inputs().get(by).value().toDoubles();
            int columns = given.shape().columns();
            for (double row : picked) {
                given.slice((int) row, (int) row + 1).fill(0);
            }
            OpRun run = new OpRun(use, weights(y.shape(), y.dtype()), true);
            run.forward();
            Tensor gradient = run.backward(input, given.copy());
            for (int i = 0; i < given.size(); i++) {
                int row = i / columns;
                boolean isPicked = Arrays.stream(picked).anyMatch(each -> each == row);
                assertThat(Double.isNaN(gradient.getFlat(i)))
                        .as("row %d is left alone", row)
                        .isEqualTo(!isPicked);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("samples")
    void what_is_prepared_or_divided_has_the_same_bits(OpSample sample) {
        forEachUse(sample, (use, y) -> {
            OpRun run = new OpRun(use, weights(y.shape(), y.dtype()), true).preparing();
            assertThat(run.forward().sameBits(y)).isTrue();
            assertThat(run.forward().sameBits(y)).as("a second time").isTrue();
        });
        forEachGradient(sample, (use, y, input) -> {
            Shape shape = use.inputs().get(input).shape();
            Tensor given = new Numbers(9).any(shape).to(y.dtype());
            OpRun run = new OpRun(use, weights(y.shape(), y.dtype()), true);
            run.forward();
            Tensor whole = run.backward(input, given);
            assertThat(run.preparing().backward(input, given).sameBits(whole)).isTrue();
            if (use.op().divides(input)) {
                Guarded divided = Guarded.copy(given);
                int slices = shape.dim(0);
                for (int from = 0; from < slices; from += 2) {
                    run.backward(input, divided, from, Math.min(slices, from + 2));
                }
                assertThat(divided.tensor().sameBits(whole)).as("divided").isTrue();
                run.backward(input, divided, 1, 1);
                assertThat(divided.tensor().sameBits(whole)).as("no slice").isTrue();
            }
        });
    }

    @Test
    void an_embedding_says_which_rows_it_adds_to() {
        assertThat(new Gather().rowsPickedBy(0)).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void nothing_is_allocated(OpSample sample) {
        forEachUse(sample, (use, y) -> {
            OpRun run = new OpRun(use, weights(y.shape(), y.dtype()), true);
            assertThat(fewestBytes(run::forward))
                    .as("forward of " + use.op().name())
                    .isZero();
        });
        forEachGradient(sample, (use, y, input) -> {
            OpRun run = new OpRun(use, weights(y.shape(), y.dtype()), true);
            run.forward();
            Guarded gradient =
                    Guarded.copy(Tensor.zeros(y.dtype(), use.inputs().get(input).shape()));
            long reads = fewestBytes(() -> use.op().backwardReads(input));
            assertThat(fewestBytes(() -> run.backward(input, gradient)))
                    .as("backward of %s", use.op().name())
                    .isLessThanOrEqualTo(reads);
        });
    }

    /** Returns the fewest bytes that a run of a task allocates; kernels on the Vector API must be compiled before that is none. */
    private static long fewestBytes(Runnable task) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long fewest = Long.MAX_VALUE;
        for (int i = 0; i < MOST_RUNS && fewest > 0; i++) {
            long before = threads.getThreadAllocatedBytes(self);
            task.run();
            fewest = Math.min(fewest, threads.getThreadAllocatedBytes(self) - before);
        }
        return fewest;
    }

    @Test
    void operations_are_equal_where_their_settings_are() {
        List<Op> ops = operations();
        List<Op> others = operations();
        Map<Class<?>, Set<Op>> byClass = new HashMap<>();
        for (int i = 0; i < ops.size(); i++) {
            for (int j = 0; j < others.size(); j++) {
                boolean same = fields(ops.get(i)).equals(fields(others.get(j)));
                assertThat(ops.get(i).equals(others.get(j)))
                        .as("%s of %s and %s", ops.get(i).name(), fields(ops.get(i)), fields(others.get(j)))
                        .isEqualTo(same);
                assertThat(!same || ops.get(i).hashCode() == others.get(j).hashCode())
                        .as("equal hash codes of two %s", ops.get(i).name())
                        .isTrue();
            }
            byClass.computeIfAbsent(ops.get(i).getClass(), any -> new HashSet<>())
                    .add(ops.get(i));
        }
        byClass.forEach((type, different) -> assertThat(
                        different.size() > 1 || ownFields(type).isEmpty())
                .as("%s has settings, but the samples know only %s", type, different)
                .isTrue());
    }

    @Test
    void name_settings_and_number_of_inputs_should_tell_operations_apart() {
        List<Recorded.Use> uses = uses();
        List<Recorded.Use> others = uses();
        for (Recorded.Use use : uses) {
            for (Recorded.Use other : others) {
                assertThat(told(use).equals(told(other)))
                        .as("%s and %s are told apart", fields(use.op()), fields(other.op()))
                        .isEqualTo(use.op().equals(other.op()));
            }
        }
    }

    private static List<Object> told(Recorded.Use use) {
        return List.of(use.op().name(), use.op().settings(), use.inputs().size());
    }

    /** Returns the operations that all samples record, made anew. */
    private static List<Op> operations() {
        return uses().stream().map(Recorded.Use::op).toList();
    }

    private static List<Recorded.Use> uses() {
        return samples().stream()
                .flatMap(sample -> sample.uses(DType.FLOAT64).stream())
                .toList();
    }

    /** Returns the class of an operation and all that it holds. */
    private static List<Object> fields(Op op) {
        List<Object> fields = new ArrayList<>(List.of(op.getClass()));
        for (Class<?> type = op.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : ownFields(type)) {
                try {
                    field.setAccessible(true);
                    fields.add(field.get(op));
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return fields;
    }

    private static List<Field> ownFields(Class<?> type) {
        return Arrays.stream(type.getDeclaredFields())
                .filter(field -> !Modifier.isStatic(field.getModifiers()) && !field.isSynthetic())
                .toList();
    }

    /** A test of one operation that a sample records, with the output that the graph got from it. */
    private interface UseTest {
        void accept(Recorded.Use use, Tensor output);
    }

    /** A test of one gradient of such an operation. */
    private interface GradientTest {
        void accept(Recorded.Use use, Tensor output, int input);
    }

    private static void forEachUse(OpSample sample, UseTest test) {
        for (DType dtype : PRECISIONS) {
            sample.uses(dtype).forEach(use -> test.accept(use, use.output().value()));
        }
    }

    private static void forEachGradient(OpSample sample, GradientTest test) {
        forEachUse(sample, (use, y) -> {
            for (int input = 0; input < use.inputs().size(); input++) {
                if (use.differentiated().get(input)) {
                    test.accept(use, y, input);
                }
            }
        });
    }
}
