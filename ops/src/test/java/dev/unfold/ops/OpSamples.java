package dev.unfold.ops;

import dev.unfold.graph.DType;
import dev.unfold.graph.Node;
import dev.unfold.graph.Recorded;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** One row, or a few, for every operation. A new operation needs a row here and nothing else to be tested. */
final class OpSamples {
    private static final List<Shape> SHAPES =
            List.of(Shape.scalar(), Shape.of(1), Shape.of(17), Shape.of(2, 33), Shape.of(3, 1), Shape.of(3, 2, 5));

    /** Pairs that repeat to one another, over leading axes, in both directions. */
    private static final Shape[][] REPEATED = {
        {Shape.of(2, 3), Shape.of(2, 3)},
        {Shape.of(3), Shape.of(2, 3)},
        {Shape.of(4, 17), Shape.of(17)},
        {Shape.of(1, 3), Shape.of(5, 3)},
        {Shape.scalar(), Shape.of(2, 3)},
        {Shape.of(4, 2, 3), Shape.of(3)},
        {Shape.of(2, 3), Shape.of(4, 2, 3)},
        {Shape.of(4, 2, 3), Shape.scalar()},
        {Shape.of(2, 3, 1), Shape.of(1)},
        {Shape.of(1, 1, 3), Shape.of(3)},
        {Shape.of(4, 2, 3), Shape.of(1, 2, 3)}
    };

    private final List<OpSample> rows = new ArrayList<>();
    private final Numbers numbers = new Numbers(42);

    private OpSamples() {}

    static List<OpSample> all() {
        OpSamples samples = new OpSamples();
        samples.arithmetic();
        samples.functions();
        samples.products();
        samples.joining();
        samples.cutting();
        samples.selecting();
        samples.dropping();
        samples.reductions();
        samples.normalisations();
        samples.losses();
        samples.bags();
        return List.copyOf(samples.rows);
    }

    private void arithmetic() {
        repeated("plus", Ops::plus, numbers::any);
        repeated("minus", Ops::minus, numbers::any);
        repeated("times", Ops::times, numbers::any);
        repeated("divide", Ops::divide, numbers::positive);
        each("plus", numbers::any, a -> Ops.plus(a, 0.3));
        each("scale", numbers::any, a -> Ops.scale(a, -1.7));
        each("negate", numbers::any, Ops::negate);
        each("oneMinus", numbers::any, Ops::oneMinus);
    }

    private void functions() {
        each("square", numbers::awayFromZero, Ops::square);
        each("sqrt", numbers::positive, Ops::sqrt);
        each("exp", numbers::any, Ops::exp);
        each("log", numbers::positive, Ops::log);
        each("abs", numbers::awayFromZero, Ops::abs);
        row("clip", 0, a -> Ops.clip(a.get(0), -0.1, 2), numbers.awayFromZero(Shape.of(3, 17)));
        row("clip", 0, a -> Ops.clip(a.get(0), -2, 0.1), numbers.awayFromZero(Shape.of(33)));
        row("clip", 0, a -> Ops.clip(a.get(0), -0.1, 3), Tensor.of(new double[] {-1, 1.5, 4}, 3));
        each("sigmoid", numbers::any, Ops::sigmoid);
        each("tanh", numbers::any, Ops::tanh);
        each("relu", numbers::positive, Ops::relu);
        row("relu", 0, a -> Ops.relu(a.get(0)), numbers.awayFromZero(Shape.of(3, 17)));
        each("leakyRelu", numbers::awayFromZero, a -> Ops.leakyRelu(a, 0.1));
        row("leakyRelu", 0, a -> Ops.leakyRelu(a.get(0), 0.2), numbers.awayFromZero(Shape.of(3)));
        each("softplus", numbers::any, Ops::softplus);
        each("elu", numbers::awayFromZero, a -> Ops.elu(a, 1.3));
        row("elu", 0, a -> Ops.elu(a.get(0), 1), numbers.awayFromZero(Shape.of(3)));
        each("gelu", numbers::any, Ops::gelu);
    }

