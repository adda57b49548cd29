package dev.unfold.rnn.optim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.Golden;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every optimiser takes the steps that PyTorch takes. */
class OptimizerGoldenTest {
    @ParameterizedTest
    @ValueSource(strings = {"sgd", "sgd_momentum", "sgd_nesterov_decay", "adam", "adamw", "rmsprop", "adagrad"})
    void steps_are_those_of_pytorch(String name) {
        Golden golden = Golden.load("optimizer_" + name);
        follow(golden, name, DType.FLOAT64, 1e-10);
        follow(golden, name, DType.FLOAT32, 1e-4);
    }

    private static void follow(Golden golden, String name, DType dtype, double relative) {
        Parameter parameter = new Parameter("p", golden.tensor("p0").to(dtype));
        Optimizer optimizer = optimizer(golden, name, List.of(parameter));
        int step = 1;
        for (; golden.hasTensor("p" + step); step++) {
            Tensor gradient = golden.tensor("g" + step).to(dtype);
            parameter.gradient().copyFrom(gradient);
            optimizer.step();
            Golden.assertClose(golden.tensor("p" + step), parameter.value(), relative);
            assertThat(parameter.gradient().sameBits(gradient)).isTrue();
        }
        assertThat(step).isEqualTo(6);
    }

    private static Optimizer optimizer(Golden golden, String name, List<Parameter> parameters) {
        double rate = golden.config("lr");
        double decay = golden.config("weight_decay", 0);
        return switch (name) {
            case "adam" -> {
                double[] betas = golden.configDoubles("betas");
                yield new Adam(
                        parameters,
                        rate,
                        Adam.options()
                                .betas(betas[0], betas[1])
                                .epsilon(golden.config("eps"))
                                .weightDecay(decay));
            }
            case "adamw" -> {
                double[] betas = golden.configDoubles("betas");
                yield new AdamW(
                        parameters,
                        rate,
                        AdamW.options()
                                .betas(betas[0], betas[1])
                                .epsilon(golden.config("eps"))
                                .weightDecay(decay));
            }
            case "rmsprop" ->
                new RmsProp(
                        parameters,
                        rate,
                        RmsProp.options().alpha(golden.config("alpha")).epsilon(golden.config("eps")));
            case "adagrad" -> new Adagrad(parameters, rate, Adagrad.options().epsilon(golden.config("eps")));
            default -> {
                Sgd.Options options =
                        Sgd.options().momentum(golden.config("momentum", 0)).weightDecay(decay);
                yield new Sgd(parameters, rate, golden.configFlag("nesterov") ? options.nesterov() : options);
            }
        };
    }
}
