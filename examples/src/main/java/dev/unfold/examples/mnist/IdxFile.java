package dev.unfold.examples.mnist;

import dev.unfold.examples.data.DataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/**
 * The content of one file in the IDX format of the MNIST data set: an array of rank 1 to 3.
 *
 * <p>The file may be gzipped; its first two bytes decide, not its name. A file is read as a whole or refused with a
 * {@link DataException}. Byte offsets in messages are those of the uncompressed data.
 */
public final class IdxFile {
    /** How a value is stored; all types are big-endian. */
    public enum ElementType {
        /** 0 to 255, code 0x08. */
        UNSIGNED_BYTE(0x08, 1),
        /** IEEE 754 single precision, code 0x0D. */
        FLOAT32(0x0D, 4),
        /** IEEE 754 double precision, code 0x0E; rounded to float on reading. */
        FLOAT64(0x0E, 8);

        private final int code;
        private final int bytes;

        ElementType(int code, int bytes) {
            this.code = code;
            this.bytes = bytes;
        }

        private double next(ByteBuffer buffer) {
            return switch (this) {
                case UNSIGNED_BYTE -> Byte.toUnsignedInt(buffer.get());
                case FLOAT32 -> buffer.getFloat();
                case FLOAT64 -> buffer.getDouble();
            };
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private static final int MAX_RANK = 3;
    /** The largest array every Java VM can make. */
    private static final int MAX_VALUES = Integer.MAX_VALUE - 8;
    /** Values read at a time. A header may announce anything: memory is taken only as data really arrives. */
    private static final int CHUNK = 1 << 16;

    private static final String AGAIN = "; copy or download the file again";

    private final String name;
    private final ElementType type;
    private final int[] dimensions;
    private final float[] values;

    private IdxFile(String name, ElementType type, int[] dimensions, float[] values) {
        this.name = name;
        this.type = type;
        this.dimensions = dimensions;
        this.values = values;
    }

    /**
     * Reads a file.
     *
     * @param file the file, gzipped or not
     * @return its content, under the path as name
     * @throws DataException if the file is missing, unreadable, or anything but one whole IDX file
     */
    public static IdxFile read(Path file) {
        String name = file.toString();
        if (Files.notExists(file)) {
            throw new DataException(name + ": there is no such file; expected an IDX file; check the path");
        }
        if (Files.isDirectory(file)) {
            throw new DataException(name + ": is a directory; expected an IDX file; name the file itself");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return read(in, name);
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    /**
     * Reads a stream to its end; closing it is left to the caller.
     *
     * @param in the bytes of the file, gzipped or not
     * @param name what messages call the file
     * @return its content
     * @throws DataException if the stream fails, or holds anything but one whole IDX file
     */
    public static IdxFile read(InputStream in, String name) {
        try {
            PushbackInputStream whole = new PushbackInputStream(in, 2);
            byte[] start = whole.readNBytes(2);
            whole.unread(start);
            boolean gzipped = start.length == 2 && start[0] == 0x1F && start[1] == (byte) 0x8B;
            return gzipped ? gunzip(whole.readAllBytes(), name) : parse(whole, name);
        } catch (IOException e) {
            throw unreadable(name, e);
        } catch (OutOfMemoryError e) {
            throw new DataException(
                    name + ": does not fit into the " + Runtime.getRuntime().maxMemory()
                            + " bytes of memory of the Java VM; expected a smaller file; give the VM more with -Xmx",
                    e);
        }
    }

    private static IdxFile gunzip(byte[] compressed, String name) {
        try (Gunzip in = new Gunzip(compressed)) {
            IdxFile file = parse(in, name);
            if (in.bytesAfterEnd() > 0) {
                throw new DataException(name + ": " + in.bytesAfterEnd()
                        + " bytes follow the end of the gzip data at byte " + (compressed.length - in.bytesAfterEnd())
                        + " of the compressed file; expected none" + AGAIN);
            }
            return file;
        } catch (IOException e) {
            throw new DataException(
                    name + ": the gzip data is damaged or cut short (" + e.getMessage() + ", " + compressed.length
                            + " compressed bytes); expected one whole gzip file" + AGAIN,
                    e);
        }
    }

    private static IdxFile parse(InputStream in, String name) throws IOException {
        byte[] magic = in.readNBytes(4);
        if (magic.length == 0) {
            throw new DataException(name + ": is empty (0 bytes); expected an IDX file" + AGAIN);
        }
        if (magic.length < 4) {
            throw new DataException(name + ": the header ends at byte " + magic.length
                    + ", inside the magic number; expected 4 bytes" + AGAIN);
        }
        if (magic[0] != 0 || magic[1] != 0) {
            throw new DataException(String.format(
                    Locale.ROOT,
                    "%s: not an IDX file: begins with 0x%02X 0x%02X at byte 0; expected 0x00 0x00; check that this is"
                            + " the right file",
                    name,
                    magic[0],
                    magic[1]));
        }
        ElementType type = elementType(Byte.toUnsignedInt(magic[2]), name);
        int rank = Byte.toUnsignedInt(magic[3]);
        if (rank == 0 || rank > MAX_RANK) {
            throw new DataException(name + ": the rank at byte 3 is " + rank + "; expected 1 to " + MAX_RANK
                    + "; check that this is the right file");
        }
        int[] dimensions = dimensions(in, rank, name);
        int count = count(dimensions, name);
        float[] values = values(in, type, dimensions, count, name);
        if (in.read() != -1) {
            throw new DataException(name + ": bytes follow the end of the data at byte "
                    + (headerBytes(rank) + (long) count * type.bytes) + "; expected none after "
                    + announced(type, dimensions, count) + AGAIN);
        }
        return new IdxFile(name, type, dimensions, values);
    }

    private static ElementType elementType(int code, String name) {
        for (ElementType type : ElementType.values()) {
            if (type.code == code) {
                return type;
            }
        }
        String called = switch (code) {
            case 0x09 -> "signed byte";
            case 0x0B -> "int16";
            case 0x0C -> "int32";
            default -> "unknown";
        };
        throw new DataException(String.format(
                Locale.ROOT,
                "%s: the element type at byte 2 is 0x%02X (%s), which is not read; expected 0x08 (unsigned byte), 0x0D"
                        + " (float32) or 0x0E (float64); convert the file or check that it is the right one",
                name,
                code,
                called));
    }

    private static int[] dimensions(InputStream in, int rank, String name) throws IOException {
        byte[] bytes = in.readNBytes(rank * Integer.BYTES);
        if (bytes.length < rank * Integer.BYTES) {
            throw new DataException(name + ": the header ends at byte " + (4 + bytes.length)
                    + ", before the end of dimension "
                    + bytes.length / Integer.BYTES + "; expected " + headerBytes(rank) + " bytes of header for rank "
                    + rank + AGAIN);
        }
        int[] dimensions = new int[rank];
        ByteBuffer.wrap(bytes).asIntBuffer().get(dimensions);
        return dimensions;
    }

    private static int count(int[] dimensions, String name) {
        long count = 1;
        for (int axis = 0; axis < dimensions.length; axis++) {
            int dimension = dimensions[axis];
            String where = "dimension " + axis + " at byte " + headerBytes(axis) + " is " + dimension;
            if (dimension == 0 && axis == 0) {
                throw new DataException(name + ": holds no " + (dimensions.length == 3 ? "images" : "items") + ": "
                        + where + "; expected at least 1; check that this is the right file");
            }
            if (dimension <= 0) {
                throw new DataException(name + ": " + where + "; expected at least 1" + AGAIN);
            }
            count *= dimension;
            if (count > MAX_VALUES) {
                throw new DataException(name + ": the dimensions " + times(dimensions)
                        + " at byte 4 announce too many values; expected at most " + MAX_VALUES + AGAIN);
            }
        }
        return (int) count;
    }

    private static float[] values(InputStream in, ElementType type, int[] dimensions, int count, String name)
            throws IOException {
        float[] values = new float[Math.min(count, CHUNK)];
        int done = 0;
        while (done < count) {
            int wanted = Math.min(count - done, CHUNK);
            byte[] bytes = in.readNBytes(wanted * type.bytes);
            if (bytes.length < wanted * type.bytes) {
                long present = (long) done * type.bytes + bytes.length;
                throw new DataException(name + ": the data ends at byte " + (headerBytes(dimensions.length) + present)
                        + " with " + present + " bytes present; expected " + announced(type, dimensions, count)
                        + " as the header announces" + AGAIN);
            }
            if (done + wanted > values.length) {
                values = Arrays.copyOf(values, (int) Math.min(count, 2L * values.length));
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            for (int end = done + wanted; done < end; done++) {
                double value = type.next(buffer);
                values[done] = (float) value;
                if (!Float.isFinite(values[done])) {
                    throw new DataException(name + ": the value at " + position(dimensions, done) + " (byte "
                            + (headerBytes(dimensions.length) + (long) done * type.bytes) + ") is " + value
                            + "; expected a finite number within the range of float32; mend or remove the item");
                }
            }
        }
        return values;
    }

    private static int headerBytes(int rank) {
        return 4 + rank * Integer.BYTES;
    }

    private static String announced(ElementType type, int[] dimensions, int count) {
        return (long) count * type.bytes + " bytes (" + times(dimensions) + " values of type " + type + ")";
    }

    private static String times(int[] dimensions) {
        return Arrays.stream(dimensions).mapToObj(Integer::toString).collect(Collectors.joining(" x "));
    }

    private static String position(int[] dimensions, int index) {
        return switch (dimensions.length) {
            case 1 -> "item " + index;
            case 2 -> "item " + index / dimensions[1] + ", column " + index % dimensions[1];
            default ->
                "item " + index / dimensions[2] / dimensions[1] + ", row " + index / dimensions[2] % dimensions[1]
                        + ", column " + index % dimensions[2];
        };
    }

    private static DataException unreadable(String name, IOException e) {
        return new DataException(name + ": cannot be read (" + e + "); check that the file may be read", e);
    }

    /**
     * What messages call the file.
     *
     * @return the path or display name
     */
    public String name() {
        return name;
    }

    /**
     * How the values are stored in the file.
     *
     * @return the type
     */
    public ElementType elementType() {
        return type;
    }

    /**
     * The number of dimensions.
     *
     * @return 1 to 3
     */
    public int rank() {
        return dimensions.length;
    }

    /**
     * The extent of each dimension, the slowest first: items, rows, columns.
     *
     * @return a new array of {@link #rank()} numbers, all at least 1
     */
    public int[] dimensions() {
        return dimensions.clone();
    }

    /**
     * The number of values.
     *
     * @return the product of the dimensions
     */
    public int size() {
        return values.length;
    }

    /**
     * One value as the file has it, unscaled.
     *
     * @param index place in the file, 0 to {@link #size()} - 1, the last dimension running fastest
     * @return a finite number; 0 to 255 for unsigned bytes
     * @throws IndexOutOfBoundsException if there is no such value
     */
    public float value(int index) {
        return values[Objects.checkIndex(index, values.length)];
    }

    /**
     * All values as the file has them, unscaled.
     *
     * @return a new array of {@link #size()} finite numbers, the last dimension running fastest
     */
    public float[] values() {
        return values.clone();
    }

    /** Where a value begins in the uncompressed file, in bytes. */
    long byteOffset(int index) {
        return headerBytes(rank()) + (long) index * type.bytes;
    }

    /**
     * Tells, once read to its end, how many bytes follow the gzip data: the JDK's class overlooks them. Its buffer holds
     * the whole file, so that none of them can be anywhere but in the inflater.
     */
    private static final class Gunzip extends GZIPInputStream {
        private static final int TRAILER_BYTES = 8;

        Gunzip(byte[] compressed) throws IOException {
            super(new ByteArrayInputStream(compressed), compressed.length);
        }

        int bytesAfterEnd() {
            return inf.getRemaining() - TRAILER_BYTES;
        }
    }
}
