package dev.unfold.tribuo.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import ai.onnx.proto.OnnxMl;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** A model in ONNX Runtime; where its native code does not load, tests are skipped, saying so. */
public final class OnnxRun implements AutoCloseable {
    private static final double TOLERANCE = 1e-5;

    private final OrtEnvironment environment;
    private final OrtSession session;

    /** Loads a model. */
    public OnnxRun(OnnxExport export) {
        this(export.model());
    }

    /** Loads a model. */
    public OnnxRun(OnnxMl.ModelProto model) {
        environment = environment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            session = environment.createSession(model.toByteArray(), options);
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }

    private static OrtEnvironment environment() {
        try {
            return OrtEnvironment.getEnvironment();
        } catch (LinkageError | IllegalStateException e) {
            return abort("ONNX Runtime has no native code for this machine: " + e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs a batch; floating-point inputs may be float64. */
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
                given.put(input.getKey(), tensor(input.getValue()));
            }
            try (OrtSession.Result result = session.run(given)) {
                for (Map.Entry<String, ai.onnxruntime.OnnxValue> output : result) {
                    outputs.put(output.getKey(), tensor((OnnxTensor) output.getValue()));
                }
            }
        } catch (OrtException e) {
            throw new AssertionError(e);
        } finally {
            given.values().forEach(OnnxTensor::close);
        }
        return outputs;
    }

    private OnnxTensor tensor(Tensor value) throws OrtException {
        int[] dims = value.shape().dims();
        long[] shape = new long[dims.length];
        for (int axis = 0; axis < dims.length; axis++) {
            shape[axis] = dims[axis];
        }
        if (value.dtype() == DType.INT32) {
            return OnnxTensor.createTensor(
                    environment, IntBuffer.wrap(value.copy().ints()), shape);
        }
        return OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(value.to(DType.FLOAT32).floats()), shape);
    }

    private static Tensor tensor(OnnxTensor value) {
        TensorInfo info = value.getInfo();
        int[] dims = new int[info.getShape().length];
        for (int axis = 0; axis < dims.length; axis++) {
            dims[axis] = (int) info.getShape()[axis];
        }
        FloatBuffer buffer = value.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return Tensor.of(values, dims);
    }

    /** Asserts that there are these outputs, no others, of the same shape and the same values to 1e-5. */
    public static void assertSame(Map<String, Tensor> outputs, Map<String, Tensor> expected, String what) {
        assertSame(outputs, expected, what, TOLERANCE);
    }

    /** Asserts the same to a tolerance, of the value where that exceeds 1. */
    public static void assertSame(
            Map<String, Tensor> outputs, Map<String, Tensor> expected, String what, double tolerance) {
        assertThat(outputs.keySet()).as(what).containsExactlyInAnyOrderElementsOf(expected.keySet());
        expected.forEach((name, value) -> {
            Tensor output = Objects.requireNonNull(outputs.get(name));
            assertThat(output.shape()).as("%s: %s", what, name).isEqualTo(value.shape());
            for (int i = 0; i < value.size(); i++) {
                double allowed = tolerance * Math.max(1, Math.abs(value.getFlat(i)));
                assertThat(Math.abs(output.getFlat(i) - value.getFlat(i)) <= allowed)
                        .as("%s: %s at %d is %s, expected %s", what, name, i, output.getFlat(i), value.getFlat(i))
                        .isTrue();
            }
        });
    }
}
