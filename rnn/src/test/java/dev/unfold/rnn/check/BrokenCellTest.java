package dev.unfold.rnn.check;

import static dev.unfold.ops.Ops.affine;
import static dev.unfold.ops.Ops.matmul;
import static dev.unfold.ops.Ops.mean;
import static dev.unfold.ops.Ops.stopGradient;
import static dev.unfold.ops.Ops.tanh;
import static dev.unfold.rnn.Weighted.linspace;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.unfold.graph.DType;
import dev.unfold.graph.Graph;
import dev.unfold.graph.Node;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.cell.AbstractCell;
import dev.unfold.rnn.cell.Cell;
import dev.unfold.rnn.cell.State;
import dev.unfold.rnn.cell.StateSpec;
import dev.unfold.rnn.cell.Step;
import dev.unfold.rnn.init.Initializers;
import dev.unfold.rnn.init.NumpyRandom;
import dev.unfold.rnn.init.Parameters;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Cells that break the contract, each in its own way, and what the report says of them. */
class BrokenCellTest {
    private static final int INPUT = 3;
    private static final int HIDDEN = 4;

    /** h' = tanh(x wx + h wh + b): keeps the contract until something is overridden. */
    static class Plain extends AbstractCell {
        private final Parameter wx;
        private final Parameter wh;
        private final Parameter b;

        Plain(Parameters p) {
            super(p, INPUT, HIDDEN);
            wx = p.make("wx", Initializers.xavierUniform(1), INPUT, HIDDEN);
            wh = p.make("wh", Initializers.orthogonal(1), HIDDEN, HIDDEN);
            b = p.make("b", Initializers.zeros(), HIDDEN);
        }

        final Node sum(Node x, Node h) {
            return affine(x, wx, b).plus(matmul(h, wh));
        }

        Node next(Node x, Node h) {
            return tanh(sum(x, h));
        }

        @Override
        public Step step(Node x, State state) {
            Node h = next(x, state.get("h"));
            return Step.of(h, State.of("h", h));
        }
    }

    private static ContractReport report(Function<Parameters, Cell> factory) {
        return CellContract.of(factory).report();
    }

    private static List<String> cases(ContractReport report, Law law) {
        return report.violations().stream()
                .filter(each -> each.law() == law)
                .map(ContractReport.Violation::what)
                .toList();
    }

    @Test
    void should_pass_where_nothing_is_broken() {
        ContractReport report = report(Plain::new);
        assertThat(report.passed()).isTrue();
        assertThat(report.checked()).containsExactly(Law.values());
        assertThat(report.toString()).isEqualTo("contract of cell 'cell' (seed 1): kept");
    }

    /** Declares sizes and fields that it does not have, and lists its parameters amiss. */
    private record Undeclared(Parameter w, Parameter twin) implements Cell {
        Undeclared(Parameters p) {
            this(made(p), new Parameter(p.path() + ".w", Tensor.zeros(DType.FLOAT64, HIDDEN)));
        }

        private static Parameter made(Parameters p) {
            p.make("forgotten", Initializers.zeros(), HIDDEN);
            return p.make("w", Initializers.zeros(), INPUT, HIDDEN);
        }

        @Override
        public int inputSize() {
            return INPUT;
        }

        @Override
        public int outputSize() {
            return HIDDEN + 1;
        }

        @Override
        public StateSpec stateSpec() {
            return StateSpec.of("h", HIDDEN + 2).and("c", 1);
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(w, w, twin);
        }

        @Override
        public Step step(Node x, State state) {
            Node h = matmul(x, w);
            return Step.of(h, State.of("h", h));
        }
    }

    @Test
    void should_tell_all_that_is_not_as_declared_at_once() {
        ContractReport report = report(Undeclared::new);
        assertThat(cases(report, Law.DECLARED))
                .containsExactly(
                        "float64: parameters() lists 'cell.w' twice",
                        "float64: parameters() lists two of the name 'cell.w'",
                        "float64: parameters() lacks 'cell.forgotten', which was made along with the cell",
                        "float64: the output of step 0 is [3, 4]; declared is [batch 3, features 5]",
                        "float64: the state after step 0 has the fields [h]; declared are [h, c]",
                        "float64: field 'h' of the state after step 0 is [3, 4]; declared is [batch 3, features 6]",
                        "float64: the output of step 1 is [3, 4]; declared is [batch 3, features 5]",
                        "float64: the state after step 1 has the fields [h]; declared are [h, c]",
                        "float64: field 'h' of the state after step 1 is [3, 4]; declared is [batch 3, features 6]",
                        "float32: parameter 'cell.w' float64 [4]: asked for was float32; make it by Parameters.make");
        assertThat(report.checked()).containsExactly(Law.DECLARED);
        assertThat(report.toString())
                .startsWith("contract of cell 'Undeclared' (seed 1): 1 of 1 laws broken\n  declared (")
                .contains(cases(report, Law.DECLARED))
                .contains("\n  not checked: [repeatable, gradients, learning, ");
    }

