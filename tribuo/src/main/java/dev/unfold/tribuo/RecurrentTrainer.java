package dev.unfold.tribuo;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil.HashType;
import com.oracle.labs.mlrg.olcut.provenance.primitives.HashProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.IntProvenance;
import dev.unfold.rnn.init.Parameters;
import dev.unfold.rnn.model.Weights;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.OutputInfo;
import org.tribuo.Trainer;
import org.tribuo.VariableInfo;
import org.tribuo.classification.Label;
import org.tribuo.provenance.DatasetProvenance;
import org.tribuo.provenance.ModelProvenance;
import org.tribuo.provenance.TrainerProvenance;

/** What both trainers have: options, a seed, the count of invocations, and what follows from them. */
abstract class RecurrentTrainer {
    static final String INITIAL_VECTORS = "initial-vectors";
    static final String INITIAL_VECTORS_SHA256 = "initial-vectors-sha256";

    private static final String FEATURES = "features";
    private static final String FEATURES_SHA256 = "features-sha256";
    private static final String LABELS = "labels";
    private static final String EPOCH_OF_WEIGHTS = "epoch-of-weights";
    private static final String WEIGHTS_SHA256 = "weights-sha256";
    private static final String VALIDATION = "validation";

    /** What a training tells of itself in the provenance of its model. */
    private static final Set<String> NAMES = Set.of(
            INITIAL_VECTORS,
            INITIAL_VECTORS_SHA256,
            FEATURES,
            FEATURES_SHA256,
            LABELS,
            EPOCH_OF_WEIGHTS,
            WEIGHTS_SHA256,
            VALIDATION);

    @Config(description = "The network and its training.")
    private RecurrentOptions options = new RecurrentOptions();

    @Config(mandatory = true, description = "Seed of all that is random: first weights, order of examples, dropout.")
    private long seed;

    private int invocations;
    private Consumer<EpochResult> onEpoch = result -> {};

    /** For OLCUT. */
    RecurrentTrainer() {}

    RecurrentTrainer(RecurrentOptions options, long seed) {
        this.options = options;
        this.seed = seed;
    }

    /** Returns the options. */
    public RecurrentOptions options() {
        return options;
    }

    /** Lets somebody know what each epoch of the trainings to come has come to. */
    public synchronized void setOnEpoch(Consumer<EpochResult> listener) {
        onEpoch = listener;
    }

    /** Returns how often this has trained; with the seed, it determines all that is random in the next training. */
    public synchronized int getInvocationCount() {
        return invocations;
    }

    /**
     * Lets the next training be as the one behind so many trainings.
     *
     * @throws IllegalArgumentException for a negative number
     */
    public synchronized void setInvocationCount(int invocationCount) {
        if (invocationCount < 0) {
            throw new IllegalArgumentException(
                    "invocation count is " + invocationCount + "; expected 0 or more, the trainings before");
        }
        invocations = invocationCount;
    }

    /** Returns the provenance of the next training. */
    public abstract TrainerProvenance getProvenance();

    /** One training: its seed, and what it has to say of itself. */
    record Invocation(long seed, TrainerProvenance provenance, Consumer<EpochResult> onEpoch) {}

    /**
     * Begins a training.
     *
     * @param count which it is to be; {@link Trainer#INCREMENT_INVOCATION_COUNT} for the next
     */
    synchronized Invocation next(int count) {
        if (count != Trainer.INCREMENT_INVOCATION_COUNT) {
            setInvocationCount(count);
        }
        Invocation next = new Invocation(Seeds.ofTraining(seed, invocations), getProvenance(), onEpoch);
        invocations++;
        return next;
    }

    /** Examples to train on and to validate on, which may be none. */
    record Split<E>(List<E> train, List<E> validation) {}

