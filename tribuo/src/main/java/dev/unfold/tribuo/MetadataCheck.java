package dev.unfold.tribuo;

import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.RootProvenanceProto;
import java.util.Set;
import org.tribuo.CategoricalIDInfo;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.RealIDInfo;
import org.tribuo.classification.ImmutableLabelInfo;
import org.tribuo.protos.core.FeatureDomainProto;
import org.tribuo.protos.core.ImmutableFeatureMapProto;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.protos.core.OutputDomainProto;
import org.tribuo.protos.core.VariableInfoProto;

/**
 * Looks at what Tribuo itself has written of a model, before Tribuo makes objects of it: it makes those of any class that a file names,
 * and follows references within provenance as often as they are there, so that a small file can ask for any amount of work.
 */
final class MetadataCheck {
    private static final Set<String> FEATURES = Set.of(CategoricalIDInfo.class.getName(), RealIDInfo.class.getName());

    private MetadataCheck() {}

    /**
     * Checks it.
     *
     * @throws IllegalArgumentException where it is not that of a model with features and labels
     */
    static void check(ModelDataProto proto) throws InvalidProtocolBufferException {
        FeatureDomainProto features = proto.getFeatureDomain();
        checkClass("features", features.getClassName(), ImmutableFeatureMap.class);
        for (VariableInfoProto each : features.getSerializedData()
                .unpack(ImmutableFeatureMapProto.class)
                .getInfoList()) {
            if (!FEATURES.contains(each.getClassName())) {
                throw ModelReader.refuse("a feature is a " + each.getClassName() + "; expected one of " + FEATURES);
            }
        }
        OutputDomainProto labels = proto.getOutputDomain();
        checkClass("labels", labels.getClassName(), ImmutableLabelInfo.class);
        RootProvenanceProto provenance = proto.getProvenance();
        new ProvenanceCheck(provenance).check();
    }

    private static void checkClass(String what, String found, Class<?> expected) {
        if (!found.equals(expected.getName())) {
            throw ModelReader.refuse("its " + what + " are a " + found + "; expected a " + expected.getName());
        }
    }
}
