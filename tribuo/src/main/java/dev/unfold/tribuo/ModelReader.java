package dev.unfold.tribuo;

import com.google.common.hash.Hashing;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.unfold.graph.DType;
import dev.unfold.graph.Parameter;
import dev.unfold.graph.Tensor;
import dev.unfold.rnn.init.Parameters;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.classification.Label;
import org.tribuo.impl.ModelDataCarrier;
import org.tribuo.protos.core.ModelDataProto;

/**
 * Reads what {@link ModelWriter} has written, from anybody. Nothing takes more memory than a small multiple of what the file has, and what
 * is wrong ends in an {@link IllegalArgumentException}.
 */
final class ModelReader {
    private static final int HASH = 32;

    private final ByteBuffer in;
    private final ModelDataCarrier<Label> metadata;

    ModelReader(int version, int current, Any message) throws InvalidProtocolBufferException {
        if (version != current) {
            throw refuse("its version is " + version + "; this release reads version " + current);
        }
        ByteString all = message.unpack(BytesValue.class).getValue();
        if (all.size() < HASH) {
            throw refuse("it has " + all.size() + " bytes; expected at least " + HASH + ", its hash");
        }
        byte[] body = all.substring(HASH).toByteArray();
        if (!all.substring(0, HASH)
                .equals(ByteString.copyFrom(Hashing.sha256().hashBytes(body).asBytes()))) {
            throw refuse("the SHA-256 of its bytes is not that which was written; it is damaged, get it again");
        }
        this.in = ByteBuffer.wrap(body);
        this.metadata = metadata(ModelDataProto.parseFrom(part(number())));
    }

    /** Makes the exception for a file that is no model. */
    static IllegalArgumentException refuse(String why) {
        return new IllegalArgumentException("model file: " + why);
    }

    private static IllegalArgumentException tooShort(int wanted, int left) {
        return refuse("it should go on for " + wanted + " bytes and has " + left + " left");
    }

    private static ModelDataCarrier<Label> metadata(ModelDataProto proto) throws InvalidProtocolBufferException {
        MetadataCheck.check(proto);
        ModelDataCarrier<?> carrier = ModelDataCarrier.deserialize(proto);
        @SuppressWarnings("unchecked") // MetadataCheck lets labels pass only
        ModelDataCarrier<Label> labels = (ModelDataCarrier<Label>) carrier;
        ImmutableFeatureMap features = labels.featureDomain();
        ImmutableOutputInfo<Label> domain = labels.outputDomain();
        for (int i = 0; i < features.size(); i++) {
            if (features.get(i) == null) {
                throw refuse("no feature has number " + i + ", of " + features.size());
            }
        }
        for (int i = 0; i < domain.size(); i++) {
            if (domain.getOutput(i) == null) {
                throw refuse("no label has number " + i + ", of " + domain.size());
            }
        }
        if (features.size() == 0 || domain.size() == 0) {
            throw refuse("it has " + features.size() + " features and " + domain.size() + " labels; expected some");
        }
        return labels;
    }

    ModelDataCarrier<Label> metadata() {
        return metadata;
    }

    private ByteBuffer part(int length) {
        if (length < 0 || length > in.remaining()) {
            throw tooShort(length, in.remaining());
        }
        ByteBuffer part = in.slice(in.position(), length);
        in.position(in.position() + length);
        return part;
    }

    int number() {
        return part(Integer.BYTES).getInt();
    }

    String text() {
        int length = part(Short.BYTES).getShort() & 0xFFFF;
        in.position(in.position() - Short.BYTES);
        byte[] whole = new byte[Short.BYTES + length];
        part(whole.length).get(whole);
        try {
            return new DataInputStream(new ByteArrayInputStream(whole)).readUTF();
        } catch (IOException exception) {
            throw refuse("a text of it cannot be read: " + exception.getMessage());
        }
    }

    /** Returns what makes parameters for the weights that follow, of a type: not more numbers than there are bytes for. */
    Parameters room(String path, DType type) {
        return Parameters.zeros(path, type, in.remaining() / type.bytes());
    }

    /** Copies the weights that follow into parameters, and expects the end. */
    void fill(List<Parameter> parameters) {
        for (Parameter parameter : parameters) {
            String found = text();
            if (!found.equals(parameter.toString())) {
                throw refuse("it holds " + found + " where its settings ask for " + parameter);
            }
            fill(parameter);
        }
        if (in.hasRemaining()) {
            throw refuse("it goes on for " + in.remaining() + " bytes behind its last weight");
        }
    }

    private void fill(Parameter parameter) {
        Tensor value = parameter.value();
        boolean single = value.dtype() == DType.FLOAT32;
        long bytes = (long) value.size() * value.dtype().bytes();
        if (bytes > in.remaining()) {
            throw refuse("the numbers of " + parameter + " take " + bytes + " bytes; " + in.remaining() + " are left");
        }
        for (int i = 0; i < value.size(); i++) {
            value.setFlat(i, single ? in.getFloat() : in.getDouble());
        }
        int bad = value.firstNonFinite();
        if (bad >= 0) {
            throw refuse("number " + bad + " of " + parameter + " is " + value.getFlat(bad));
        }
    }
}
