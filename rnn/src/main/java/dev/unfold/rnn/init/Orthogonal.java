package dev.unfold.rnn.init;

import dev.unfold.graph.Tensor;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.random.RandomGenerator;

/**
 * The Q of {@code A = Q R}, A being a matrix of standard normal numbers, times a gain.
 *
 * <p>A decomposition may choose the signs of the diagonal of R as it likes, which favours some Q over others. With every
 * sign made positive all Q are equally likely: Mezzadri, How to generate random matrices from the classical compact
 * groups, 2007.
 */
final class Orthogonal implements Initializer {
    private final double gain;

    Orthogonal(double gain) {
        this.gain = gain;
    }

    @Override
    public void fill(Tensor target, RandomGenerator random) {
        int rows = Initializers.checkMatrix("orthogonal", target).shape().dim(0);
        int columns = target.shape().dim(1);
        if (target.size() == 0) {
            return;
        }
        RealMatrix normal = MatrixUtils.createRealMatrix(rows, columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                normal.setEntry(i, j, random.nextGaussian());
            }
        }
        // Orthogonal columns exist only where there are at least as many rows.
        boolean tall = rows >= columns;
        QRDecomposition parts = new QRDecomposition(tall ? normal : normal.transpose());
        RealMatrix q = parts.getQ();
        RealMatrix r = parts.getR();
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                int column = tall ? j : i;
                double entry = q.getEntry(tall ? i : j, column);
                target.setFlat(i * columns + j, r.getEntry(column, column) < 0 ? -gain * entry : gain * entry);
            }
        }
    }
}