    @Test
    void should_notice_weights_that_are_used_but_not_listed() {
        ContractReport report = report(p -> new Plain(p) {
            private final Parameter secret = new Parameter(
                    "secret", Tensor.zeros(parameters().get(0).dtype(), HIDDEN).fill(0.3));

            @Override
            Node next(Node x, Node h) {
                return tanh(sum(x, h).times(secret));
            }
        });
        assertThat(report.broken()).containsExactly(Law.DECLARED);
        assertThat(cases(report, Law.DECLARED))
                .containsExactly("float64: parameters() lacks parameter 'secret', which a step uses");
        assertThat(report.checked()).containsExactly(Law.values());
    }

    @Test
    void should_notice_an_initial_state_that_is_not_as_declared() {
        ContractReport report = report(p -> new Plain(p) {
            @Override
            public State initialState(Graph graph, int rows, DType dtype) {
                return State.of("h", graph.input(Tensor.zeros(DType.FLOAT64, 1, HIDDEN)));
            }
        });
        assertThat(cases(report, Law.DECLARED))
                .contains("float64: field 'h' of the initial state is [1, 4]; declared is [batch 3, features 4]")
                .contains("float32: field 'h' of the initial state is float64; asked for was float32")
                .anyMatch(each ->
                        each.startsWith("float32: threw java.lang.IllegalArgumentException: matmul: operand 1"));
    }

    @Test
    void should_notice_a_factory_that_makes_one_cell_only() {
        Plain only = new Plain(new Parameters("only", DType.FLOAT64, new NumpyRandom(1)));
        ContractReport report = report(p -> only);
        assertThat(cases(report, Law.DECLARED))
                .contains("float64: the factory gives the same cell again; make a new one each time");
    }

    @Test
    void should_notice_state_that_a_cell_keeps() {
        ContractReport report = report(p -> new Plain(p) {
            private @Nullable Tensor kept;

            @Override
            Node next(Node x, Node h) {
                Node next = super.next(x, h);
                Node again = kept != null && kept.shape().equals(next.shape())
                        ? next.plus(x.graph().input(kept))
                        : next;
                kept = next.value();
                return again;
            }
        });
        assertThat(report.broken()).contains(Law.REPEATABLE, Law.GRADIENTS, Law.STEPS);
    }

    @Test
    void should_notice_chance() {
        Random random = new Random(1);
        ContractReport report = report(p -> new Plain(p) {
            @Override
            Node next(Node x, Node h) {
                return super.next(x, h).times(random.nextInt(2));
            }
        });
        assertThat(report.broken()).contains(Law.REPEATABLE, Law.GRADIENTS);
        assertThat(cases(report, Law.GRADIENTS).get(0)).contains("not a function of its parameters");
    }

    @Test
    void should_notice_weights_that_do_not_come_from_the_factory() {
        Random random = new Random(1);
        ContractReport report = report(p -> new Plain(p) {
            private final double scale = random.nextDouble();

            @Override
            Node next(Node x, Node h) {
                return super.next(x, h).times(scale);
            }
        });
        assertThat(report.broken()).containsExactly(Law.REPEATABLE, Law.STATIC);
        assertThat(cases(report, Law.REPEATABLE).get(0)).contains("by a cell made alike: outputs[");
    }

    @Test
    void should_notice_a_gradient_that_does_not_flow() {
        ContractReport report = report(p -> new Plain(p) {
            @Override
            Node next(Node x, Node h) {
                return super.next(x, stopGradient(h));
            }
        });
        assertThat(report.broken()).containsExactly(Law.GRADIENTS);
        assertThat(cases(report, Law.GRADIENTS))
                .anyMatch(each -> each.contains(": cell.wx["))
                .anyMatch(each -> each.contains(": cell.wh["))
                .anyMatch(each -> each.contains(": initial h["))
                .allMatch(
                        each -> each.contains("gradient ") && each.contains("numeric ") && each.contains(" steps of "));
    }

    @Test
    void should_notice_a_gradient_that_is_a_little_wrong() {
        ContractReport report = report(p -> new Plain(p) {
            @Override
            Node next(Node x, Node h) {
                return super.next(x, h.plus(stopGradient(h).times(1e-4)));
            }
        });
        assertThat(report.broken()).containsExactly(Law.GRADIENTS);
    }