    private void products() {
        product("matmul", Ops::matmul, Shape.of(2, 3), Shape.of(3, 4));
        product("matmul", Ops::matmul, Shape.of(1, 1), Shape.of(1, 1));
        product("matmul", Ops::matmul, Shape.of(7, 17), Shape.of(17, 5));
        product("matmul", Ops::matmul, Shape.of(3, 2, 5), Shape.of(5, 3));
        product("matmulTransposedA", Ops::matmulTransposedA, Shape.of(3, 2), Shape.of(3, 4));
        product("matmulTransposedA", Ops::matmulTransposedA, Shape.of(17, 5), Shape.of(17, 7));
        product("matmulTransposedB", Ops::matmulTransposedB, Shape.of(2, 3), Shape.of(4, 3));
        product("matmulTransposedB", Ops::matmulTransposedB, Shape.of(7, 17), Shape.of(5, 17));
        product("matmulTransposedB", Ops::matmulTransposedB, Shape.of(3, 2, 5), Shape.of(4, 5));
        for (Shape x : List.of(Shape.of(2, 3), Shape.of(1, 3), Shape.of(4, 2, 3), Shape.of(17, 3))) {
            row(
                    "affine",
                    0,
                    a -> Ops.affine(a.get(0), a.get(1), a.get(2)),
                    numbers.any(x),
                    numbers.any(Shape.of(3, 5)),
                    numbers.any(Shape.of(5)));
        }
        for (Shape x : List.of(Shape.of(2, 3), Shape.of(1, 1), Shape.of(4, 2, 3), Shape.of(17, 17))) {
            int columns = x.columns();
            row(
                    "addmm",
                    0,
                    a -> Ops.addmm(a.get(0), a.get(1), a.get(2)),
                    numbers.any(x.withDim(x.rank() - 1, 5)),
                    numbers.any(x),
                    numbers.any(Shape.of(columns, 5)));
            row(
                    "addmm",
                    0,
                    a -> Ops.addmm(a.get(0), a.get(0), a.get(1)),
                    numbers.any(x),
                    numbers.any(Shape.of(columns, columns)));
        }
    }

    private void joining() {
        join("concat", a -> Ops.concat(0, a.get(0), a.get(1)), Shape.of(2), Shape.of(3));
        join("concat", a -> Ops.concat(-1, a.get(0), a.get(1)), Shape.of(2, 3), Shape.of(2, 1));
        join("concat", a -> Ops.concat(0, a.get(0), a.get(1)), Shape.of(2, 3), Shape.of(4, 3));
        join(
                "concat",
                a -> Ops.concat(1, a.get(0), a.get(1), a.get(2)),
                Shape.of(2, 1, 3),
                Shape.of(2, 2, 3),
                Shape.of(2, 4, 3));
        join("concat", a -> Ops.concat(0, a.get(0), a.get(0)), Shape.of(2, 3));
        for (int axis = 0; axis <= 2; axis++) {
            int at = axis;
            join("stack", a -> Ops.stack(at, a), Shape.of(2, 3), Shape.of(2, 3), Shape.of(2, 3));
        }
        join("stack", a -> Ops.stack(1, a), Shape.of(3), Shape.of(3));
        join("stack", a -> Ops.stack(0, a), Shape.scalar(), Shape.scalar());
    }

    private void cutting() {
        for (int axis = -3; axis < 3; axis++) {
            int along = axis;
            moved("slice", Shape.of(4, 3, 5), a -> Ops.slice(a, along, 1, 3));
            moved("at", Shape.of(4, 3, 5), a -> Ops.at(a, along, 2));
            for (int other = 1; other < 3; other++) {
                int swapped = Math.floorMod(axis + other, 3);
                moved("swapAxes", Shape.of(4, 3, 5), a -> Ops.swapAxes(a, along, swapped));
            }
        }
        moved("slice", Shape.of(17), a -> Ops.slice(a, 0, 0, 17));
        moved("at", Shape.of(17), a -> Ops.at(a, 0, 16));
        moved("transpose", Shape.of(17, 3), Ops::transpose);
        moved("reshape", Shape.of(4, 6), a -> Ops.reshape(a, 3, 2, 4));
        moved("reshape", Shape.of(1, 1), Ops::reshape);
        moved("reshape", Shape.of(4, 6), a -> Ops.reshape(a, 4, 3, 2));
        moved("reshape", Shape.of(4, 3, 2), a -> Ops.reshape(a, 4, 6));
        moved("split", Shape.of(2, 6), a -> {
            List<Node> parts = Ops.split(a, -1, 3);
            return Ops.minus(Ops.times(parts.get(0), parts.get(1)), parts.get(2));
        });
    }

