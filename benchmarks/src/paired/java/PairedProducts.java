import dev.unfold.graph.DType;
import dev.unfold.graph.Prepared;
import dev.unfold.graph.Tensor;
import dev.unfold.ops.kernel.Kernels;
import dev.unfold.ops.kernel.MatrixKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Locale;

/**
 * Products of matrices in float32, one thread: OpenBLAS and the kernels of Unfold turn by turn, since figures of separate runs differ by
 * what else the machine does. One line for each shape and form: both medians in GFLOP/s, and the median of the ratios.
 *
 * <p>Not part of the build: it needs JDK 22 or newer and an OpenBLAS that the system's loader finds. After {@code mvn package}:
 *
 * <pre>
 * OPENBLAS_NUM_THREADS=1 java --enable-native-access=ALL-UNNAMED --add-modules jdk.incubator.vector \
 *     -cp graph/target/classes:ops/target/classes benchmarks/src/paired/java/PairedProducts.java [ROUNDS [MxNxK ...]]
 * </pre>
 *
 * <p>Forms of a shape m x n x k, as in the passes of y = x w with x of m x k: NN is y = x w, NT is dx = dy w', TN is dw = x' dy.
 * "packed" keeps w prepared, as a run over many steps does.
 */
public final class PairedProducts {
    private static final int ROW_MAJOR = 101;
    private static final int PLAIN = 111;
    private static final int TRANSPOSED = 112;

    private static final double FLOPS_A_SAMPLE = 4e6;

    private static final String[] SHAPES = {
        "1x80x70",
        "1x512x228",
        "10x80x30",
        "32x512x228",
        "100x512x156",
        "100x512x128",
        "100x256x284",
        "20x1024x512",
        "700x10000x256",
        "2800x512x28",
        "1024x1024x1024"
    };

    private final MethodHandle sgemm;
    private final MatrixKernels kernels = Kernels.of(DType.FLOAT32).matrix();
    private final int rounds;

    private PairedProducts(int rounds, Arena arena) {
        this.rounds = rounds;
        SymbolLookup library = SymbolLookup.libraryLookup("libopenblas.so.0", arena);
        ValueLayout.OfInt i = ValueLayout.JAVA_INT;
        ValueLayout.OfFloat f = ValueLayout.JAVA_FLOAT;
        FunctionDescriptor type = FunctionDescriptor.ofVoid(
                i, i, i, i, i, i, f, ValueLayout.ADDRESS, i, ValueLayout.ADDRESS, i, f, ValueLayout.ADDRESS, i);
        sgemm = Linker.nativeLinker()
                .downcallHandle(library.find("cblas_sgemm").orElseThrow(), type, Linker.Option.critical(true));
    }

    public static void main(String[] args) {
        try (Arena arena = Arena.ofConfined()) {
            PairedProducts products = new PairedProducts(args.length > 0 ? Integer.parseInt(args[0]) : 31, arena);
            System.out.println(Kernels.description());
            System.out.println("shape form: OpenBLAS GFLOP/s, Unfold GFLOP/s, ratio");
            for (String shape : args.length > 1 ? Arrays.copyOfRange(args, 1, args.length) : SHAPES) {
                int[] mnk = Arrays.stream(shape.split("x"))
                        .mapToInt(Integer::parseInt)
                        .toArray();
                products.forward(shape, mnk[0], mnk[1], mnk[2]);
            }
        }
    }

    private void forward(String shape, int m, int n, int k) {
        Tensor x = numbers(m, k);
        Tensor w = numbers(k, n);
        Tensor y = numbers(m, n);
        Prepared prepared = new Prepared();
        Runnable blas = () -> gemm(PLAIN, PLAIN, m, n, k, x, w, 0, y);
        compare(shape, "NN", m, n, k, blas, () -> kernels.product(x, false, w, false, null, null, y, 0, m));
        compare(shape, "NN packed", m, n, k, blas, () -> kernels.product(x, false, w, false, prepared, null, y, 0, m));
        blas = () -> gemm(PLAIN, TRANSPOSED, m, k, n, y, w, 1, x);
        compare(shape, "NT", m, n, k, blas, () -> kernels.product(y, false, w, true, null, x, x, 0, m));
        compare(shape, "NT packed", m, n, k, blas, () -> {
            kernels.product(y, false, w, true, prepared, x, x, 0, m);
            kernels.flush(x, 0, m);
        });
        blas = () -> gemm(TRANSPOSED, PLAIN, k, n, m, x, y, 1, w);
        compare(shape, "TN", m, n, k, blas, () -> kernels.product(x, true, y, false, null, w, w, 0, k));
    }

    /** c = scale c + op(a) op(b), with op(a) of m x k and op(b) of k x n. */
    private void gemm(int opA, int opB, int m, int n, int k, Tensor a, Tensor b, float scale, Tensor c) {
        try {
            sgemm.invokeExact(
                    ROW_MAJOR,
                    opA,
                    opB,
                    m,
                    n,
                    k,
                    1f,
                    segment(a),
                    opA == PLAIN ? k : m,
                    segment(b),
                    opB == PLAIN ? n : k,
                    scale,
                    segment(c),
                    n);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MemorySegment segment(Tensor tensor) {
        return MemorySegment.ofArray(tensor.floats());
    }

    /** Numbers so small that what is added to again and again stays finite. */
    private static Tensor numbers(int rows, int columns) {
        Tensor tensor = Tensor.zeros(DType.FLOAT32, rows, columns);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.setFlat(i, 1e-3 * Math.sin(i + rows));
        }
        return tensor;
    }

    private void compare(String shape, String form, int m, int n, int k, Runnable blas, Runnable ours) {
        double flops = 2.0 * m * n * k;
        int calls = (int) Math.max(1, FLOPS_A_SAMPLE / flops);
        long warm = System.nanoTime() + 1_500_000_000L;
        while (System.nanoTime() < warm) {
            seconds(blas, calls);
            seconds(ours, calls);
        }
        double[] theirs = new double[rounds];
        double[] own = new double[rounds];
        double[] ratios = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            theirs[round] = 1e-9 * flops * calls / seconds(blas, calls);
            own[round] = 1e-9 * flops * calls / seconds(ours, calls);
            ratios[round] = own[round] / theirs[round];
        }
        System.out.printf(
                Locale.ROOT, "%s %s: %.1f %.1f %.2f%n", shape, form, median(theirs), median(own), median(ratios));
    }

    private static double seconds(Runnable task, int calls) {
        long begin = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            task.run();
        }
        return 1e-9 * (System.nanoTime() - begin);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
