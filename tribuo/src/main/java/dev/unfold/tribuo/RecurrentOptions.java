package dev.unfold.tribuo;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.Configurable;
import com.oracle.labs.mlrg.olcut.provenance.ConfiguredObjectProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenancable;
import com.oracle.labs.mlrg.olcut.provenance.impl.ConfiguredObjectProvenanceImpl;
import java.util.function.Consumer;

/**
 * What both trainers can be told about the network and its training. Immutable once made; each method with a value returns changed
 * options:
 *
 * <pre>{@code
 * RecurrentOptions options = new RecurrentOptions().cell(CellKind.GRU).hiddenSize(64).bidirectional(true).epochs(20);
 * }</pre>
 *
 * <p>In a configuration file of OLCUT, they are a component, with a property for each method.
 */
public final class RecurrentOptions implements Configurable, Provenancable<ConfiguredObjectProvenance>, Cloneable {
    /** Sizes above this are mistakes, or files made to exhaust memory. */
    static final int MOST = 1 << 20;

    static final int MOST_LAYERS = 1 << 8;

    @Config(description = "The cell that is unfolded.")
    private CellKind cell = CellKind.LSTM;

    @Config(description = "Hidden size of each cell.")
    private int hiddenSize = 128;

    @Config(description = "How many cells lie on top of each other.")
    private int layers = 1;

    @Config(description = "Whether each layer goes both ways, with a cell for each.")
    private boolean bidirectional = false;

    @Config(description = "The precision of weights and arithmetic.")
    private Precision precision = Precision.FLOAT32;

    @Config(description = "Share of the numbers of each input that is dropped in training.")
    private double inputDropout = 0;

    @Config(
            description =
                    "Share of each layer's outputs that is dropped in training, the same at all steps of a sequence.")
    private double dropout = 0;

    @Config(description = "Share of h that each cell does not see in training, the same at all steps of a sequence.")
    private double recurrentDropout = 0;

    @Config(description = "How often at most to go through the training set.")
    private int epochs = 10;

    @Config(description = "The most sequences in an update.")
    private int batchSize = 32;

    @Config(description = "The greatest share of padding in a batch.")
    private double maxPadding = 0.25;

    @Config(description = "The learning rate of Adam.")
    private double learningRate = 2e-3;

    @Config(description = "Weight decay, apart from the gradient (AdamW); 0 for none.")
    private double weightDecay = 0;

    @Config(description = "The global norm to which gradients are clipped; 0 for none.")
    private double clipNorm = 5;

    @Config(description = "Share of the training set that is kept apart for validation; 0 for none.")
    private double validationShare = 0;

    @Config(description = "Epochs without a better validation after which to stop; 0 for never.")
    private int patience = 0;

    @Config(description = "Whether training records every step or replays one.")
    private UnrollMode unroll = UnrollMode.DYNAMIC;

    @Config(description = "Threads that share the work of an update; their number changes no bit.")
    private int threads = 1;

    /** Makes the usual options: an LSTM of 128 that goes forwards, trained for 10 epochs in batches of 32. */
    public RecurrentOptions() {}

    /** Checks the values; called by OLCUT. */
    @Override
    public void postConfig() {
        atLeast("hiddenSize", hiddenSize, 1);
        checkLayers(layers);
        atLeast("epochs", epochs, 1);
        atLeast("batchSize", batchSize, 1);
        atLeast("patience", patience, 0);
        atLeast("threads", threads, 1);
        share("inputDropout", inputDropout);
        share("dropout", dropout);
        share("recurrentDropout", recurrentDropout);
        share("maxPadding", maxPadding);
        share("validationShare", validationShare);
        check(learningRate > 0 && Double.isFinite(learningRate), "learningRate", learningRate, "a number above 0");
        check(weightDecay >= 0 && Double.isFinite(weightDecay), "weightDecay", weightDecay, "0 or more");
        check(clipNorm >= 0 && Double.isFinite(clipNorm), "clipNorm", clipNorm, "0 for none, or a number above 0");
    }

    /** Refuses a size of another range. */
    static void atLeast(String name, int value, int least) {
        check(value >= least && value <= MOST, name, value, least + " to " + MOST);
    }

    /** Refuses a number of layers of another range. */
    static void checkLayers(int value) {
        check(value >= 1 && value <= MOST_LAYERS, "layers", value, "1 to " + MOST_LAYERS);
    }

    /** Refuses what is no probability below 1. */
    static void share(String name, double value) {
        check(value >= 0 && value < 1, name, value, "0 up to, but not including, 1");
    }

    private static void check(boolean right, String name, Object value, String expected) {
        if (!right) {
            throw new IllegalArgumentException("option " + name + " is " + value + "; expected " + expected);
        }
    }

