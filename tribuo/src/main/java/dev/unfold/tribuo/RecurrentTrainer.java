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
     * Divides the examples by the options, unless some to validate on are given.
     *
     * @throws IllegalArgumentException where there is nothing to train on, or the options ask for another kind of validation
     */
    <E> Split<E> split(List<E> examples, OutputInfo<Label> labels, @Nullable Iterable<E> given, long trainingSeed) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("train: the dataset is empty; expected at least one example");
        }
        if (labels.getUnknownCount() > 0) {
            throw new IllegalArgumentException("train: " + labels.getUnknownCount()
                    + " examples of the dataset have no label; expected one for each");
        }
        double share = options.validationShare();
        if (given != null && share > 0) {
            throw new IllegalArgumentException("train: a validation set is given, and option validationShare is "
                    + share + "; choose one of them");
        }
        if (given == null && share == 0 && options.patience() > 0) {
            throw new IllegalArgumentException("train: option patience is " + options.patience()
                    + " and nothing is there to validate on; give a validation set, or set validationShare");
        }
        if (given != null) {
            List<E> validation = new ArrayList<>();
            given.forEach(validation::add);
            if (validation.isEmpty()) {
                throw new IllegalArgumentException("train: the validation set is empty; expected at least one example");
            }
            return new Split<>(examples, validation);
        }
        int held = share == 0 ? 0 : Math.max(1, (int) Math.round(share * examples.size()));
        if (held >= examples.size()) {
            throw new IllegalArgumentException("train: option validationShare is " + share + " of " + examples.size()
                    + " examples, which leaves none to train on");
        }
        int[] order = Seeds.random(trainingSeed).permutation(examples.size());
        boolean[] isHeld = new boolean[examples.size()];
        Arrays.stream(order, 0, held).forEach(i -> isHeld[i] = true);
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
     * @param run what the caller knows of it, and now all
     * @throws IllegalArgumentException where the caller's names are taken
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
        Map<String, Provenance> known = new LinkedHashMap<>();
        known.put("features", new IntProvenance("features", features.size()));
        known.put("features-sha256", hash("features-sha256", namesOf(features)));
        known.put("labels", new IntProvenance("labels", labels));
        known.put("epoch-of-weights", new IntProvenance("epoch-of-weights", best));
        known.put("weights-sha256", hash("weights-sha256", Weights.sha256(network.parameters())));
        if (validationSet != null) {
            known.put("validation", validationSet);
        }
        return merged(run, known);
    }

    /** Returns the provenance of a model that has just been trained. */
    static ModelProvenance provenance(
            Class<?> model, DatasetProvenance examples, Invocation invocation, Map<String, Provenance> run) {
        OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
        return new ModelProvenance(model.getName(), now, examples, invocation.provenance(), run);
    }

    /** Returns two maps as one. */
    static Map<String, Provenance> merged(Map<String, Provenance> one, Map<String, Provenance> other) {
        Map<String, Provenance> both = new LinkedHashMap<>(one);
        other.forEach((name, value) -> {
            if (both.put(name, value) != null) {
                throw new IllegalArgumentException(
                        "train: run provenance has a '" + name + "', which the trainer sets; give it another name");
            }
        });
        return both;
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