    @Test
    void should_notice_a_parameter_that_never_learns() {
        ContractReport report = report(p -> {
            p.make("idle", Initializers.zeros(), HIDDEN);
            return new Plain(p);
        });
        assertThat(report.broken()).containsExactly(Law.LEARNING);
        assertThat(cases(report, Law.LEARNING))
                .containsExactly("forwards, float64: parameter 'cell.idle' float64 [4] gets no gradient in 4 runs;"
                        + " is it used, and not cut off?");
    }

    @Test
    void should_notice_a_look_at_the_padding() {
        ContractReport report = report(p -> new Plain(p) {
            @Override
            Node next(Node x, Node h) {
                // All inputs of the run, if they are in the graph as one.
                Node first = x.graph().node(0).shape().rank() == 3
                        ? x.graph().node(0)
                        : x.graph().node(1);
                double peeked = first.shape().rank() == 3
                        ? first.value().getFlat(first.shape().size() - 1)
                        : 0;
                return super.next(x, h).plus(peeked);
            }
        });
        assertThat(report.broken()).contains(Law.PADDING);
        assertThat(cases(report, Law.PADDING).get(0)).contains(", padded with NaN: outputs[0, 0, 0]: expected ");
    }

    static Plain mixing(Parameters p) {
        return new Plain(p) {
            @Override
            Node next(Node x, Node h) {
                return super.next(x.minus(mean(x, 0)), h);
            }
        };
    }

    @Test
    void should_notice_rows_that_see_each_other() {
        ContractReport report = report(BrokenCellTest::mixing);
        // A step of a run leaves out the rows that have ended; a step by itself does not.
        assertThat(report.broken()).containsExactly(Law.ROWS, Law.STEPS);
        assertThat(cases(report, Law.ROWS).get(0))
                .matches("forwards, float64: . steps of . rows .*, row . beside others, not alone: .*");
    }

    @Test
    void should_notice_rows_that_know_their_place() {
        ContractReport report = report(p -> new Plain(p) {
            @Override
            Node next(Node x, Node h) {
                Tensor places = Tensor.zeros(x.dtype(), x.shape().dim(0), HIDDEN);
                for (int i = 0; i < places.size(); i++) {
                    places.setFlat(i, places.shape().index(i)[0]);
                }
                return super.next(x, h).plus(x.graph().input(places));
            }
        });
        assertThat(report.broken()).contains(Law.ROWS);
    }

    @Test
    void should_notice_an_initial_state_that_changes() {
        AtomicInteger calls = new AtomicInteger();
        ContractReport report = report(p -> new Plain(p) {
            @Override
            public State initialState(Graph graph, int rows, DType dtype) {
                return State.of(
                        "h", graph.input(Tensor.zeros(dtype, rows, HIDDEN).fill(calls.incrementAndGet())));
            }
        });
        assertThat(report.broken()).contains(Law.REPEATABLE, Law.EMPTY);
        assertThat(cases(report, Law.EMPTY).get(0)).matches(".*, row . without steps: h\\[0]: expected .*, got .*");
    }

    @Test
    void should_notice_steps_that_are_told_from_outside() {
        ContractReport report = report(p -> new Plain(p) {
            @Override
            Node next(Node x, Node h) {
                return super.next(x, h).plus(x.step());
            }
        });
        assertThat(report.broken()).containsExactly(Law.STEPS, Law.STATIC);
        assertThat(cases(report, Law.STEPS).get(0)).contains(", step 1 by itself: output[", "]: expected ");
    }

