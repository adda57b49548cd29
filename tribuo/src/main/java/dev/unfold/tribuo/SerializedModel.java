package dev.unfold.tribuo;

import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.Serializable;
import org.tribuo.Model;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.protos.core.SequenceModelProto;
import org.tribuo.sequence.SequenceModel;

/** What stands for a model in Java's serialisation: the bytes of Tribuo's file, which are checked when they are read. */
final class SerializedModel implements Serializable {
    private static final long serialVersionUID = 1;

    private final boolean sequence;
    private final byte[] file;

    SerializedModel(boolean sequence, byte[] file) {
        this.sequence = sequence;
        this.file = file;
    }

    /** Makes the exception for a stream that holds a model itself. */
    static InvalidObjectException refuse() {
        return new InvalidObjectException("a recurrent model is written as " + SerializedModel.class.getName()
                + "; the stream holds fields of the model itself");
    }

    private Object readResolve() throws IOException {
        try {
            return sequence
                    ? SequenceModel.deserialize(SequenceModelProto.parseFrom(file))
                    : Model.deserialize(ModelProto.parseFrom(file));
        } catch (RuntimeException exception) {
            InvalidObjectException refused = new InvalidObjectException(exception.getMessage());
            refused.initCause(exception);
            throw refused;
        }
    }
}
