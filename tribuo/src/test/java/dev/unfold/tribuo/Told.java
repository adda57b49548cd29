package dev.unfold.tribuo;

import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import java.util.Map;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.TrainerProvenance;

/** What a model's provenance tells. */
final class Told {
    private Told() {}

    /** Returns a value of the training, as text; {@code none} where there is none of that name. */
    static String of(ModelProvenance provenance, String name) {
        return of(provenance.getInstanceProvenance().getMap(), name);
    }

    static int invocation(ModelProvenance provenance) {
        return Integer.parseInt(
                of(provenance.getTrainerProvenance().getInstanceValues(), TrainerProvenance.TRAIN_INVOCATION_COUNT));
    }

    private static String of(Map<String, ? extends Provenance> values, String name) {
        return values.get(name) instanceof PrimitiveProvenance<?> value
                ? value.getValue().toString()
                : "none";
    }
}