    @Test
    void should_notice_scratch_that_threads_share() {
        Thread here = Thread.currentThread();
        ContractReport report = report(p -> new Plain(p) {
            private final CountDownLatch met = new CountDownLatch(2);
            private volatile double scratch;

            @Override
            Node next(Node x, Node h) {
                double own = x.value().getFlat(0);
                scratch = own;
                if (Thread.currentThread() != here) {
                    met.countDown();
                    await(met);
                }
                return super.next(x, h).plus(scratch - own);
            }
        });
        assertThat(report.broken()).containsExactly(Law.THREADS, Law.STATIC);
        assertThat(cases(report, Law.THREADS).get(0)).contains(", beside other threads: outputs[");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void should_notice_what_threads_throw() {
        Thread here = Thread.currentThread();
        ContractReport report = report(p -> new Plain(p) {
            @Override
            Node next(Node x, Node h) {
                if (Thread.currentThread() != here) {
                    throw new IllegalStateException("not at home");
                }
                return super.next(x, h);
            }
        });
        assertThat(report.broken()).containsExactly(Law.THREADS);
        assertThat(cases(report, Law.THREADS).get(0)).contains("threw ").contains("not at home");
    }

    /** h' = tanh((x + h) w + b), w being called the same wherever the cell is. */
    private record Nameless(Parameter b, Parameter w) implements Cell {
        Nameless(Parameters p) {
            this(p.make("b", Initializers.zeros(), INPUT));
        }

        private Nameless(Parameter b) {
            this(b, new Parameter("w", linspace(-1, 1, INPUT, INPUT).to(b.dtype())));
        }

        @Override
        public int inputSize() {
            return INPUT;
        }

        @Override
        public int outputSize() {
            return INPUT;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(b, w);
        }

        @Override
        public Step step(Node x, State state) {
            Node h = tanh(affine(x.plus(state.get("h")), w, b));
            return Step.of(h, State.of("h", h));
        }
    }

    @Test
    void should_notice_a_step_that_branches_on_values() {
        ContractReport report = report(p -> new Plain(p) {
            @Override
            Node next(Node x, Node h) {
                return x.value().firstNonFinite() < 0 ? super.next(x, h) : x;
            }
        });
        assertThat(report.broken()).containsExactly(Law.STATIC);
        assertThat(cases(report, Law.STATIC).get(0)).contains("cell 'cell': asks for the value of input #0");
    }

    @Test
    void should_notice_an_operation_that_does_not_say_what_it_equals() {
        ContractReport report = report(p -> new Plain(p) {
            @Override
            Node next(Node x, Node h) {
                return x.graph().record(new OwnCells.Unequal(), super.next(x, h));
            }
        });
        assertThat(report.broken()).containsExactly(Law.STATIC);
        assertThat(cases(report, Law.STATIC).get(0)).contains("must say by equals what is the same, as a record does");
    }

    @Test
    void should_notice_names_that_do_not_tell_cells_apart() {
        ContractReport report = report(Nameless::new);
        assertThat(report.broken()).containsExactly(Law.STACKED, Law.BOTH_WAYS);
        assertThat(cases(report, Law.STACKED).get(0))
                .isEqualTo("stack, float64: two cells made below different paths both call a parameter 'w';"
                        + " make parameters by Parameters.make");
    }

    @Test
    void should_notice_cells_that_share_weights() {
        Map<DType, Parameter> shared = new EnumMap<>(DType.class);
        ContractReport report = report(p -> {
            DType dtype = new Plain(p).parameters().get(0).dtype();
            return new Nameless(
                    shared.computeIfAbsent(dtype, each -> new Parameter("b", Tensor.zeros(each, INPUT))),
                    new Parameter("w", linspace(-1, 1, INPUT, INPUT).to(dtype)));
        });
        assertThat(report.broken()).contains(Law.STACKED, Law.BOTH_WAYS);
        assertThat(cases(report, Law.STACKED).get(0)).contains("stack: layer 1 uses parameter 'b'");
        assertThat(cases(report, Law.BOTH_WAYS).get(0)).contains("both directions share parameter 'b'");
    }

    @Test
    void should_tell_all_laws_that_are_broken_at_once() {
        AssertionError error = catchThrowableOfType(
                AssertionError.class,
                () -> CellContract.of(p -> {
                            p.make("idle", Initializers.zeros(), 2);
                            return mixing(p);
                        })
                        .seed(5)
                        .check());
        assertThat(error)
                .hasMessageStartingWith("contract of cell 'cell' (seed 5): 3 of 12 laws broken\n  learning (every")
                .hasMessageContaining("\n    forwards, float64: parameter 'cell.idle' float64 [2] gets no gradient")
                .hasMessageContaining("\n  rows (a row has the bits of the row alone)\n    forwards, float64: ")
                .hasMessageContaining(": expected ")
                .hasMessageContaining(", got ")
                .hasMessageContaining("\n    and ");
    }

    @Test
    void should_hand_on_what_the_cell_threw() {
        IllegalStateException thrown = new IllegalStateException("no single rows");
        AssertionError error = catchThrowableOfType(
                AssertionError.class,
                () -> CellContract.of(p -> new Plain(p) {
                            @Override
                            Node next(Node x, Node h) {
                                if (x.shape().dim(0) == 1) {
                                    throw thrown;
                                }
                                return super.next(x, h);
                            }
                        })
                        .check());
        assertThat(error).hasMessageContaining("threw java.lang.IllegalStateException: no single rows");
        assertThat(error.getSuppressed()).contains(thrown);
    }
}