    /**
     * Checks, before the training counts, that there is something to train and to validate on as the options ask for.
     *
     * @param examples how many there are
     * @param validation how many are given to validate on; null for no set
     * @param run what the caller knows of the training
     * @throws IllegalArgumentException where it is not so, or the caller uses a name of the trainer's
     */
    void check(int examples, OutputInfo<Label> labels, @Nullable Integer validation, Map<String, Provenance> run) {
        if (examples == 0) {
            throw new IllegalArgumentException("train: the dataset is empty; expected at least one example");
        }
        if (labels.getUnknownCount() > 0) {
            throw new IllegalArgumentException("train: " + labels.getUnknownCount()
                    + " examples of the dataset have no label; expected one for each");
        }
        double share = options.validationShare();
        if (validation != null && share > 0) {
            throw new IllegalArgumentException("train: a validation set is given, and option validationShare is "
                    + share + "; choose one of them");
        }
        if (validation != null && validation == 0) {
            throw new IllegalArgumentException("train: the validation set is empty; expected at least one example");
        }
        if (validation == null && share == 0 && options.patience() > 0) {
            throw new IllegalArgumentException("train: option patience is " + options.patience()
                    + " and nothing is there to validate on; give a validation set, or set validationShare");
        }
        if (validation == null && held(examples) >= examples) {
            throw new IllegalArgumentException("train: option validationShare is " + share + " of " + examples
                    + " examples, which leaves none to train on");
        }
        for (String name : run.keySet()) {
            if (NAMES.contains(name)) {
                throw new IllegalArgumentException(
                        "train: run provenance has a '" + name + "', which the trainer sets; give it another name");
            }
        }
    }

    /** Returns how many of so many examples are kept apart. */
    private int held(int examples) {
        double share = options.validationShare();
        return share == 0 ? 0 : Math.max(1, (int) Math.round(share * examples));
    }

    /** Divides the examples by the options, unless some to validate on are given. */
    <E> Split<E> split(List<E> examples, @Nullable List<E> validation, long trainingSeed) {
        if (validation != null) {
            return new Split<>(examples, validation);
        }
        int[] order = Seeds.random(trainingSeed).permutation(examples.size());
        boolean[] isHeld = new boolean[examples.size()];
        Arrays.stream(order, 0, held(examples.size())).forEach(i -> isHeld[i] = true);
        Split<E> split = new Split<>(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < isHeld.length; i++) {
            (isHeld[i] ? split.validation() : split.train()).add(examples.get(i));
        }
        return split;
    }

    Parameters parameters(long trainingSeed) {
        return new Parameters("model", options.precision().type(), Seeds.random(trainingSeed));
    }

    /**
     * Trains, and returns what there is to know of it.
     *
     * @param run what is known before
     */
    Map<String, Provenance> fit(
            Invocation invocation,
            Network network,
            Samples train,
            @Nullable Samples validation,
            @Nullable DatasetProvenance validationSet,
            ImmutableFeatureMap features,
            int labels,
            Map<String, Provenance> run) {
        int best = new Fit(options, invocation.seed(), network, train, validation).run(invocation.onEpoch());
        Map<String, Provenance> known = new LinkedHashMap<>(run);
        known.put(FEATURES, new IntProvenance(FEATURES, features.size()));
        known.put(FEATURES_SHA256, hash(FEATURES_SHA256, namesOf(features)));
        known.put(LABELS, new IntProvenance(LABELS, labels));
        known.put(EPOCH_OF_WEIGHTS, new IntProvenance(EPOCH_OF_WEIGHTS, best));
        known.put(WEIGHTS_SHA256, hash(WEIGHTS_SHA256, Weights.sha256(network.parameters())));
        if (validationSet != null) {
            known.put(VALIDATION, validationSet);
        }
        return known;
    }

    /** Returns the provenance of a model that has just been trained. */
    static ModelProvenance provenance(
            Class<?> model, DatasetProvenance examples, Invocation invocation, Map<String, Provenance> run) {
        OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
        return new ModelProvenance(model.getName(), now, examples, invocation.provenance(), run);
    }

    static HashProvenance hash(String name, String value) {
        return new HashProvenance(HashType.SHA256, name, value);
    }

    private static String namesOf(ImmutableFeatureMap features) {
        Hasher hasher = Hashing.sha256().newHasher();
        for (int i = 0; i < features.size(); i++) {
            VariableInfo feature = features.get(i);
            hasher.putInt(feature.getName().length()).putString(feature.getName(), StandardCharsets.UTF_8);
        }
        return hasher.hash().toString();
    }
}
