package dev.unfold.tribuo;

import com.google.gson.Gson;
import dev.unfold.tribuo.onnx.OnnxExport;
import java.util.List;
import java.util.stream.IntStream;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ONNXExportable;
import org.tribuo.provenance.ModelProvenance;

/** What models say of themselves where they are written as ONNX, so that features become numbers, and logits labels, without Tribuo. */
final class OnnxMetadata {
    private static final String FEATURES = "tribuo.features";
    private static final String LABELS = "tribuo.labels";
    private static final String GRID = "tribuo.grid";

    private OnnxMetadata() {}

    /** Adds provenance, as Tribuo's own models do, and lists of the names of features and labels, as JSON in the order of their numbers. */
    static OnnxExport of(
            OnnxExport export, ModelProvenance provenance, ImmutableFeatureMap features, LabelTable labels) {
        List<String> names = IntStream.range(0, features.size())
                .mapToObj(id -> features.get(id).getName())
                .toList();
        return export.metadata(
                        ONNXExportable.PROVENANCE_METADATA_FIELD,
                        ONNXExportable.SERIALIZER.marshalAndSerialize(provenance))
                .metadata(FEATURES, new Gson().toJson(names))
                .metadata(LABELS, new Gson().toJson(labels.names()));
    }

    /** Adds rows, columns, and the number of the first place. */
    static OnnxExport of(OnnxExport export, GridShape grid) {
        return export.metadata(GRID, new Gson().toJson(List.of(grid.rows(), grid.columns(), grid.first())));
    }
}
