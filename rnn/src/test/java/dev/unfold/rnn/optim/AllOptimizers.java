package dev.unfold.rnn.optim;

import dev.unfold.graph.Parameter;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.provider.Arguments;

/** Every optimiser, with every kind of option, for tests of what they have in common. */
final class AllOptimizers {
    private AllOptimizers() {}

    static List<Arguments> all() {
        return List.of(
                of("sgd", p -> new Sgd(p, 0.05)),
                of("sgd, decay", p -> new Sgd(p, 0.05, Sgd.options().weightDecay(0.1))),
                of("sgd, momentum", p -> new Sgd(p, 0.05, Sgd.options().momentum(0.9))),
                of(
                        "sgd, Nesterov",
                        p -> new Sgd(
                                p, 0.05, Sgd.options().nesterov().momentum(0.9).weightDecay(0.01))),
                of("adam", p -> new Adam(p, 0.05)),
                of("adam, decay", p -> new Adam(p, 0.05, Adam.options().weightDecay(0.01))),
                of("adamw", p -> new AdamW(p, 0.05)),
                of("adamw, no decay", p -> new AdamW(p, 0.05, AdamW.options().weightDecay(0))),
                of("rmsprop", p -> new RmsProp(p, 0.01)),
                of("rmsprop, decay", p -> new RmsProp(p, 0.01, RmsProp.options().weightDecay(0.01))),
                of("adagrad", p -> new Adagrad(p, 0.5)),
                of("adagrad, decay", p -> new Adagrad(p, 0.5, Adagrad.options().weightDecay(0.01))));
    }

    private static Arguments of(String name, Function<List<Parameter>, Optimizer> made) {
        return Arguments.of(name, new Maker(made));
    }

    /** Makes one optimiser. */
    record Maker(Function<List<Parameter>, Optimizer> made) {
        Optimizer of(List<Parameter> parameters) {
            return made.apply(parameters);
        }

        @Override
        public String toString() {
            return "optimizer";
        }
    }
}
