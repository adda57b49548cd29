package dev.unfold.tribuo;

import com.google.protobuf.Message;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.ListProvenanceProto;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.MapProvenanceProto;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.ObjectProvenanceProto;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.RootProvenanceProto;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.SimpleProvenanceProto;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures written provenance as it is when every reference is followed: by its bytes, which a few references to references multiply
 * without end. Cycles, and what is too large or nested too deeply, are refused.
 */
final class ProvenanceCheck {
    private static final long MOST_BYTES = 1L << 24;
    private static final int DEEPEST = 100;
    private static final long UNDER_WAY = -1;
    private static final int UNKNOWN = -1;

    private final Map<Integer, Message> messages = new HashMap<>();
    private final Map<String, Integer> objects = new HashMap<>();
    private final Map<Integer, Long> bytes = new HashMap<>();
    /** By part: how deep others lie below it. */
    private final Map<Integer, Integer> heights = new HashMap<>();

    ProvenanceCheck(RootProvenanceProto proto) {
        for (ObjectProvenanceProto each : proto.getOmpList()) {
            add(each.getIndex(), each);
            if (objects.put(each.getObjectName(), each.getIndex()) != null) {
                throw ModelReader.refuse("two objects of its provenance are called " + each.getObjectName());
            }
        }
        proto.getSmpList().forEach(each -> add(each.getIndex(), each));
        proto.getMmpList().forEach(each -> add(each.getIndex(), each));
        proto.getLmpList().forEach(each -> add(each.getIndex(), each));
    }

    private void add(int index, Message message) {
        if (messages.put(index, message) != null) {
            throw ModelReader.refuse("two parts of its provenance have number " + index);
        }
    }

    /**
     * Checks all objects.
     *
     * @throws IllegalArgumentException for what must not be followed
     */
    void check() {
        if (objects.isEmpty()) {
            throw ModelReader.refuse("it has no provenance");
        }
        long sum = 0;
        for (int index : objects.values()) {
            sum = checked(sum + bytes(index, 0));
        }
    }

    private static long checked(long sum) {
        if (sum > MOST_BYTES) {
            throw ModelReader.refuse(
                    "its provenance, with all that it refers to, is longer than " + MOST_BYTES + " bytes");
        }
        return sum;
    }

    private long bytes(int index, int depth) {
        Long known = bytes.get(index);
        if (known != null && known != UNDER_WAY) {
            return known;
        }
        Message message = messages.get(index);
        if (message == null || known != null || depth > DEEPEST) {
            throw tooDeep(index);
        }
        bytes.put(index, UNDER_WAY);
        long sum = message.getSerializedSize();
        int height = 0;
        for (int part : parts(message)) {
            sum = checked(sum + bytes(part, depth + 1));
            height = Math.max(height, 1 + heights.getOrDefault(part, 0));
        }
        // What was looked at before, from another place, may be deep itself.
        if (height > DEEPEST) {
            throw tooDeep(index);
        }
        heights.put(index, height);
        bytes.put(index, sum);
        return sum;
    }

    private static IllegalArgumentException tooDeep(int index) {
        return ModelReader.refuse(
                "part " + index + " of its provenance is missing, part of itself, or more than " + DEEPEST + " deep");
    }

    private Collection<Integer> parts(Message message) {
        if (message instanceof ObjectProvenanceProto object) {
            return object.getValuesMap().values();
        }
        if (message instanceof MapProvenanceProto map) {
            return map.getValuesMap().values();
        }
        if (message instanceof ListProvenanceProto list) {
            return list.getValuesList();
        }
        List<Integer> target = new ArrayList<>();
        if (message instanceof SimpleProvenanceProto simple && simple.getIsReference()) {
            target.add(objects.getOrDefault(simple.getValue(), UNKNOWN));
        }
        return target;
    }
}
