package dev.unfold.tribuo;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.sequence.MutableSequenceDataset;
import org.tribuo.sequence.SequenceDataset;
import org.tribuo.sequence.SequenceExample;

/** Made-up sentences in which the tag of a word depends on the word before: {@code can} is a noun behind {@code the}, else a verb. */
final class Sentences {
    private static final String[] NOUNS = {"dog", "cat", "tree", "bird"};
    private static final String[] VERBS = {"sees", "likes", "hears"};
    private static final LabelFactory FACTORY = new LabelFactory();

    private Sentences() {}

    static SequenceDataset<Label> dataset(int seed, int count) {
        return dataset("sentences " + seed, examples(seed, count));
    }

    static SequenceDataset<Label> dataset(String name, List<SequenceExample<Label>> examples) {
        return new MutableSequenceDataset<>(examples, new SimpleDataSourceProvenance(name, FACTORY), FACTORY);
    }

    static List<SequenceExample<Label>> examples(int seed, int count) {
        Random random = new Random(seed);
        List<SequenceExample<Label>> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Example<Label>> words = new ArrayList<>();
            for (int phrase = 0; phrase <= random.nextInt(3); phrase++) {
                words.add(word("the", "DET"));
                words.add(random.nextBoolean() ? word("can", "NOUN") : word(one(NOUNS, random), "NOUN"));
                words.add(random.nextBoolean() ? word("can", "VERB") : word(one(VERBS, random), "VERB"));
            }
            made.add(new SequenceExample<>(words));
        }
        return made;
    }

    private static String one(String[] words, Random random) {
        return words[random.nextInt(words.length)];
    }

    /** Returns a word with the features of its form and its ending. */
    static Example<Label> word(String form, String tag) {
        List<Feature> features =
                List.of(new Feature("word=" + form, 1), new Feature("end=" + form.substring(form.length() - 1), 1));
        return new ArrayExample<>(new Label(tag), features);
    }

    /** Returns an example with one feature. */
    static Example<Label> example(String tag, String feature, double value) {
        return new ArrayExample<>(new Label(tag), List.of(new Feature(feature, value)));
    }

    /** Returns a word about which nothing is known. */
    static Example<Label> blank(String tag) {
        return new ArrayExample<>(new Label(tag));
    }
}
