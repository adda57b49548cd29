package dev.unfold.tribuo;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.IntProvenance;
import dev.unfold.graph.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.tribuo.ImmutableFeatureMap;

/** Vectors that features begin with, by name. */
final class InitialVectors {
    private final Map<String, float[]> vectors = new TreeMap<>();

    InitialVectors(Map<String, float[]> vectors, int size) {
        vectors.forEach((feature, vector) -> {
            if (vector.length != size) {
                throw new IllegalArgumentException("initial vector of '" + feature + "' has " + vector.length
                        + " numbers; expected " + size + ", the embedding size");
            }
            for (float number : vector) {
                if (!Float.isFinite(number)) {
                    throw new IllegalArgumentException(
                            "initial vector of '" + feature + "' holds " + number + "; expected finite numbers");
                }
            }
            this.vectors.put(feature, vector.clone());
        });
    }

    /** Copies those of known features into a table, and returns what a training tells of it: count and hash, where there are vectors. */
    Map<String, Provenance> copyTo(Tensor table, ImmutableFeatureMap features) {
        Map<String, Provenance> record = new LinkedHashMap<>();
        if (vectors.isEmpty()) {
            return record;
        }
        Hasher hasher = Hashing.sha256().newHasher();
        int used = 0;
        for (Map.Entry<String, float[]> each : vectors.entrySet()) {
            int id = features.getID(each.getKey());
            if (id < 0) {
                continue;
            }
            used++;
            hasher.putInt(each.getKey().length()).putString(each.getKey(), StandardCharsets.UTF_8);
            for (int i = 0; i < each.getValue().length; i++) {
                table.set(each.getValue()[i], id, i);
                hasher.putFloat(each.getValue()[i]);
            }
        }
        record.put(RecurrentTrainer.INITIAL_VECTORS, new IntProvenance(RecurrentTrainer.INITIAL_VECTORS, used));
        record.put(
                RecurrentTrainer.INITIAL_VECTORS_SHA256,
                RecurrentTrainer.hash(
                        RecurrentTrainer.INITIAL_VECTORS_SHA256, hasher.hash().toString()));
        return record;
    }
}
