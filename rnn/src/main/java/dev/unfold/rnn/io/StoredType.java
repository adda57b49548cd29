package dev.unfold.rnn.io;

import dev.unfold.graph.DType;
import dev.unfold.graph.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;

/** How a file stores the elements of a tensor, by the names that the safetensors format has for it. The lowest byte comes first. */
public enum StoredType {
    /** float32 as it is. */
    F32(DType.FLOAT32, Float.BYTES),
    /** float64 as it is. */
    F64(DType.FLOAT64, Double.BYTES),
    /** int32 as it is. */
    I32(DType.INT32, Integer.BYTES),
    /** Half precision of IEEE 754, read as float32, which holds all its values. */
    F16(DType.FLOAT32, Short.BYTES),
    /** The upper half of a float32, read as float32. */
    BF16(DType.FLOAT32, Short.BYTES);

    private static final int PIECE = 1 << 16;

    private final DType dtype;
    private final int bytes;

    StoredType(DType dtype, int bytes) {
        this.dtype = dtype;
        this.bytes = bytes;
    }

    /** Returns the type of the tensors that are read. */
    public DType dtype() {
        return dtype;
    }

    /** Returns the bytes of one element in the file. */
    public int bytes() {
        return bytes;
    }

    /** Returns how tensors of a type are written. */
    static StoredType of(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> F32;
            case FLOAT64 -> F64;
            case INT32 -> I32;
        };
    }

    /** Reads so many elements into a new tensor, from one on. */
    void read(ByteBuffer in, Tensor to, int from, int count) {
        switch (this) {
            case F32 -> in.asFloatBuffer().get(to.floats(), from, count);
            case F64 -> in.asDoubleBuffer().get(to.doubles(), from, count);
            case I32 -> in.asIntBuffer().get(to.ints(), from, count);
            case F16 -> {
                ShortBuffer halves = in.asShortBuffer();
                for (int i = from; i < from + count; i++) {
                    to.floats()[i] = ofHalf(halves.get());
                }
            }
            case BF16 -> {
                ShortBuffer halves = in.asShortBuffer();
                for (int i = from; i < from + count; i++) {
                    to.floats()[i] = Float.intBitsToFloat(halves.get() << 16);
                }
            }
        }
    }

    /** One bit of sign, 5 of exponent, 10 of fraction. */
    private static float ofHalf(short half) {
        int exponent = (half >> 10) & 0x1F;
        int fraction = half & 0x3FF;
        float magnitude = switch (exponent) {
            case 0 -> fraction * 0x1p-24f;
            case 0x1F -> Float.intBitsToFloat(0x7F800000 | (fraction << 13));
            default -> Float.intBitsToFloat((exponent + 112) << 23 | (fraction << 13));
        };
        return half < 0 ? -magnitude : magnitude;
    }

    /** Writes the elements of a tensor in order, as files store them. */
    static void write(Tensor tensor, OutputStream out) throws IOException {
        int bytes = tensor.dtype().bytes();
        byte[] piece = new byte[(int) Math.min(PIECE, (long) tensor.size() * bytes)];
        ByteBuffer buffer = ByteBuffer.wrap(piece).order(ByteOrder.LITTLE_ENDIAN);
        int done = 0;
        while (done < tensor.size()) {
            int count = Math.min(tensor.size() - done, piece.length / bytes);
            int at = tensor.offset() + done;
            switch (tensor.dtype()) {
                case FLOAT32 -> buffer.asFloatBuffer().put(tensor.floats(), at, count);
                case FLOAT64 -> buffer.asDoubleBuffer().put(tensor.doubles(), at, count);
                case INT32 -> buffer.asIntBuffer().put(tensor.ints(), at, count);
            }
            out.write(piece, 0, count * bytes);
            done += count;
        }
    }
}
