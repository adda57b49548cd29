package dev.unfold.rnn.io;

import static dev.unfold.rnn.io.WeightsFileException.quoted;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.io.ByteStreams;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import dev.unfold.graph.Shape;
import dev.unfold.rnn.io.Safetensors.Entry;
import dev.unfold.rnn.io.Safetensors.Header;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header of a safetensors file: its length in 8 bytes, then a JSON object. It is read in one pass, by a reader that neither
 * recurses nor skips, so it costs a small multiple of what it says of tensors.
 */
final class HeaderReader {
    private static final String DAMAGED = "; it is damaged or in another format, get it again";
    /** A Java array cannot have all of 2^31 - 1 elements. */
    private static final int MOST_ELEMENTS = Integer.MAX_VALUE - 8;
    /** What is read of a name takes some kilobytes, so more of them would cost far more than the file has bytes. */
    private static final int MOST_NAMES = 20_000;
    /** Of tensors that are not kept; as many as NumPy has. */
    private static final int MOST_AXES = 64;

    private static final List<String> FIELDS = List.of(Safetensors.TYPE, Safetensors.SHAPE, Safetensors.OFFSETS);
    private static final Pattern WHOLE_NUMBER = Pattern.compile("0|[1-9][0-9]{0,17}");

    private final Path file;
    private final FileChannel channel;
    private final Predicate<String> kept;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<String> others = new LinkedHashSet<>();
    private final List<Place> places = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private long dataStart;
    private long dataEnd;

    /** Where in the data a tensor lies. */
    private record Place(String name, long begin, long end) {}

    /** Makes a reader that keeps what is said of tensors of some names. */
    HeaderReader(Path file, FileChannel channel, Predicate<String> kept) {
        this.file = file;
        this.channel = channel;
        this.kept = kept;
    }

    Header read() throws IOException {
        dataEnd = channel.size();
        int length = length(dataEnd);
        dataStart = (long) Long.BYTES + length;
        channel.position(Long.BYTES);
        InputStream bytes = ByteStreams.limit(Channels.newInputStream(channel), length);
        // Not closed: the channel is its opener's.
        JsonReader json = new JsonReader(new InputStreamReader(bytes, UTF_8.newDecoder()));
        json.setStrictness(Strictness.STRICT);
        try {
            header(json);
        } catch (MalformedJsonException | EOFException exception) {
            throw refuse("its header is no strict JSON: " + quoted(exception) + DAMAGED);
        } catch (CharacterCodingException exception) {
            throw refuse("its header is not UTF-8" + DAMAGED);
        }
        checkCover();
        return new Header(entries, others, metadata);
    }

    private WeightsFileException refuse(String why) {
        return new WeightsFileException(file, why);
    }

    private WeightsFileException refuse(String name, String why) {
        return refuse("tensor " + quoted(name) + " " + why);
    }

    private int length(long size) throws IOException {
        ByteBuffer first = ByteBuffer.allocate(Long.BYTES + 1).order(ByteOrder.LITTLE_ENDIAN);
        if (channel.read(first, 0) < Long.BYTES) {
            throw refuse("it has " + size + " bytes; expected at least " + Long.BYTES + ", the length of its header"
                    + DAMAGED);
        }
        long length = first.getLong(0);
        if (length < 0 || length > Safetensors.LONGEST_HEADER) {
            throw refuse("its header should have " + Long.toUnsignedString(length) + " bytes; expected at most "
                    + Safetensors.LONGEST_HEADER + ", since reading more would take much memory" + DAMAGED
                    + ", or write the tensors to several files");
        }
        if (length > size - Long.BYTES) {
            throw refuse("its header should have " + length + " bytes; " + (size - Long.BYTES) + " are left" + DAMAGED);
        }
        if (length == 0 || first.get(Long.BYTES) != '{') {
            throw refuse("its header does not begin with '{'" + DAMAGED);
        }
        return (int) length;
    }

    private void header(JsonReader json) throws IOException {
        Set<String> names = new HashSet<>();
        json.beginObject();
        while (json.hasNext()) {
            String name = checked(json.nextName());
            if (!names.add(name)) {
                throw refuse("two tensors are called " + quoted(name) + DAMAGED);
            }
            checkCount("tensors", names.size());
            if (name.equals(Safetensors.METADATA)) {
                metadata(json);
            } else {
                entry(name, json);
            }
        }
        json.endObject();
        if (json.peek() != JsonToken.END_DOCUMENT) {
            throw refuse("something follows its header" + DAMAGED);
        }
    }

    private void metadata(JsonReader json) throws IOException {
        expect(JsonToken.BEGIN_OBJECT, json, "an object of texts", Safetensors.METADATA);
        json.beginObject();
        while (json.hasNext()) {
            String key = checked(json.nextName());
            expect(JsonToken.STRING, json, "a text under " + quoted(key), Safetensors.METADATA);
            if (metadata.put(key, checked(json.nextString())) != null) {
                throw refuse(quoted(Safetensors.METADATA) + " has two texts under " + quoted(key) + DAMAGED);
            }
            checkCount("texts", metadata.size());
        }
        json.endObject();
    }

    private void checkCount(String what, int count) {
        if (count > MOST_NAMES) {
            throw refuse("it has more than " + MOST_NAMES + " " + what
                    + "; expected at most that, write them to several files");
        }
    }

