package dev.unfold.examples.pos;

import com.google.common.base.Throwables;
import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.corpus.Corpus;
import dev.unfold.examples.corpus.CorpusFormat;
import dev.unfold.examples.corpus.Sentence;
import dev.unfold.examples.corpus.TagColumn;
import dev.unfold.examples.data.DataException;
import dev.unfold.tribuo.RecurrentSequenceModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.sequence.SequenceModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pos tag}: tags sentences with a model that {@code pos --save} has written. */
@Command(
        name = "tag",
        description = "Tag sentences, one a line with words apart by spaces, by a saved model.",
        mixinStandardHelpOptions = true,
        version = CommonOptions.VERSION)
final class TagCommand implements Runnable {
    private static final String EMPTY_COLUMNS = "\t_\t_\t_\t_\t_\t_";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--model", required = true, paramLabel = "FILE", description = "The model.")
    private Path model = Path.of("");

    @Option(
            names = "--output",
            defaultValue = "word-tag",
            description = "How to write: word-tag or conllu (default ${DEFAULT-VALUE}).")
    private TaggedOutput output = TaggedOutput.WORD_TAG;

    @Option(names = "--stacktrace", description = "After a failure, print where in the program it happened.")
    @SuppressWarnings("unused") // Main asks the parser for it, since it serves when a command has failed
    private boolean stacktrace;

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "The sentences, in UTF-8, gzipped or not (default: standard input).")
    private @Nullable Path file;

    @Override
    public void run() {
        CommonOptions.refuseBefore(spec);
        SequenceModel<Label> tagger = load();
        Corpus corpus = read();
        WordFeatures features = new WordFeatures(false);
        List<List<Prediction<Label>>> tags =
                tagger.predict(corpus.sentences().stream().map(features::of).toList());
        PrintWriter out = spec.commandLine().getOut();
        for (int i = 0; i < tags.size(); i++) {
            write(out, corpus.sentences().get(i), SequenceModel.toMaxLabels(tags.get(i)));
        }
        out.flush();
    }

    private SequenceModel<Label> load() {
        SequenceModel<Label> loaded;
        try {
            loaded = SequenceModel.deserializeFromFile(model).castModel(Label.class);
        } catch (NoSuchFileException exception) {
            throw new DataException(model + ": is not there; expected a model of pos --save", exception);
        } catch (IOException | RuntimeException exception) {
            throw new DataException(
                    model + ": is no model of pos --save: "
                            + Throwables.getRootCause(exception).getMessage(),
                    exception);
        }
        boolean knowsWords =
                loaded.getFeatureIDMap().keySet().stream().anyMatch(name -> name.startsWith(WordFeatures.WORD));
        if (!(loaded instanceof RecurrentSequenceModel) || !knowsWords) {
            throw new DataException(
                    model + ": is a " + loaded.getName() + " on other features; expected a model of pos --save");
        }
        return loaded;
    }

    private Corpus read() {
        if (file != null) {
            return Corpus.read(file, TagColumn.NONE, Optional.of(CorpusFormat.TEXT));
        }
        try {
            return Corpus.read(
                    "standard input", System.in.readAllBytes(), TagColumn.NONE, Optional.of(CorpusFormat.TEXT));
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }

    private void write(PrintWriter out, Sentence sentence, List<Label> tags) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < tags.size(); i++) {
            String form = sentence.forms().get(i);
            String tag = tags.get(i).getLabel();
            if (output == TaggedOutput.CONLLU) {
                text.append(i + 1)
                        .append('\t')
                        .append(form)
                        .append("\t_\t")
                        .append(tag)
                        .append(EMPTY_COLUMNS)
                        .append('\n');
            } else {
                text.append(i == 0 ? "" : " ").append(form).append('_').append(tag);
            }
        }
        out.print(text.append('\n'));
    }
}
