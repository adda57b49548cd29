package dev.unfold.tribuo.onnx;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A graph of ONNX that is being written: operators are put behind one another, each named by its output. Constants are those of the whole
 * model, float32, int32 or int64.
 */
public final class OnnxGraph {
    private static final int ELEMENT_BYTES_OF_INT64 = 8;

    private final OnnxMl.GraphProto.Builder graph = OnnxMl.GraphProto.newBuilder();
    private final Model model;

    /** What the bodies of loops share with the graph around them. */
    private static final class Model {
        final int opset;
        final List<OnnxMl.TensorProto> initializers = new ArrayList<>();
        final IdentityHashMap<Parameter, String> parameters = new IdentityHashMap<>();
        final Map<Object, String> constants = new HashMap<>();
        final Set<String> taken = new HashSet<>();
        int named;

        Model(int opset) {
            this.opset = opset;
        }
    }

    /** Begins the graph of a model. */
    OnnxGraph(int opset) {
        this(new Model(opset));
    }

    private OnnxGraph(Model model) {
        this.model = model;
    }

    /** Begins the graph of a loop, which sees the names of this one. */
    OnnxGraph body() {
        return new OnnxGraph(model);
    }

    /** Returns the version of the set of operators. */
    public int opset() {
        return model.opset;
    }

    /** Adds an operator without attributes and returns the name of its output. */
    public String node(String type, String... inputs) {
        return node(type, Map.of(), inputs);
    }

    /**
     * Adds an operator and returns the name of its first output.
     *
     * @param type what ONNX calls it
     * @param attributes by name: whole numbers, lists of them, floating-point numbers or texts
     * @param inputs names of values; an empty one where an input is left out
     */
    public String node(String type, Map<String, ?> attributes, String... inputs) {
        return nodes(type, attributes, List.of(inputs), 1).get(0);
    }

    /** Adds an operator and returns the names of its outputs. */
    List<String> nodes(String type, Map<String, ?> attributes, List<String> inputs, int outputs) {
        List<String> names =
                IntStream.range(0, outputs).mapToObj(i -> newName(type)).toList();
        OnnxMl.NodeProto.Builder node = OnnxMl.NodeProto.newBuilder()
                .setOpType(type)
                .setName(names.get(0) + "_node")
                .addAllInput(inputs)
                .addAllOutput(names);
        attributes.forEach((name, value) -> node.addAttribute(attribute(name, value)));
        graph.addNode(node);
        return names;
    }

    /** Gives a value a name of its own. */
    void name(String value, String name) {
        graph.addNode(OnnxMl.NodeProto.newBuilder()
                .setOpType("Identity")
                .setName(name + "_node")
                .addInput(value)
                .addOutput(name));
    }

    /** Keeps a name from being given to anything but what is declared by it. */
    void reserve(String name) {
        model.taken.add(name);
    }

    private String newName(String stem) {
        String name = stem + "_" + model.named++;
        return model.taken.add(name) ? name : newName(stem);
    }

