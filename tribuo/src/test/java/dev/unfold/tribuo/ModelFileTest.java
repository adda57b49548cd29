package dev.unfold.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.InvalidProtocolBufferException;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.ListProvenanceProto;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.ObjectProvenanceProto;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.RootProvenanceProto;
import com.oracle.labs.mlrg.olcut.config.protobuf.protos.SimpleProvenanceProto;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.Model;
import org.tribuo.protos.core.CategoricalIDInfoProto;
import org.tribuo.protos.core.ImmutableFeatureMapProto;
import org.tribuo.protos.core.ModelDataProto;
import org.tribuo.protos.core.ModelProto;
import org.tribuo.protos.core.SequenceModelProto;
import org.tribuo.protos.core.VariableInfoProto;
import org.tribuo.sequence.SequenceModel;

/** Files that nobody has written by {@code serialize}: each ends in an exception, and takes little memory to come to it. */
@Timeout(120)
class ModelFileTest {
    /** What a load may allocate: parsing a file of some kilobytes, and the messages of exceptions that hold parts of it. */
    private static final long MOST_BYTES = 20_000_000;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static RecurrentSequenceModel model;
    private static SequenceModelProto proto;
    private static Forgery forgery;

    @BeforeAll
    static void train() throws InvalidProtocolBufferException {
        RecurrentOptions options = new RecurrentOptions().hiddenSize(3).epochs(1);
        model = new RecurrentSequenceTrainer(options, 4, 1).train(Sentences.dataset(1, 10));
        proto = model.serialize();
        forgery = new Forgery(proto);
        // The first load makes Tribuo look for classes.
        assertThat(SequenceModel.deserialize(proto)).isNotNull();
        assertThatThrownBy(() ->
                        SequenceModel.deserialize(withProvenance(root -> RootProvenanceProto.getDefaultInstance())))
                .isInstanceOf(IllegalStateException.class);
    }

