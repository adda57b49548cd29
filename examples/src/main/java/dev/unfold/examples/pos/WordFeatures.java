package dev.unfold.examples.pos;

import com.google.common.collect.Interner;
import com.google.common.collect.Interners;
import dev.unfold.examples.corpus.Sentence;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tribuo.Feature;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.sequence.SequenceExample;

/** Sentences as Tribuo's examples: of each word itself, its beginnings and endings and how it is written, and maybe its neighbours. */
final class WordFeatures {
    /** What the name of the feature that is the word itself begins with. */
    static final String WORD = "w=";

    private static final int LONGEST_BEGINNING = 3;
    private static final int LONGEST_ENDING = 4;
    /** How many of the same kind in a row a shape shows. */
    private static final int LONGEST_RUN = 2;

    private final boolean neighbours;
    /** The same few names come again and again. */
    private final Interner<String> names = Interners.newStrongInterner();

    /**
     * Says what to tell.
     *
     * @param neighbours whether the words before and behind are told as well, for models that look at one word at a time
     */
    WordFeatures(boolean neighbours) {
        this.neighbours = neighbours;
    }

    /** Returns a sentence, with its tags where it has any. */
    SequenceExample<Label> of(Sentence sentence) {
        List<List<Feature>> words = new ArrayList<>();
        List<Label> labels = new ArrayList<>();
        for (int i = 0; i < sentence.length(); i++) {
            words.add(word(sentence.forms(), i));
            labels.add(
                    sentence.tags().isEmpty()
                            ? LabelFactory.UNKNOWN_LABEL
                            : new Label(names.intern(sentence.tags().get(i))));
        }
        return new SequenceExample<>(labels, words);
    }

    private List<Feature> word(List<String> forms, int at) {
        List<Feature> features = new ArrayList<>();
        String form = forms.get(at);
        String lowerCase = form.toLowerCase(Locale.ROOT);
        add(features, WORD, form);
        add(features, "lower=", lowerCase);
        add(features, "shape=", shape(form));
        int[] letters = lowerCase.codePoints().toArray();
        for (int length = 1; length <= Math.min(LONGEST_BEGINNING, letters.length); length++) {
            add(features, "begins" + length + "=", new String(letters, 0, length));
        }
        for (int length = 1; length <= Math.min(LONGEST_ENDING, letters.length); length++) {
            add(features, "ends" + length + "=", new String(letters, letters.length - length, length));
        }
        add(features, "first=", Boolean.toString(at == 0));
        if (neighbours) {
            add(features, "before=", at == 0 ? "" : forms.get(at - 1).toLowerCase(Locale.ROOT));
            add(
                    features,
                    "behind=",
                    at + 1 == forms.size() ? "" : forms.get(at + 1).toLowerCase(Locale.ROOT));
        }
        return features;
    }

    private void add(List<Feature> features, String kind, String value) {
        features.add(new Feature(names.intern(kind + value), 1));
    }

    /** Capitals as X, other letters as x, digits as 0, all else as it is; of a run of the same, the first two. */
    static String shape(String form) {
        StringBuilder shape = new StringBuilder();
        int run = 0;
        int before = -1;
        for (int letter : form.codePoints().toArray()) {
            int kind = Character.isUpperCase(letter)
                    ? 'X'
                    : Character.isLetter(letter) ? 'x' : Character.isDigit(letter) ? '0' : letter;
            run = kind == before ? run + 1 : 1;
            before = kind;
            if (run <= LONGEST_RUN) {
                shape.appendCodePoint(kind);
            }
        }
        return shape.toString();
    }
}
