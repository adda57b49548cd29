package dev.unfold.ops.kernel;

/** Working memory of the float32 kernels, one for each thread. */
final class F32Scratch {
    /** Rows and columns of a packed block: it fits into the second-level cache. */
    static final int BLOCK_ROWS = 128;

    static final int BLOCK_COLUMNS = 256;
    static final int STRIPES = 16;

    private static final ThreadLocal<F32Scratch> OF_THREAD = ThreadLocal.withInitial(F32Scratch::new);

    /** Rows of a block, each an array of its own: C2 vectorises loops over arrays from index 0. */
    final float[][] block = new float[BLOCK_ROWS][BLOCK_COLUMNS];

    /** Four rows of a product. */
    final float[][] target = new float[4][BLOCK_COLUMNS];

    private final float[] stripes = new float[STRIPES];

    static F32Scratch ofThread() {
        return OF_THREAD.get();
    }

    /** Returns sixteen zeros to add into: element i of a sum goes to stripe i mod 16. */
    float[] stripes() {
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = 0f;
        }
        return stripes;
    }

    /** Adds the stripes up in a fixed tree: i with i + 8, then with i + 4, i + 2, i + 1. */
    float total() {
        for (int half = STRIPES / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                stripes[i] += stripes[i + half];
            }
        }
        return stripes[0];
    }
}