    private void selecting() {
        for (Shape indices : List.of(Shape.scalar(), Shape.of(17), Shape.of(2, 5))) {
            row(
                    "gather",
                    1,
                    a -> Ops.gather(a.get(0), a.get(1)),
                    numbers.any(Shape.of(4, 3)),
                    numbers.indices(indices, 4));
            row(
                    "gatherOrZero",
                    1,
                    a -> Ops.gatherOrZero(a.get(0), a.get(1)),
                    numbers.any(Shape.of(4, 3)),
                    numbers.indicesOrNone(indices, 4));
        }
        for (Shape mask : List.of(Shape.scalar(), Shape.of(4), Shape.of(4, 3), Shape.of(4, 3, 5))) {
            row(
                    "select",
                    1,
                    a -> Ops.select(a.get(2), a.get(0), a.get(1)),
                    numbers.any(Shape.of(4, 3, 5)),
                    numbers.any(Shape.of(4, 3, 5)),
                    numbers.indices(mask, 2));
            row(
                    "selectNonZero",
                    1,
                    a -> Ops.selectNonZero(a.get(2), a.get(0), a.get(1)),
                    numbers.any(Shape.of(4, 3, 5)),
                    numbers.any(Shape.of(4, 3, 5)),
                    numbers.indices(mask, 2).to(DType.FLOAT64));
        }
        row(
                "reverseByLength",
                1,
                a -> Ops.reverseByLength(a.get(0), a.get(1)),
                numbers.any(Shape.of(6, 5, 3)),
                Tensor.of(new int[] {6, 0, 3, 1, 5}, 5));
        row(
                "stopGradient",
                0,
                a -> Ops.times(Ops.stopGradient(Ops.scale(a.get(1), 0)), a.get(0))
                        .plus(a.get(1)),
                numbers.any(Shape.of(2, 3)),
                numbers.any(Shape.of(2, 3)));
    }

    private void bags() {
        for (Shape indices : List.of(Shape.of(3), Shape.of(17, 2), Shape.of(2, 5, 3))) {
            row(
                    "gatherSum",
                    2,
                    a -> Ops.gatherSum(a.get(0), a.get(1), a.get(2)),
                    numbers.any(Shape.of(4, 3)),
                    numbers.indices(indices, 4),
                    numbers.any(indices));
        }
    }

    private void dropping() {
        for (Shape shape : List.of(Shape.of(1, 1), Shape.of(7, 17), Shape.of(4, 3, 5))) {
            for (int step = -1; step < 2; step++) {
                int at = step;
                moved("dropout", shape, a -> {
                    a.graph().atStep(at);
                    return Ops.dropout(a, 0.7, 1);
                });
                moved("variationalDropout", shape, a -> {
                    a.graph().atStep(at);
                    return Ops.variationalDropout(a, 0.4, 2);
                });
            }
            moved("dropout", shape, a -> Ops.dropout(a, 0.7, 2));
            moved("dropout", shape, a -> Ops.dropout(a, 1e-3, 1).plus(a));
        }
    }

    private void reductions() {
        for (Shape shape : SHAPES) {
            row("sum", 0, a -> Ops.sum(a.get(0)), numbers.any(shape));
            row("mean", 0, a -> Ops.mean(a.get(0)), numbers.any(shape));
            for (int axis = -shape.rank(); axis < shape.rank(); axis++) {
                int along = axis;
                row("sum", 0, a -> Ops.sum(a.get(0), along), numbers.any(shape));
                row("mean", 0, a -> Ops.mean(a.get(0), along), numbers.any(shape));
                row("max", 0, a -> Ops.max(a.get(0), along), numbers.apart(shape));
                row("logSumExp", 0, a -> Ops.logSumExp(a.get(0), along), numbers.any(shape));
            }
        }
        row("sum", 0, a -> Ops.sum(a.get(0), 1), numbers.any(Shape.of(2, 33, 1)));
    }

    private void normalisations() {
        for (Shape shape : List.of(Shape.of(17), Shape.of(2, 33), Shape.of(3, 2, 5))) {
            row("softmax", 0, a -> Ops.softmax(a.get(0)), numbers.any(shape));
            row("logSoftmax", 0, a -> Ops.logSoftmax(a.get(0)), numbers.any(shape));
            row("layerNorm", 0, a -> Ops.layerNorm(a.get(0)), numbers.any(shape));
            row("layerNorm", 0, a -> Ops.layerNorm(a.get(0), 0.5), numbers.any(shape));
        }
    }

