package dev.unfold.tribuo;

import com.google.common.hash.Hashing;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.tribuo.protos.core.ModelDataProto;

/**
 * Writes a model down, for Tribuo's files. These are protobuf messages in which a model is of a type of its own; ours is {@link
 * BytesValue}, and what it holds, numbers with the highest byte first, is:
 *
 * <pre>
 * SHA-256 of all that follows                        32 bytes
 * length and bytes of Tribuo's ModelDataProto        name, provenance, features, labels
 * architecture and settings                          int32, and texts as DataOutput.writeUTF
 * for each parameter its name, type and shape        one text
 *     and its numbers                                float32 or float64
 * </pre>
 */
final class ModelWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    ModelWriter(ModelDataProto metadata) {
        number(metadata.getSerializedSize());
        write(() -> metadata.writeTo(out));
    }

    private interface Write {
        void run() throws IOException;
    }

    private static void write(Write what) {
        try {
            what.run();
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }

    void number(int value) {
        write(() -> out.writeInt(value));
    }

    void text(String value) {
        write(() -> out.writeUTF(value));
    }

    /** Writes the parameters and returns the message. */
    Any finish(List<Parameter> parameters) {
        for (Parameter parameter : parameters) {
            text(parameter.toString());
            write(() -> numbers(parameter.value()));
        }
        byte[] body = bytes.toByteArray();
        ByteString hash = ByteString.copyFrom(Hashing.sha256().hashBytes(body).asBytes());
        return Any.pack(BytesValue.of(hash.concat(ByteString.copyFrom(body))));
    }

    private void numbers(Tensor values) throws IOException {
        for (int i = 0; i < values.size(); i++) {
            if (values.dtype() == DType.FLOAT32) {
                out.writeInt(Float.floatToRawIntBits((float) values.getFlat(i)));
            } else {
                out.writeLong(Double.doubleToRawLongBits(values.getFlat(i)));
            }
        }
    }
}
