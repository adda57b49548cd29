package dev.unfold.ops.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The float32 kernels on the Vector API. Nothing but these classes, all called {@code V32...}, refers to its module. */
final class V32 implements Kernels.Provider {
    /** Vectors as long as the machine likes them, but no longer than there are stripes in a sum. */
    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED.length() > F32Scratch.STRIPES
            ? FloatVector.SPECIES_512
            : FloatVector.SPECIES_PREFERRED;

    static final int LANES = SPECIES.length();

    @Override
    public Kernels kernels() {
        return new Kernels(new V32Pointwise(), new V32Matrix(), new V32Rows(), new V32Updates());
    }

    @Override
    public String description() {
        return "Vector API, " + LANES + " lanes";
    }
}
