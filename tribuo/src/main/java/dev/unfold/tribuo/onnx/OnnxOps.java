package dev.unfold.tribuo.onnx;

import ai.onnx.proto.OnnxMl;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** How operations are written that make sense without training: by name, one line each or a method. */
final class OnnxOps {
    /** From here on, reductions take their axes as an input. */
    private static final int AXES_AS_INPUT = 18;

    private final Map<String, OnnxOperation> table = new HashMap<>();

    private OnnxOps() {}

    static Map<String, OnnxOperation> all() {
        OnnxOps ops = new OnnxOps();
        ops.arithmetic();
        ops.functions();
        ops.products();
        ops.movements();
        ops.reductions();
        return Map.copyOf(ops.table);
    }

    /** The same operator with the same operands. */
    private void same(String name, String type) {
        table.put(name, (graph, use) -> graph.node(type, use.inputs().toArray(new String[0])));
    }

    private void arithmetic() {
        same("plus", "Add");
        same("minus", "Sub");
        same("times", "Mul");
        same("dividedBy", "Div");
        table.put("scale", (graph, use) -> graph.node("Mul", use.input(0), graph.number(use.number("factor"))));
        table.put("shift", (graph, use) -> graph.node("Add", use.input(0), graph.number(use.number("number"))));
    }

    private void functions() {
        same("sqrt", "Sqrt");
        same("exp", "Exp");
        same("log", "Log");
        same("abs", "Abs");
        same("sigmoid", "Sigmoid");
        same("tanh", "Tanh");
        same("relu", "Relu");
        same("softplus", "Softplus");
        same("stopGradient", "Identity");
        table.put("square", (graph, use) -> graph.node("Mul", use.input(0), use.input(0)));
        table.put("gelu", (graph, use) -> gelu(graph, use.input(0)));
        table.put(
                "leakyRelu",
                (graph, use) -> graph.node("LeakyRelu", Map.of("alpha", use.number("slope")), use.input(0)));
        table.put("elu", (graph, use) -> graph.node("Elu", Map.of("alpha", use.number("alpha")), use.input(0)));
        table.put(
                "clip",
                (graph, use) -> graph.node(
                        "Clip", use.input(0), graph.number(use.number("low")), graph.number(use.number("high"))));
        table.put("softmax", (graph, use) -> graph.node("Softmax", Map.of("axis", -1), use.input(0)));
        table.put("logSoftmax", (graph, use) -> graph.node("LogSoftmax", Map.of("axis", -1), use.input(0)));
        table.put("layerNorm", OnnxOps::layerNorm);
    }

    private static String gelu(OnnxGraph graph, String x) {
        String erf = graph.node("Erf", graph.node("Mul", x, graph.number(Math.sqrt(0.5))));
        String phi = graph.node("Mul", graph.node("Add", erf, graph.number(1)), graph.number(0.5));
        return graph.node("Mul", x, phi);
    }

    private static String layerNorm(OnnxGraph graph, OnnxUse use) {
        String x = use.input(0);
        String centred = graph.node("Sub", x, reduced(graph, "ReduceMean", x, true, -1));
        String variance = reduced(graph, "ReduceMean", graph.node("Mul", centred, centred), true, -1);
        String root = graph.node("Sqrt", graph.node("Add", variance, graph.number(use.number("epsilon"))));
        return graph.node("Div", centred, root);
    }

    private void products() {
        table.put("matmul", (graph, use) -> {
            String a = use.flag("transposeA") ? graph.node("Transpose", use.input(0)) : use.input(0);
            String b = use.flag("transposeB") ? graph.node("Transpose", use.input(1)) : use.input(1);
            return graph.node("MatMul", a, b);
        });
        table.put("affine", (graph, use) -> {
            return graph.node("Add", graph.node("MatMul", use.input(0), use.input(1)), use.input(2));
        });
        table.put("addmm", (graph, use) -> {
            return graph.node("Add", use.input(0), graph.node("MatMul", use.input(1), use.input(2)));
        });
        table.put("gather", (graph, use) -> graph.node("Gather", use.input(0), use.input(1)));
        table.put("gatherOrZero", OnnxOps::gatherOrZero);
        table.put("gatherSum", OnnxOps::gatherSum);
    }

    private static String gatherOrZero(OnnxGraph graph, OnnxUse use) {
        String indices = graph.cast(use.input(1), OnnxMl.TensorProto.DataType.INT64);
        String rows = graph.node("Gather", use.input(0), graph.node("Max", indices, graph.integers(0)));
        String none = graph.node("Less", indices, graph.integers(0));
        return graph.node("Where", graph.unsqueeze(none, -1), graph.number(0), rows);
    }

