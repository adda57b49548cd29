package dev.unfold.examples.pos;

import dev.unfold.examples.corpus.Corpus;
import dev.unfold.examples.corpus.Sentence;
import dev.unfold.examples.data.DataException;
import dev.unfold.graph.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What the LxMLS course makes of corpora: of each part the first 1,000 sentences of 2 to 14 words, and in the order of training, test and
 * dev part an index for each word and tag where it first occurs. Words and tags of all parts are known; noun is the first tag. Words are
 * told apart by case, tags are not.
 *
 * @param test none where no test part was given
 * @param words how many different ones there are
 * @param tags by index
 */
record CourseData(List<Indexed> train, List<Indexed> dev, Optional<List<Indexed>> test, int words, List<String> tags) {
    static final int SHORTEST = 2;
    static final int LONGEST = 14;
    static final int MOST_SENTENCES = 1_000;
    private static final String FIRST_TAG = "noun";

    /**
     * A sentence by indices.
     *
     * @param forms its words as they are written
     * @param words int32 {@code [T, 1]}
     * @param tags int32 {@code [T, 1]}
     */
    record Indexed(List<String> forms, Tensor words, Tensor tags) {
        int length() {
            return words.size();
        }
    }

    /**
     * Picks and indexes sentences.
     *
     * @throws DataException for a part without a sentence of that length
     */
    static CourseData of(Corpus train, Corpus dev, Optional<Corpus> test) {
        Map<String, Integer> words = new LinkedHashMap<>();
        Map<String, Integer> tags = new LinkedHashMap<>();
        index(tags, FIRST_TAG);
        List<Indexed> indexedTrain = indexed(train, words, tags);
        Optional<List<Indexed>> indexedTest = test.map(each -> indexed(each, words, tags));
        List<Indexed> indexedDev = indexed(dev, words, tags);
        return new CourseData(indexedTrain, indexedDev, indexedTest, words.size(), List.copyOf(tags.keySet()));
    }

    private static List<Indexed> indexed(Corpus corpus, Map<String, Integer> words, Map<String, Integer> tags) {
        List<Indexed> picked = new ArrayList<>();
        for (Sentence sentence : corpus.sentences()) {
            int length = sentence.length();
            if (length >= SHORTEST && length <= LONGEST && picked.size() < MOST_SENTENCES) {
                int[] wordIndices = new int[length];
                int[] tagIndices = new int[length];
                for (int i = 0; i < length; i++) {
                    wordIndices[i] = index(words, sentence.forms().get(i));
                    tagIndices[i] = index(tags, sentence.tags().get(i).toLowerCase(Locale.ROOT));
                }
                picked.add(new Indexed(
                        sentence.forms(), Tensor.of(wordIndices, length, 1), Tensor.of(tagIndices, length, 1)));
            }
        }
        if (picked.isEmpty()) {
            throw new DataException(corpus.name() + ": holds no sentence of " + SHORTEST + " to " + LONGEST
                    + " words; expected at least one, since the course leaves out all others");
        }
        return picked;
    }

    private static int index(Map<String, Integer> indices, String name) {
        Integer known = indices.putIfAbsent(name, indices.size());
        return known == null ? indices.size() - 1 : known;
    }

    /** Returns the number of words in sentences. */
    static int tokens(List<Indexed> sentences) {
        return sentences.stream().mapToInt(Indexed::length).sum();
    }
}