    private void losses() {
        for (Shape tokens : List.of(Shape.of(17), Shape.of(3, 2))) {
            Tensor labels = numbers.indices(tokens, 5);
            Tensor mask = numbers.indices(tokens, 2);
            mask.setFlat(0, 1);
            Tensor weights = numbers.positive(Shape.of(5));
            Tensor logits = numbers.any(tokens.with(tokens.rank(), 5));
            row("crossEntropy", 1, a -> Ops.crossEntropy(a.get(0), a.get(1)), logits, labels);
            for (CrossEntropy loss : List.of(CrossEntropy.meanOverTokens(), CrossEntropy.sumOverStepsMeanOverRows())) {
                OpSample.Recording masked = a -> loss.mask(a.get(2)).of(a.get(0), a.get(1));
                OpSample.Recording all = a -> loss.mask(a.get(2))
                        .classWeights(a.get(3))
                        .ignoring((int) labels.getFlat(2))
                        .of(a.get(0), a.get(1));
                row("CrossEntropy.of", 2, masked, logits, labels, mask);
                row("CrossEntropy.of", 3, all, logits, labels, mask, weights);
            }
        }
        temporalLosses();
        join("binaryCrossEntropy", a -> Ops.binaryCrossEntropy(a.get(0), a.get(1)), Shape.of(4, 3), Shape.of(4, 3));
        join("meanSquaredError", a -> Ops.meanSquaredError(a.get(0), a.get(1)), Shape.of(17), Shape.of(17));
        join(
                "l2Penalty",
                a -> Ops.l2Penalty(
                        a.get(0).graph(),
                        0.3,
                        a.stream().map(Recorded::parameter).toList()),
                Shape.of(4, 3),
                Shape.of(3));
    }

    private void temporalLosses() {
        Shape tokens = Shape.of(4, 3);
        Tensor labels = numbers.indices(tokens, 5);
        Tensor logits = numbers.any(tokens.with(2, 5));
        Tensor lengths = Tensor.of(new int[] {3, 0, 4}, 3);
        Tensor mask = numbers.indices(tokens, 2);
        mask.setFlat(0, 1);
        for (CrossEntropy loss : List.of(CrossEntropy.meanOverTokens(), CrossEntropy.sumOverStepsMeanOverRows())) {
            row("CrossEntropy.of", 2, a -> loss.lengths(a.get(2)).of(a.get(0), a.get(1)), logits, labels, lengths);
            OpSample.Recording all = a -> loss.lengths(a.get(2))
                    .mask(a.get(3))
                    .classWeights(a.get(4))
                    .ignoring((int) labels.getFlat(2))
                    .of(a.get(0), a.get(1));
            row("CrossEntropy.of", 4, all, logits, labels, lengths, mask, numbers.positive(Shape.of(5)));
        }
    }

    private void repeated(String method, BinaryOperator<Node> op, Function<Shape, Tensor> domain) {
        for (Shape[] pair : REPEATED) {
            row(method, 0, a -> op.apply(a.get(0), a.get(1)), domain.apply(pair[0]), domain.apply(pair[1]));
        }
    }

    private void each(String method, Function<Shape, Tensor> domain, UnaryOperator<Node> op) {
        for (Shape shape : SHAPES) {
            row(method, 0, a -> op.apply(a.get(0)), domain.apply(shape));
        }
    }

    private void product(String method, BinaryOperator<Node> op, Shape a, Shape b) {
        row(method, 0, nodes -> op.apply(nodes.get(0), nodes.get(1)), numbers.any(a), numbers.any(b));
    }

    private void moved(String method, Shape shape, UnaryOperator<Node> op) {
        row(method, 0, a -> op.apply(a.get(0)), numbers.any(shape));
    }

    private void join(String method, OpSample.Recording op, Shape... shapes) {
        List<Tensor> operands = new ArrayList<>();
        for (Shape shape : shapes) {
            operands.add(numbers.any(shape));
        }
        rows.add(new OpSample(method, operands, 0, op));
    }

    private void row(String method, int constants, OpSample.Recording op, Tensor... operands) {
        rows.add(new OpSample(method, List.of(operands), constants, op));
    }
}