    private RecurrentOptions with(Consumer<RecurrentOptions> change) {
        try {
            RecurrentOptions copy = (RecurrentOptions) clone();
            change.accept(copy);
            copy.postConfig();
            return copy;
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Returns the cell that is unfolded. */
    public CellKind cell() {
        return cell;
    }

    /** Sets the cell that is unfolded. */
    public RecurrentOptions cell(CellKind value) {
        return with(options -> options.cell = value);
    }

    /** Returns the hidden size of each cell. */
    public int hiddenSize() {
        return hiddenSize;
    }

    /** Sets the hidden size of each cell. */
    public RecurrentOptions hiddenSize(int value) {
        return with(options -> options.hiddenSize = value);
    }

    /** Returns how many cells lie on top of each other. */
    public int layers() {
        return layers;
    }

    /** Sets how many cells lie on top of each other. */
    public RecurrentOptions layers(int value) {
        return with(options -> options.layers = value);
    }

    /** Returns whether each layer goes both ways, with a cell for each. */
    public boolean bidirectional() {
        return bidirectional;
    }

    /** Sets whether each layer goes both ways, with a cell for each. */
    public RecurrentOptions bidirectional(boolean value) {
        return with(options -> options.bidirectional = value);
    }

    /** Returns the precision of weights and arithmetic. */
    public Precision precision() {
        return precision;
    }

    /** Sets the precision of weights and arithmetic. */
    public RecurrentOptions precision(Precision value) {
        return with(options -> options.precision = value);
    }

    /** Returns the share of the numbers of each input that is dropped in training. */
    public double inputDropout() {
        return inputDropout;
    }

    /** Sets the share of the numbers of each input that is dropped in training. */
    public RecurrentOptions inputDropout(double value) {
        return with(options -> options.inputDropout = value);
    }

    /** Returns the share of each layer's outputs that is dropped in training, the same at all steps of a sequence. */
    public double dropout() {
        return dropout;
    }

    /** Sets the share of each layer's outputs that is dropped in training, the same at all steps of a sequence. */
    public RecurrentOptions dropout(double value) {
        return with(options -> options.dropout = value);
    }

    /** Returns the share of h that each cell does not see in training, the same at all steps of a sequence. */
    public double recurrentDropout() {
        return recurrentDropout;
    }

    /** Sets the share of h that each cell does not see in training, the same at all steps of a sequence. */
    public RecurrentOptions recurrentDropout(double value) {
        return with(options -> options.recurrentDropout = value);
    }

    /** Returns how often at most to go through the training set. */
    public int epochs() {
        return epochs;
    }

    /** Sets how often at most to go through the training set. */
    public RecurrentOptions epochs(int value) {
        return with(options -> options.epochs = value);
    }

    /** Returns the most sequences in an update. */
    public int batchSize() {
        return batchSize;
    }

    /** Sets the most sequences in an update. */
    public RecurrentOptions batchSize(int value) {
        return with(options -> options.batchSize = value);
    }

    /** Returns the greatest share of padding in a batch. */
    public double maxPadding() {
        return maxPadding;
    }

    /** Sets the greatest share of padding in a batch. */
    public RecurrentOptions maxPadding(double value) {
        return with(options -> options.maxPadding = value);
    }

    /** Returns the learning rate of Adam. */
    public double learningRate() {
        return learningRate;
    }

    /** Sets the learning rate of Adam. */
    public RecurrentOptions learningRate(double value) {
        return with(options -> options.learningRate = value);
    }

    /** Returns the weight decay, apart from the gradient as in AdamW; 0 is none. */
    public double weightDecay() {
        return weightDecay;
    }

    /** Sets the weight decay, apart from the gradient as in AdamW; 0 is none. */
    public RecurrentOptions weightDecay(double value) {
        return with(options -> options.weightDecay = value);
    }

    /** Returns the global norm to which gradients are clipped; 0 is none. */
    public double clipNorm() {
        return clipNorm;
    }

    /** Sets the global norm to which gradients are clipped; 0 is none. */
    public RecurrentOptions clipNorm(double value) {
        return with(options -> options.clipNorm = value);
    }

    /** Returns the share of the training set that is kept apart for validation; 0 is none. */
    public double validationShare() {
        return validationShare;
    }

    /** Sets the share of the training set that is kept apart for validation; 0 is none. */
    public RecurrentOptions validationShare(double value) {
        return with(options -> options.validationShare = value);
    }

    /** Returns after how many epochs without a better validation to stop; 0 is never. */
    public int patience() {
        return patience;
    }

    /** Sets after how many epochs without a better validation to stop; 0 is never. */
    public RecurrentOptions patience(int value) {
        return with(options -> options.patience = value);
    }

    /** Returns whether training records every step or replays one. */
    public UnrollMode unroll() {
        return unroll;
    }

    /** Sets whether training records every step or replays one. */
    public RecurrentOptions unroll(UnrollMode value) {
        return with(options -> options.unroll = value);
    }

    /** Returns how many threads share the work of an update; their number changes no bit. */
    public int threads() {
        return threads;
    }

    /** Sets how many threads share the work of an update; their number changes no bit. */
    public RecurrentOptions threads(int value) {
        return with(options -> options.threads = value);
    }

    @Override
    public ConfiguredObjectProvenance getProvenance() {
        return new ConfiguredObjectProvenanceImpl(this, "RecurrentOptions");
    }
}
