package dev.unfold.ops.kernel;

import dev.unfold.graph.DType;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The kernels of one precision, in four families. Those of float32 run on the Vector API where the module
 * {@code jdk.incubator.vector} is there, and give the same bits in plain Java where it is not.
 *
 * @param pointwise element by element
 * @param matrix products
 * @param rows along rows or another axis, and moving rows
 * @param updates of parameters by optimisers
 */
public record Kernels(PointwiseKernels pointwise, MatrixKernels matrix, RowKernels rows, UpdateKernels updates) {
    private static final @Nullable Provider VECTOR = vector();
    private static final Kernels FLOAT32 = VECTOR == null ? plain() : VECTOR.kernels();
    private static final Kernels FLOAT64 =
            new Kernels(new F64Pointwise(), new F64Matrix(), new F64Rows(), new F64Updates());

    static {
        System.getLogger("dev.unfold.ops").log(Level.INFO, "float32 kernels: " + description());
    }

    /** What offers kernels of float32 that are faster than the plain ones. */
    interface Provider {
        Kernels kernels();

        String description();
    }

    /**
     * Returns the kernels for a type of elements.
     *
     * @throws IllegalArgumentException for int32, which nothing is computed in
     */
    public static Kernels of(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> FLOAT32;
            case FLOAT64 -> FLOAT64;
            case INT32 -> throw new IllegalArgumentException("kernels: nothing is computed in int32");
        };
    }

    /** Returns what the kernels of float32 run on, for reports, and how to get faster ones where there are. */
    public static String description() {
        return VECTOR == null
                ? "plain Java; add --add-modules jdk.incubator.vector to the java command for faster ones"
                : VECTOR.description();
    }

    /** Makes the kernels of float32 in plain Java. */
    static Kernels plain() {
        return new Kernels(new F32Pointwise(), new F32Matrix(), new F32Rows(), new F32Updates());
    }

    /** Finds those on the Vector API by name, since no class that is always loaded may refer to them; null without the module. */
    static @Nullable Provider vector() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return null;
        }
        try {
            return Class.forName("dev.unfold.ops.kernel.V32")
                    .asSubclass(Provider.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("kernels: those on the Vector API are missing from the library's jar", e);
        }
    }
}