    /** Loads a file; returns null where it is refused. Errors, such as of a heap that is full, are not caught. */
    private static @Nullable SequenceModel<?> loaded(byte[] file, String what) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        @Nullable SequenceModel<?> result;
        try {
            result = SequenceModel.deserializeFromStream(new ByteArrayInputStream(file));
        } catch (IOException | RuntimeException exception) {
            for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
                assertThat(cause).as(what).isNotInstanceOf(Error.class);
            }
            result = null;
        }
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).as(what).isLessThan(MOST_BYTES);
        return result;
    }

    private static void assertRefused(SequenceModelProto forged, String message) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> SequenceModel.deserialize(forged))
                .isInstanceOf(IllegalStateException.class)
                .rootCause()
                .isNotInstanceOf(Error.class)
                .hasMessageContaining(message);
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
                .as(message)
                .isLessThan(MOST_BYTES);
    }

    @Test
    void a_flipped_bit_should_be_refused_or_change_nothing() {
        byte[] file = proto.toByteArray();
        for (int seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            byte[] changed = file.clone();
            // What is not under the hash stands at the beginning: every other bit is there.
            int at = random.nextInt(random.nextBoolean() ? file.length : 250);
            changed[at] ^= (byte) (1 << random.nextInt(8));
            SequenceModel<?> found = loaded(changed, "seed " + seed);
            if (found != null) {
                assertThat(((RecurrentSequenceModel) found).weightsSha256())
                        .as("seed " + seed)
                        .isEqualTo(model.weightsSha256());
            }
        }
    }

    @Test
    void a_file_that_ends_early_should_be_refused() {
        byte[] file = proto.toByteArray();
        for (int length = 0; length < file.length; length += 1 + length / 10) {
            assertThat(loaded(Arrays.copyOf(file, length), "length " + length)).isNull();
        }
        assertThat(loaded(Arrays.copyOf(file, file.length - 1), "one less")).isNull();
    }

    @Test
    void random_changes_with_the_right_hash_should_be_refused_or_load() {
        for (int seed = 0; seed < 600; seed++) {
            Random random = new Random(seed);
            byte[] body = forgery.body();
            for (int change = 0; change <= random.nextInt(4); change++) {
                int at = random.nextInt(random.nextBoolean() ? body.length : forgery.settings() + 60);
                if (random.nextBoolean()) {
                    body[at] = (byte) random.nextInt();
                } else {
                    Arrays.fill(body, at, Math.min(body.length, at + 4), (byte) (random.nextBoolean() ? 0xFF : 0x7F));
                }
            }
            loaded(forgery.with(body).toByteArray(), "seed " + seed);
        }
    }

    @Test
    void settings_that_ask_for_more_than_the_file_holds_should_be_refused() {
        int cell = forgery.settings() + Short.BYTES + "LSTM".length();
        String[] names = {"input size", "hidden size", "layers"};
        for (int i = 0; i < names.length; i++) {
            int at = cell + i * Integer.BYTES;
            for (int bad : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 0}) {
                assertRefused(forgery.with(at, bad), "option " + names[i] + " is " + bad + "; expected 1 to");
            }
        }
        assertRefused(forgery.with(cell, 1 << 20), "more numbers than the");
        assertRefused(forgery.with(cell + 4, 1 << 20), "more numbers than the");
        assertRefused(forgery.with(cell + 4, 1 << 14), "more numbers than the");
        assertRefused(forgery.with(cell + 8, 256), "more numbers than the");
    }

    @Test
    void weights_of_other_shapes_should_be_refused() {
        int cell = forgery.settings() + Short.BYTES + "LSTM".length();
        assertRefused(forgery.with(cell, 2), "it holds parameter 'model.features.table' float32");
        assertRefused(forgery.with(cell + 4, 2), "it holds parameter 'model.layer0.forward.w' float32 [4, 12]");
        byte[] gru = forgery.body();
        System.arraycopy("GRUM".getBytes(StandardCharsets.US_ASCII), 0, gru, cell - 4, 4);
        assertRefused(forgery.with(gru), "CellKind.GRUM");
    }

    @Test
    void a_grid_on_which_features_do_not_lie_should_be_refused() throws InvalidProtocolBufferException {
        ModelProto images = images().serialize();
        Forgery grid = new Forgery(SequenceModelProto.newBuilder()
                .setSerializedData(images.getSerializedData())
                .build());
        int rows = grid.settings() + 2 * Short.BYTES + "LSTMFLOAT32".length() + 4 * Integer.BYTES;
        String[] messages = {"its name must end with a number from 0 to 7", "option rows is 2147483647; expected"};
        int[] bad = {2, Integer.MAX_VALUE};
        for (int i = 0; i < bad.length; i++) {
            Any forged = grid.with(rows, bad[i]).getSerializedData();
            assertThatThrownBy(() -> Model.deserialize(
                            images.toBuilder().setSerializedData(forged).build()))
                    .rootCause()
                    .hasMessageContaining(messages[i]);
        }
    }

    private static RecurrentClassifierModel images() {
        RecurrentOptions options = new RecurrentOptions().hiddenSize(3).epochs(1);
        return new RecurrentClassifierTrainer(options, Images.ROWS, Images.COLUMNS, 1).train(Images.dataset(1, 20));
    }

    @Test
    void numbers_that_are_not_finite_should_be_refused() {
        byte[] body = forgery.body();
        ByteBuffer.wrap(body).putFloat(body.length - Float.BYTES, Float.NaN);
        assertRefused(forgery.with(body), "number 2 of parameter 'model.output.b' float32 [3] is NaN");
    }

    @Test
    void bytes_behind_the_end_or_before_it_should_be_refused() {
        byte[] body = forgery.body();
        assertRefused(forgery.with(Arrays.copyOf(body, body.length + 3)), "goes on for 3 bytes behind its last");
        assertRefused(forgery.with(Arrays.copyOf(body, body.length - 4)), "take 12 bytes; 8 are left");
        assertRefused(forgery.with(Arrays.copyOf(body, forgery.settings() + 3)), "should go on for");
        assertRefused(forgery.with(new byte[0]), "should go on for 4 bytes and has 0 left");
        assertRefused(forgery.with(0, Integer.MAX_VALUE), "should go on for 2147483647 bytes");
        assertRefused(forgery.with(0, -1), "should go on for -1 bytes");
    }

    @Test
    void another_message_version_or_hash_should_be_refused() {
        assertRefused(proto.toBuilder().setVersion(1).build(), "its version is 1; this release reads version 0");
        assertRefused(proto.toBuilder().setSerializedData(Any.pack(proto)).build(), "Type of the Any message");
        assertRefused(
                proto.toBuilder()
                        .setSerializedData(Any.pack(BytesValue.of(ByteString.copyFrom(new byte[31]))))
                        .build(),
                "it has 31 bytes; expected at least 32");
        assertRefused(
                proto.toBuilder()
                        .setSerializedData(Any.pack(BytesValue.of(ByteString.copyFrom(new byte[32]))))
                        .build(),
                "the SHA-256 of its bytes is not that which was written");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 7, Integer.MAX_VALUE})
    void numbers_of_features_that_leave_gaps_should_be_refused(int id) throws InvalidProtocolBufferException {
        ImmutableFeatureMapProto features = ImmutableFeatureMapProto.newBuilder()
                .addInfo(info(0, "org.tribuo.CategoricalIDInfo"))
                .addInfo(info(id, "org.tribuo.CategoricalIDInfo"))
                .build();
        assertRefused(withFeatures(features), "no feature has number 1, of 2");
    }

    private static VariableInfoProto info(int id, String type) {
        return VariableInfoProto.newBuilder()
                .setClassName(type)
                .setSerializedData(Any.pack(CategoricalIDInfoProto.newBuilder()
                        .setName("feature" + id)
                        .setId(id)
                        .build()))
                .build();
    }

    private static SequenceModelProto withFeatures(ImmutableFeatureMapProto features)
            throws InvalidProtocolBufferException {
        return forgery.with(metadata -> {
            ModelDataProto.Builder changed = metadata.toBuilder();
            changed.getFeatureDomainBuilder().setSerializedData(Any.pack(features));
            return changed.build();
        });
    }

    @Test
    void classes_that_are_no_features_or_labels_should_not_be_loaded() throws InvalidProtocolBufferException {
        assertRefused(
                withFeatures(ImmutableFeatureMapProto.newBuilder()
                        .addInfo(info(0, RecurrentSequenceModel.class.getName()))
                        .build()),
                "a feature is a dev.unfold.tribuo.RecurrentSequenceModel");
        assertRefused(
                forgery.with(metadata -> {
                    ModelDataProto.Builder changed = metadata.toBuilder();
                    changed.getFeatureDomainBuilder().setClassName("java.lang.Runtime");
                    return changed.build();
                }),
                "its features are a java.lang.Runtime");
        assertRefused(
                forgery.with(metadata -> {
                    ModelDataProto.Builder changed = metadata.toBuilder();
                    changed.getOutputDomainBuilder().setClassName("org.tribuo.regression.ImmutableRegressionInfo");
                    return changed.build();
                }),
                "its labels are a org.tribuo.regression.ImmutableRegressionInfo");
        assertRefused(withFeatures(ImmutableFeatureMapProto.getDefaultInstance()), "it has 0 features");
    }

    /** Returns the model with provenance that is changed. */
    private static SequenceModelProto withProvenance(UnaryOperator<RootProvenanceProto> change)
            throws InvalidProtocolBufferException {
        return forgery.with(metadata -> metadata.toBuilder()
                .setProvenance(change.apply(metadata.getProvenance()))
                .build());
    }

    @Test
    void provenance_that_multiplies_should_be_refused() throws InvalidProtocolBufferException {
        int base = 1000;
        int doublings = 60;
        assertRefused(
                withProvenance(root -> {
                    RootProvenanceProto.Builder bomb = root.toBuilder();
                    ObjectProvenanceProto.Builder first = bomb.getOmp(0).toBuilder();
                    bomb.setOmp(0, first.putValues("bomb", base));
                    for (int i = 0; i < doublings; i++) {
                        bomb.addLmp(ListProvenanceProto.newBuilder()
                                .setIndex(base + i)
                                .addValues(base + i + 1)
                                .addValues(base + i + 1));
                    }
                    bomb.addSmp(SimpleProvenanceProto.newBuilder().setIndex(base + doublings));
                    return bomb.build();
                }),
                "its provenance, with all that it refers to, is longer than 16777216 bytes");
    }

    @Test
    void provenance_that_refers_to_itself_or_nothing_should_be_refused() throws InvalidProtocolBufferException {
        String rule = "is missing, part of itself, or more than 100 deep";
        for (int target : new int[] {1000, 1001, -1, Integer.MAX_VALUE}) {
            assertRefused(
                    withProvenance(root -> {
                        RootProvenanceProto.Builder changed = root.toBuilder();
                        changed.setOmp(0, changed.getOmp(0).toBuilder().putValues("loop", 1000));
                        changed.addLmp(
                                ListProvenanceProto.newBuilder().setIndex(1000).addValues(target));
                        return changed.build();
                    }),
                    rule);
        }
        assertRefused(
                withProvenance(root -> {
                    RootProvenanceProto.Builder deep = root.toBuilder();
                    deep.setOmp(0, deep.getOmp(0).toBuilder().putValues("deep", 1000));
                    for (int i = 1000; i < 20_000; i++) {
                        deep.addLmp(ListProvenanceProto.newBuilder().setIndex(i).addValues(i + 1));
                    }
                    return deep.build();
                }),
                rule);
        // Whichever is looked at first: 90 below the one object, and 90 more above it below the other.
        for (List<String> names : List.of(List.of("one", "other"), List.of("other", "one"))) {
            assertRefused(withProvenance(root -> chained(root, names.get(0), names.get(1))), rule);
        }
        assertRefused(withProvenance(root -> RootProvenanceProto.getDefaultInstance()), "it has no provenance");
    }

    private static RootProvenanceProto chained(RootProvenanceProto root, String low, String high) {
        RootProvenanceProto.Builder chained = root.toBuilder();
        for (int i = 1000; i < 1180; i++) {
            chained.addLmp(ListProvenanceProto.newBuilder().setIndex(i).addValues(i + 1));
        }
        chained.addLmp(ListProvenanceProto.newBuilder().setIndex(1180));
        ObjectProvenanceProto.Builder object = root.getOmp(0).toBuilder().clearValues();
        chained.addOmp(object.clone()
                .setObjectName(low)
                .setIndex(2000)
                .putValues("chain", 1090)
                .build());
        chained.addOmp(object.clone()
                .setObjectName(high)
                .setIndex(2001)
                .putValues("chain", 1000)
                .build());
        return chained.build();
    }

    @Test
    void java_serialisation_should_go_through_the_same_checks() throws IOException, ClassNotFoundException {
        byte[] stream = written(model);
        RecurrentSequenceModel read = (RecurrentSequenceModel) read(stream);
        assertThat(read.weightsSha256()).isEqualTo(model.weightsSha256());
        stream[stream.length - 1] ^= 1;
        assertThatThrownBy(() -> read(stream))
                .isInstanceOf(InvalidObjectException.class)
                .hasRootCauseMessage(
                        "model file: the SHA-256 of its bytes is not that which was written; it is damaged, get it again");
        RecurrentClassifierModel images = images();
        assertThat(((RecurrentClassifierModel) read(written(images))).weightsSha256())
                .isEqualTo(images.weightsSha256());
    }

    private static byte[] written(Object object) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }

    private static Object read(byte[] stream) throws IOException, ClassNotFoundException {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(stream))) {
            return in.readObject();
        }
    }
}