    /** Rows whose value is 0 are not looked at, whatever they hold. */
    private static String gatherSum(OnnxGraph graph, OnnxUse use) {
        String rows = graph.node("Gather", use.input(0), use.input(1));
        String values = graph.unsqueeze(use.input(2), -1);
        String none = graph.node("Equal", values, graph.number(0));
        String products = graph.node("Where", none, graph.number(0), graph.node("Mul", rows, values));
        return graph.node("ReduceSum", Map.of("keepdims", 0), products, graph.integers(-2));
    }

    private void movements() {
        table.put("concat", (graph, use) -> joined(graph, use, use.inputs()));
        table.put("stack", (graph, use) -> {
            int axis = use.integer("axis");
            return joined(
                    graph,
                    use,
                    use.inputs().stream()
                            .map(each -> graph.unsqueeze(each, axis))
                            .toList());
        });
        table.put(
                "slice",
                (graph, use) -> graph.node(
                        "Slice",
                        use.input(0),
                        graph.integers(use.integer("from")),
                        graph.integers(use.integer("to")),
                        graph.integers(use.integer("axis"))));
        table.put("at", (graph, use) -> {
            String index = graph.squeeze(graph.integers(use.integer("index")), 0);
            return graph.node("Gather", Map.of("axis", use.integer("axis")), use.input(0), index);
        });
        table.put("reshape", (graph, use) -> {
            long[] dims = use.shape().stream().mapToLong(Integer::longValue).toArray();
            return graph.node("Reshape", use.input(0), graph.integers(dims));
        });
        table.put("swapAxes", OnnxOps::swapAxes);
        table.put("select", OnnxOps::select);
        table.put("selectNonZero", OnnxOps::select);
        table.put("reverseByLength", (graph, use) -> {
            // A length of 0 is not defined; that of 1 leaves all in its place as well.
            String lengths = graph.cast(use.input(1), OnnxMl.TensorProto.DataType.INT64);
            return graph.node(
                    "ReverseSequence",
                    Map.of("time_axis", 0, "batch_axis", 1),
                    use.input(0),
                    graph.node("Max", lengths, graph.integers(1)));
        });
    }

    private static String joined(OnnxGraph graph, OnnxUse use, List<String> inputs) {
        return graph.node("Concat", Map.of("axis", use.integer("axis")), inputs.toArray(new String[0]));
    }

    private static String swapAxes(OnnxGraph graph, OnnxUse use) {
        int rank = use.rank(0);
        int a = Math.floorMod(use.integer("axisA"), rank);
        int b = Math.floorMod(use.integer("axisB"), rank);
        List<Integer> order = IntStream.range(0, rank)
                .mapToObj(axis -> axis == a ? b : axis == b ? a : axis)
                .toList();
        return graph.node("Transpose", Map.of("perm", order), use.input(0));
    }

    private static String select(OnnxGraph graph, OnnxUse use) {
        String mask = graph.cast(use.input(0), OnnxMl.TensorProto.DataType.BOOL);
        long[] missing = IntStream.range(use.rank(0), use.rank(1))
                .mapToLong(axis -> axis)
                .toArray();
        String wide = missing.length == 0 ? mask : graph.unsqueeze(mask, missing);
        return graph.node("Where", wide, use.input(1), use.input(2));
    }

    private void reductions() {
        reduction("sum", "ReduceSum");
        reduction("mean", "ReduceMean");
        reduction("max", "ReduceMax");
        reduction("logSumExp", "ReduceLogSumExp");
    }

    private void reduction(String name, String type) {
        table.put(name, (graph, use) -> {
            boolean all = !use.op().settings().containsKey("axis");
            int[] axes = all ? IntStream.range(0, use.rank(0)).toArray() : new int[] {use.integer("axis")};
            return axes.length == 0
                    ? graph.node("Identity", use.input(0))
                    : reduced(graph, type, use.input(0), false, axes);
        });
    }

    private static String reduced(OnnxGraph graph, String type, String x, boolean keeps, int... axes) {
        int keepdims = keeps ? 1 : 0;
        if ("ReduceSum".equals(type) || graph.opset() >= AXES_AS_INPUT) {
            long[] wide = IntStream.of(axes).mapToLong(axis -> axis).toArray();
            return graph.node(type, Map.of("keepdims", keepdims), x, graph.integers(wide));
        }
        List<Integer> given = IntStream.of(axes).boxed().toList();
        return graph.node(type, Map.of("keepdims", keepdims, "axes", given), x);
    }
}
