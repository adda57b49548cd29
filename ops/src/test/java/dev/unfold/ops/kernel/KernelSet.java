package dev.unfold.ops.kernel;

import dev.unfold.graph.DType;
import java.util.ArrayList;
import java.util.List;
import org.opentest4j.TestAbortedException;

/** Kernels under test: those of float32 in plain Java and, where the module is there, on the Vector API; and those of float64. */
record KernelSet(String name, DType dtype, Kernels kernels) {
    /** Returns all sets that run here. */
    static List<KernelSet> all() {
        List<KernelSet> sets = new ArrayList<>();
        sets.add(plain());
        sets.add(new KernelSet("float64", DType.FLOAT64, Kernels.of(DType.FLOAT64)));
        Kernels.Provider provider = Kernels.vector();
        if (provider != null) {
            sets.add(new KernelSet("float32, vector", DType.FLOAT32, provider.kernels()));
        }
        return sets;
    }

    static KernelSet plain() {
        return new KernelSet("float32, plain", DType.FLOAT32, Kernels.plain());
    }

    /** Returns the set on the Vector API; skips the test where the module is missing. */
    static KernelSet vector() {
        Kernels.Provider provider = Kernels.vector();
        if (provider == null) {
            throw new TestAbortedException(
                    "no module jdk.incubator.vector: run with -Dtest.jvm=\"--add-modules jdk.incubator.vector\"");
        }
        return new KernelSet("float32, vector", DType.FLOAT32, provider.kernels());
    }

    @Override
    public String toString() {
        return name;
    }
}
