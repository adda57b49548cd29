package dev.unfold.rnn.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.unfold.graph.Shape;
import dev.unfold.graph.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.LongStream;

/**
 * What a file of the safetensors format holds: named tensors and a few texts. Such files hold no code, and many frameworks read and write
 * them.
 *
 * <p>Reading is strict: a file that is not as the format says in every byte is refused before anything large is allocated. Files are written
 * with float32, float64 and int32; half precision and bfloat16 are read as float32. Equal contents give equal bytes.
 *
 * @param tensors the tensors by name, in the order of the header
 * @param metadata texts about them
 */
public record Safetensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
    static final String METADATA = "__metadata__";
    static final String TYPE = "dtype";
    static final String SHAPE = "shape";
    static final String OFFSETS = "data_offsets";
    /** Reading a header takes several times its length of memory, so the 100 MB of the reference implementation would be too many. */
    static final int LONGEST_HEADER = 10_000_000;

    private static final int WINDOW = 1 << 28;

    /**
     * Takes tensors, which are not copied, and texts.
     *
     * @throws IllegalArgumentException for names or texts that such a file cannot hold
     */
    public Safetensors {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
        if (tensors.containsKey(METADATA)) {
            throw new IllegalArgumentException(
                    "safetensors: a tensor is called '" + METADATA + "', the one name that the format keeps to itself");
        }
        tensors.keySet().forEach(Safetensors::checkText);
        metadata.forEach((key, value) -> {
            checkText(key);
            checkText(value);
        });
    }

    /**
     * What a file says of its tensors before their elements.
     *
     * @param entries what it says of each that is kept, by name, in the order of the file
     * @param others the names of those that are not kept, in the order of the file
     * @param metadata texts about them
     */
    public record Header(Map<String, Entry> entries, Set<String> others, Map<String, String> metadata) {
        /** Copies all in their order. */
        public Header {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
            others = Collections.unmodifiableSet(new LinkedHashSet<>(others));
            metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
        }
    }

    /**
     * What a file says of a tensor.
     *
     * @param type how elements are stored
     * @param shape the lengths of the axes
     * @param position where in the file the first element begins
     */
    public record Entry(StoredType type, Shape shape, long position) {
        /** Returns the position behind the last element. */
        long end() {
            return position + (long) shape.size() * type.bytes();
        }
    }

    /**
     * Reads a file.
     *
     * @throws WeightsFileException for a file that cannot be read or is not as the format says
     */
    public static Safetensors read(Path file) {
        return read(file, header -> {});
    }

    /**
     * Reads a file, if what its header says is wanted.
     *
     * @param check is given the header before memory is taken for any tensor, and throws where they are not wanted
     * @throws WeightsFileException for a file that cannot be read or is not as the format says
     */
    public static Safetensors read(Path file, Consumer<Header> check) {
        return read(file, name -> true, check);
    }

    /**
     * Reads some tensors of a file, if what its header says is wanted. Of the others, which may have any type and number of axes, only the
     * place is looked at, which must be theirs alone as in any such file.
     *
     * @param kept is given the name of a tensor, and returns whether it is to be read
     * @param check is given the header before memory is taken for any tensor, and throws where they are not wanted
     * @throws WeightsFileException for a file that cannot be read or is not as the format says
     */
    public static Safetensors read(Path file, Predicate<String> kept, Consumer<Header> check) {
        return read(file, kept, check, WINDOW);
    }

    /** The same with a window of so many bytes. */
    static Safetensors read(Path file, Predicate<String> kept, Consumer<Header> check, int window) {
        return withChannel(file, channel -> {
            Header header = new HeaderReader(file, channel, kept).read();
            check.accept(header);
            return new Safetensors(load(header.entries(), channel, window), header.metadata());
        });
    }

    /**
     * Reads only what a file says of its tensors.
     *
     * @throws WeightsFileException for a file that cannot be read or is not as the format says
     */
    public static Header header(Path file) {
        return withChannel(file, channel -> new HeaderReader(file, channel, name -> true).read());
    }

    @FunctionalInterface
    private interface Reading<T> {
        T from(FileChannel channel) throws IOException;
    }

    private static <T> T withChannel(Path file, Reading<T> reading) {
        if (!Files.isRegularFile(file)) {
            String what = Files.exists(file) ? "is no ordinary file" : "there is no such file";
            throw new WeightsFileException(file, what + "; expected weights in the safetensors format");
        }
        try (FileChannel channel = FileChannel.open(file)) {
            return reading.from(channel);
        } catch (IOException exception) {
            throw new WeightsFileException(file, "cannot be read: " + exception, exception);
        }
    }

    private static Map<String, Tensor> load(Map<String, Entry> entries, FileChannel channel, int size)
            throws IOException {
        // In the order of the data, whatever that of the header: the window goes over the file once.
        List<Map.Entry<String, Entry>> inOrder = entries.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.comparingLong(Entry::position)))
                .toList();
        long end = entries.values().stream().mapToLong(Entry::end).max().orElse(0);
        Window window = new Window(channel, end, size);
        Map<String, Tensor> loaded = new HashMap<>();
        for (Map.Entry<String, Entry> each : inOrder) {
            loaded.put(each.getKey(), load(each.getValue(), window));
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>(entries.size() * 2);
        entries.keySet().forEach(name -> tensors.put(name, loaded.get(name)));
        return tensors;
    }

    static Tensor load(Entry entry, Window window) throws IOException {
        StoredType type = entry.type();
        Tensor tensor = Tensor.zeros(type.dtype(), entry.shape());
        int done = 0;
        while (done < tensor.size()) {
            ByteBuffer part = window.at(entry.position() + (long) done * type.bytes(), type.bytes());
            int count = Math.min(tensor.size() - done, part.remaining() / type.bytes());
            type.read(part, tensor, done, count);
            done += count;
        }
        return tensor;
    }

    /**
     * Writes a file, which appears whole or not at all: tensors in their order, texts in that of their keys.
     *
     * @throws WeightsFileException where that fails
     */
    public void write(Path file) {
        byte[] header = headerBytes();
        if (header.length > LONGEST_HEADER) {
            throw new WeightsFileException(
                    file,
                    "names and texts take " + header.length + " bytes; a file holds at most " + LONGEST_HEADER
                            + ", so that reading it takes little memory; shorten the texts, or write to several files");
        }
        try {
            AtomicFile.write(file, out -> {
                out.write(header);
                for (Tensor tensor : tensors.values()) {
                    StoredType.write(tensor, out);
                }
            });
        } catch (IOException exception) {
            throw new WeightsFileException(file, "cannot be written: " + exception, exception);
        }
    }

    /** The length of the header and the header, padded so that the data begins at a multiple of 8. */
    private byte[] headerBytes() {
        JsonObject header = new JsonObject();
        if (!metadata.isEmpty()) {
            JsonObject texts = new JsonObject();
            metadata.forEach(texts::addProperty);
            header.add(METADATA, texts);
        }
        long end = 0;
        for (Map.Entry<String, Tensor> each : tensors.entrySet()) {
            Tensor tensor = each.getValue();
            long begin = end;
            end += (long) tensor.size() * tensor.dtype().bytes();
            JsonObject entry = new JsonObject();
            entry.addProperty(TYPE, StoredType.of(tensor.dtype()).name());
            entry.add(SHAPE, array(Arrays.stream(tensor.shape().dims()).asLongStream()));
            entry.add(OFFSETS, array(LongStream.of(begin, end)));
            header.add(each.getKey(), entry);
        }
        byte[] text = header.toString().getBytes(UTF_8);
        int padded = (text.length + 7) / 8 * 8;
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + padded).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(padded).put(text);
        Arrays.fill(bytes.array(), bytes.position(), bytes.capacity(), (byte) ' ');
        return bytes.array();
    }

    private static JsonArray array(LongStream numbers) {
        JsonArray array = new JsonArray();
        numbers.forEach(array::add);
        return array;
    }

    private static void checkText(String text) {
        if (!isText(text)) {
            throw new IllegalArgumentException("safetensors: half a surrogate pair is in "
                    + WeightsFileException.quoted(text) + "; names and texts must be Unicode");
        }
    }

    /** Returns whether a text can be written in UTF-8. */
    static boolean isText(String text) {
        // No encoder: it would write all of a long text.
        return text.codePoints().noneMatch(each -> each >= Character.MIN_SURROGATE && each <= Character.MAX_SURROGATE);
    }
}
