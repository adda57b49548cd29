package dev.unfold.tribuo.onnx;

/** Writes one operation of Unfold as operators of ONNX: see {@link OnnxExport#operation}. */
@FunctionalInterface
public interface OnnxOperation {
    /**
     * Writes what computes the output of an operation.
     *
     * @param graph where to write; the operands are there
     * @param use what is recorded
     * @return the name of the output
     */
    String write(OnnxGraph graph, OnnxUse use);
}
