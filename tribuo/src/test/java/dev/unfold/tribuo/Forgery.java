package dev.unfold.tribuo;

import com.google.common.hash.Hashing;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.util.function.UnaryOperator;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.protos.core.SequenceModelProto;

/** Model files as somebody may write them who knows the format: changed at will, with the right hash. */
final class Forgery {
    private static final int HASH = 32;

    private final SequenceModelProto proto;
    private final byte[] body;

    Forgery(SequenceModelProto proto) throws InvalidProtocolBufferException {
        this.proto = proto;
        this.body = proto.getSerializedData()
                .unpack(BytesValue.class)
                .getValue()
                .substring(HASH)
                .toByteArray();
    }

    byte[] body() {
        return body.clone();
    }

    /** Returns where the architecture begins, behind the metadata. */
    int settings() {
        return Integer.BYTES + ByteBuffer.wrap(body).getInt();
    }

    SequenceModelProto with(byte[] newBody) {
        ByteString hash =
                ByteString.copyFrom(Hashing.sha256().hashBytes(newBody).asBytes());
        return proto.toBuilder()
                .setSerializedData(Any.pack(BytesValue.of(hash.concat(ByteString.copyFrom(newBody)))))
                .build();
    }

    /** Returns the model with an int32 of the body overwritten. */
    SequenceModelProto with(int at, int value) {
        byte[] changed = body();
        ByteBuffer.wrap(changed).putInt(at, value);
        return with(changed);
    }

    /** Returns the model with other metadata. */
    SequenceModelProto with(UnaryOperator<ModelDataProto> change) throws InvalidProtocolBufferException {
        ByteBuffer in = ByteBuffer.wrap(body, Integer.BYTES, settings() - Integer.BYTES);
        byte[] changed = change.apply(ModelDataProto.parseFrom(in)).toByteArray();
        ByteBuffer out = ByteBuffer.allocate(Integer.BYTES + changed.length + body.length - settings());
        out.putInt(changed.length).put(changed).put(body, settings(), body.length - settings());
        return with(out.array());
    }
}