    private static OnnxMl.AttributeProto attribute(String name, Object value) {
        OnnxMl.AttributeProto.Builder made = OnnxMl.AttributeProto.newBuilder().setName(name);
        if (value instanceof Integer || value instanceof Long) {
            made.setType(OnnxMl.AttributeProto.AttributeType.INT).setI(((Number) value).longValue());
        } else if (value instanceof Number number) {
            made.setType(OnnxMl.AttributeProto.AttributeType.FLOAT).setF(number.floatValue());
        } else if (value instanceof String text) {
            made.setType(OnnxMl.AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(text));
        } else if (value instanceof OnnxMl.GraphProto body) {
            made.setType(OnnxMl.AttributeProto.AttributeType.GRAPH).setG(body);
        } else if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            made.setType(OnnxMl.AttributeProto.AttributeType.STRINGS);
            list.forEach(each -> made.addStrings(ByteString.copyFromUtf8((String) each)));
        } else if (value instanceof List<?> list && list.stream().allMatch(Number.class::isInstance)) {
            made.setType(OnnxMl.AttributeProto.AttributeType.INTS);
            list.forEach(each -> made.addInts(((Number) each).longValue()));
        } else {
            throw new IllegalArgumentException("onnx: attribute '" + name + "' is " + value
                    + "; expected a number, a text, or a list of whole numbers or texts");
        }
        return made.build();
    }

    /** Returns the name of a float32 constant, one number. */
    public String number(double value) {
        return constant(value, () -> Tensor.of(new float[] {(float) value}));
    }

    /** Returns the name of an int64 constant of rank 1, as axes, shapes and bounds are given. */
    public String integers(long... values) {
        return model.constants.computeIfAbsent(List.of(ByteBuffer.wrap(bytes(values))), any -> {
            OnnxMl.TensorProto.Builder tensor = OnnxMl.TensorProto.newBuilder()
                    .setDataType(OnnxMl.TensorProto.DataType.INT64.getNumber())
                    .addDims(values.length)
                    .setRawData(ByteString.copyFrom(bytes(values)));
            return initializer(newName("integers"), tensor);
        });
    }

    private static byte[] bytes(long... values) {
        ByteBuffer bytes =
                ByteBuffer.allocate(ELEMENT_BYTES_OF_INT64 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            bytes.putLong(value);
        }
        return bytes.array();
    }

    /** Returns the name of a constant; float64 becomes float32. */
    public String constant(Tensor value) {
        return initializer(newName("constant"), proto(value));
    }

    private String constant(Object key, Supplier<Tensor> value) {
        return model.constants.computeIfAbsent(key, any -> constant(value.get()));
    }

    /** Returns the name of the value of a parameter, which is its own; float64 becomes float32. */
    public String parameter(Parameter parameter) {
        return model.parameters.computeIfAbsent(
                parameter, any -> initializer(nameOf(parameter), proto(parameter.value())));
    }

    /** Two parameters of one name may be those of two models. */
    private String nameOf(Parameter parameter) {
        return model.taken.add(parameter.name()) ? parameter.name() : newName(parameter.name());
    }

    private String initializer(String name, OnnxMl.TensorProto.Builder tensor) {
        model.initializers.add(tensor.setName(name).build());
        return name;
    }

    private static OnnxMl.TensorProto.Builder proto(Tensor value) {
        OnnxMl.TensorProto.Builder proto = OnnxMl.TensorProto.newBuilder().setDataType(type(value.dtype()));
        for (int dim : value.shape().dims()) {
            proto.addDims(dim);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * value.size()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < value.size(); i++) {
            if (value.dtype() == DType.INT32) {
                bytes.putInt((int) value.getFlat(i));
            } else {
                bytes.putFloat((float) value.getFlat(i));
            }
        }
        return proto.setRawData(ByteString.copyFrom(bytes.array()));
    }

    private static int type(DType dtype) {
        return (dtype == DType.INT32 ? OnnxMl.TensorProto.DataType.INT32 : OnnxMl.TensorProto.DataType.FLOAT)
                .getNumber();
    }

    /** Returns the name of a value without some axes of length 1, counted from 0. */
    String squeeze(String value, long axis) {
        return node("Squeeze", value, integers(axis));
    }

    /** Returns the name of a value with more axes of length 1, counted as they are in the result. */
    String unsqueeze(String value, long... axes) {
        return node("Unsqueeze", value, integers(axes));
    }

    /** Returns the name of a value converted to a type. */
    String cast(String value, OnnxMl.TensorProto.DataType type) {
        return node("Cast", Map.of("to", type.getNumber()), value);
    }

    /** Returns the name of a value with axes of length 1 repeated. */
    String expand(String value, List<String> dims) {
        return node("Expand", value, node("Concat", Map.of("axis", 0), dims.toArray(new String[0])));
    }

    /** Declares an input of a loop's body, named anew, and returns its name. */
    String declare(String stem, OnnxMl.TensorProto.DataType type, Object... dims) {
        String name = newName(stem);
        input(name, type, dims);
        return name;
    }

    /** Declares an input. */
    void input(String name, OnnxMl.TensorProto.DataType type, Object... dims) {
        graph.addInput(declared(name, type, dims));
    }

    /** Declares an output, whose name is that of a value, float32. */
    void output(String name, Object... dims) {
        graph.addOutput(declared(name, OnnxMl.TensorProto.DataType.FLOAT, dims));
    }

    /** Makes a declaration; lengths of axes that may be any have names. */
    private static OnnxMl.ValueInfoProto declared(String name, OnnxMl.TensorProto.DataType type, Object... dims) {
        OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder();
        for (Object dim : dims) {
            if (dim instanceof Integer length) {
                shape.addDimBuilder().setDimValue(length);
            } else {
                shape.addDimBuilder().setDimParam((String) dim);
            }
        }
        OnnxMl.ValueInfoProto.Builder made = OnnxMl.ValueInfoProto.newBuilder().setName(name);
        made.getTypeBuilder()
                .getTensorTypeBuilder()
                .setElemType(type.getNumber())
                .setShape(shape);
        return made.build();
    }

    /** Returns the body of a loop as it has been written. */
    OnnxMl.GraphProto finished(String name) {
        return graph.setName(name).build();
    }

    /** Returns the graph of the model as it has been written, constants included. */
    OnnxMl.GraphProto whole(String name) {
        return graph.setName(name).addAllInitializer(model.initializers).build();
    }
}
