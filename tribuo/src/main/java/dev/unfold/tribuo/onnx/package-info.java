/**
 * Trained networks as models of <a href="https://onnx.ai">ONNX</a>, to be run by other programs: {@link
 * dev.unfold.tribuo.onnx.OnnxExport} writes them, cells of one's own included.
 */
@NullMarked
package dev.unfold.tribuo.onnx;

import org.jspecify.annotations.NullMarked;