    private void entry(String name, JsonReader json) throws IOException {
        boolean isKept = kept.test(name);
        StoredType type = null;
        long[] shape = {};
        long[] offsets = {};
        Set<String> seen = new LinkedHashSet<>();
        expect(JsonToken.BEGIN_OBJECT, json, "an object", name);
        json.beginObject();
        while (json.hasNext()) {
            String field = json.nextName();
            if (!seen.add(field)) {
                throw refuse(name, "has the field " + quoted(field) + " twice" + DAMAGED);
            }
            switch (field) {
                case Safetensors.TYPE -> type = type(name, json, isKept);
                case Safetensors.SHAPE -> shape = numbers(name, json, field, isKept ? Shape.MAX_RANK : MOST_AXES);
                case Safetensors.OFFSETS -> offsets = numbers(name, json, field, 2);
                default -> throw refuse(name, "has a field " + quoted(field) + "; expected " + FIELDS + DAMAGED);
            }
        }
        json.endObject();
        if (seen.size() < FIELDS.size()) {
            throw refuse(name, "has the fields " + seen + "; expected " + FIELDS + DAMAGED);
        }
        checkPlace(name, offsets);
        if (isKept) {
            entries.put(name, entry(name, Objects.requireNonNull(type), shape, offsets));
        } else {
            others.add(name);
        }
    }

    private void checkPlace(String name, long[] offsets) {
        long dataSize = dataEnd - dataStart;
        if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > dataSize) {
            throw refuse(
                    name,
                    "lies at " + Arrays.toString(offsets) + "; expected a begin and an end within " + dataSize
                            + " bytes of data" + DAMAGED);
        }
        places.add(new Place(name, offsets[0], offsets[1]));
    }

    private Entry entry(String name, StoredType type, long[] lengths, long[] offsets) {
        long elements = 1;
        for (long length : lengths) {
            if (length > MOST_ELEMENTS || elements * length > MOST_ELEMENTS) {
                throw refuse(
                        name,
                        "has the shape " + Arrays.toString(lengths) + ", more than the " + MOST_ELEMENTS
                                + " elements of a Java array; cut it into several tensors");
            }
            elements *= length;
        }
        if (elements * type.bytes() != offsets[1] - offsets[0]) {
            throw refuse(
                    name,
                    "is " + type + " " + Arrays.toString(lengths) + ", " + elements * type.bytes() + " bytes; it has "
                            + (offsets[1] - offsets[0]) + DAMAGED);
        }
        int[] dims = Arrays.stream(lengths).mapToInt(Math::toIntExact).toArray();
        return new Entry(type, Shape.of(dims), dataStart + offsets[0]);
    }

    /** Returns the type, or null for another one of a tensor that is not kept. */
    private @Nullable StoredType type(String name, JsonReader json, boolean isKept) throws IOException {
        expect(JsonToken.STRING, json, "a text as '" + Safetensors.TYPE + "'", name);
        String type = json.nextString();
        for (StoredType each : StoredType.values()) {
            if (each.name().equals(type)) {
                return each;
            }
        }
        if (!isKept) {
            return null;
        }
        throw refuse(
                name,
                "has the type " + quoted(type) + "; expected one of " + Arrays.toString(StoredType.values())
                        + "; convert it where the file was made");
    }

    private long[] numbers(String name, JsonReader json, String field, int most) throws IOException {
        expect(JsonToken.BEGIN_ARRAY, json, "an array as " + quoted(field), name);
        json.beginArray();
        long[] numbers = new long[most];
        int count = 0;
        while (json.hasNext()) {
            if (count == most) {
                throw refuse(
                        name,
                        "has more than " + most + " numbers as " + quoted(field)
                                + "; expected at most that; reshape it where the file was made");
            }
            expect(JsonToken.NUMBER, json, "numbers as " + quoted(field), name);
            String number = json.nextString();
            if (!WHOLE_NUMBER.matcher(number).matches()) {
                throw refuse(
                        name,
                        "has " + number + " as " + quoted(field) + "; expected whole numbers from 0 on, below 10^18"
                                + DAMAGED);
            }
            numbers[count++] = Long.parseLong(number);
        }
        json.endArray();
        return Arrays.copyOf(numbers, count);
    }

    private void expect(JsonToken token, JsonReader json, String what, String name) throws IOException {
        JsonToken found = json.peek();
        if (found != token) {
            throw refuse(quoted(name) + " has " + found + "; expected " + what + DAMAGED);
        }
    }

    private String checked(String text) {
        if (!Safetensors.isText(text)) {
            throw refuse("half a surrogate pair is in " + quoted(text) + DAMAGED);
        }
        return text;
    }

    /** Every byte of the data belongs to one tensor. */
    private void checkCover() {
        places.sort(Comparator.comparingLong(Place::begin).thenComparingLong(Place::end));
        long covered = 0;
        for (Place each : places) {
            if (each.begin != covered) {
                throw refuse(
                        each.name,
                        "begins at byte " + each.begin + " of the data; the one before it ends at " + covered
                                + DAMAGED);
            }
            covered = each.end;
        }
        if (covered != dataEnd - dataStart) {
            throw refuse("its tensors end at byte " + covered + " of the data, which has " + (dataEnd - dataStart)
                    + " bytes" + DAMAGED);
        }
    }
}
