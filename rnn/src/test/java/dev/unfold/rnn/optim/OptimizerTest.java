package dev.unfold.rnn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.Initializers;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.random.MersenneTwister;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimizerTest {
    private static Parameter parameter(String name) {
        return new Parameter(name, Tensor.zeros(DType.FLOAT32, 2, 3));
    }

    private static List<Parameter> two() {
        return List.of(parameter("a"), new Parameter("b", Tensor.zeros(DType.FLOAT64, 5)));
    }

    @Test
    void bytes_are_those_of_the_state() {
        long once = 6 * 4 + 5 * 8;
        assertThat(new Sgd(two(), 1).bytes()).isZero();
        assertThat(new Sgd(two(), 1, Sgd.options().momentum(0.5)).bytes()).isEqualTo(once);
        assertThat(new Adam(two(), 1).bytes()).isEqualTo(2 * once);
        assertThat(new AdamW(two(), 1).bytes()).isEqualTo(2 * once);
        assertThat(new RmsProp(two(), 1).bytes()).isEqualTo(once);
        assertThat(new Adagrad(two(), 1).bytes()).isEqualTo(once);
    }

    @Test
    void steps_are_counted() {
        Optimizer optimizer = new Adam(two(), 1e-3);
        assertThat(optimizer.steps()).isZero();
        optimizer.step();
        optimizer.step();
        assertThat(optimizer.steps()).isEqualTo(2);
    }

    @Test
    void gradients_are_zeroed() {
        List<Parameter> parameters = two();
        Optimizer optimizer = new Sgd(parameters, 1);
        parameters.forEach(each -> each.gradient().fill(3));
        optimizer.zeroGradients();
        parameters.forEach(each -> assertThat(each.gradient().toDoubles()).containsOnly(0));
    }

    @Test
    void the_learning_rate_can_be_changed_between_steps() {
        Parameter parameter = new Parameter("p", Tensor.of(new double[] {1}, 1));
        Optimizer optimizer = new Sgd(List.of(parameter), 0.5);
        parameter.gradient().fill(1);
        optimizer.step();
        assertThat(parameter.value().item()).isEqualTo(0.5);
        optimizer.learningRate(0.25);
        assertThat(optimizer.learningRate()).isEqualTo(0.25);
        optimizer.step();
        assertThat(parameter.value().item()).isEqualTo(0.25);
    }

    /** In float32 1 - 4e-8 rounds to 1 - 6e-8: multiplying by it would take away half as much again. */
    @Test
    void a_small_decoupled_decay_is_right_on_average_in_float32() {
        Parameter parameter =
                Initializers.uniform(1, 2).parameter("p", DType.FLOAT32, new MersenneTwister(1), 100, 100);
        Tensor before = parameter.value().copy();
        new AdamW(List.of(parameter), 4e-6, AdamW.options().weightDecay(0.01)).step();
        double lost = 0;
        double whole = 0;
        for (int i = 0; i < before.size(); i++) {
            lost += before.getFlat(i) - parameter.value().getFlat(i);
            whole += before.getFlat(i);
        }
        assertThat(lost / whole).isCloseTo(4e-8, within(0.2e-8));
    }

    @Test
    void the_list_may_change_after_the_optimiser_is_made() {
        List<Parameter> parameters = new ArrayList<>(two());
        Optimizer optimizer = new Sgd(parameters, 1);
        parameters.clear();
        assertThat(optimizer.parameters()).hasSize(2);
    }

    @Test
    void no_parameters_throw() {
        assertThatThrownBy(() -> new Sgd(List.of(), 0.1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sgd: no parameters are given; expected at least one");
    }

    @Test
    void a_parameter_given_twice_throws() {
        Parameter same = parameter("rnn.wx");
        assertThatThrownBy(() -> new Adam(List.of(same, parameter("b"), same), 0.1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("adam: parameter 'rnn.wx' float32 [2, 3] is at positions 0 and 2 of the list;"
                        + " give it once");
    }

    @Test
    void two_parameters_of_one_name_throw() {
        assertThatThrownBy(() ->
                        new RmsProp(List.of(parameter("w"), new Parameter("w", Tensor.zeros(DType.FLOAT64, 5))), 0.1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rmsprop: parameter 'w' float32 [2, 3] and parameter 'w' float64 [5] have one name;"
                        + " give every parameter a name of its own");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY})
    void a_wrong_learning_rate_throws(double rate) {
        String problem = ": learning rate is " + rate + "; expected a finite number above 0";
        assertThatThrownBy(() -> new Sgd(two(), rate)).hasMessage("sgd" + problem);
        assertThatThrownBy(() -> new Adam(two(), rate)).hasMessage("adam" + problem);
        assertThatThrownBy(() -> new AdamW(two(), rate)).hasMessage("adamw" + problem);
        assertThatThrownBy(() -> new RmsProp(two(), rate)).hasMessage("rmsprop" + problem);
        assertThatThrownBy(() -> new Adagrad(two(), rate)).hasMessage("adagrad" + problem);
        Optimizer optimizer = new Sgd(two(), 0.5);
        assertThatThrownBy(() -> optimizer.learningRate(rate))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sgd" + problem);
        assertThat(optimizer.learningRate()).isEqualTo(0.5);
    }

    @Test
    void nesterov_without_momentum_throws() {
        assertThatThrownBy(() -> new Sgd(two(), 0.1, Sgd.options().nesterov()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sgd: Nesterov's step is asked for and momentum is 0; set momentum above 0,"
                        + " 0.9 for example");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void a_part_outside_zero_to_one_throws(double part) {
        String problem = " is " + part + "; expected a number from 0 up to but not including 1";
        assertThatThrownBy(() -> Sgd.options().momentum(part)).hasMessage("sgd: momentum" + problem);
        assertThatThrownBy(() -> Adam.options().betas(part, 0.9)).hasMessage("adam: beta1" + problem);
        assertThatThrownBy(() -> Adam.options().betas(0.9, part)).hasMessage("adam: beta2" + problem);
        assertThatThrownBy(() -> AdamW.options().betas(part, 0.9)).hasMessage("adam: beta1" + problem);
        assertThatThrownBy(() -> AdamW.options().betas(0.9, part)).hasMessage("adam: beta2" + problem);
        assertThatThrownBy(() -> RmsProp.options().alpha(part))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rmsprop: alpha" + problem);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1e-8, 1e-50, Double.NaN, Double.POSITIVE_INFINITY})
    void a_wrong_epsilon_throws(double epsilon) {
        String problem = ": epsilon is " + epsilon
                + "; expected a finite number of at least 1.2e-38, or float32 may divide by zero";
        assertThatThrownBy(() -> Adam.options().epsilon(epsilon)).hasMessage("adam" + problem);
        assertThatThrownBy(() -> AdamW.options().epsilon(epsilon)).hasMessage("adam" + problem);
        assertThatThrownBy(() -> RmsProp.options().epsilon(epsilon)).hasMessage("rmsprop" + problem);
        assertThatThrownBy(() -> Adagrad.options().epsilon(epsilon))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("adagrad" + problem);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.01, Double.NaN, Double.POSITIVE_INFINITY})
    void a_wrong_weight_decay_throws(double decay) {
        String problem = ": weight decay is " + decay + "; expected a finite number, 0 or above";
        assertThatThrownBy(() -> Sgd.options().weightDecay(decay)).hasMessage("sgd" + problem);
        assertThatThrownBy(() -> Adam.options().weightDecay(decay)).hasMessage("adam" + problem);
        assertThatThrownBy(() -> AdamW.options().weightDecay(decay)).hasMessage("adam" + problem);
        assertThatThrownBy(() -> RmsProp.options().weightDecay(decay)).hasMessage("rmsprop" + problem);
        assertThatThrownBy(() -> Adagrad.options().weightDecay(decay))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("adagrad" + problem);
    }
}
