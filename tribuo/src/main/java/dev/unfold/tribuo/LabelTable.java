package dev.unfold.tribuo;

import dev.unfold.graph.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tribuo.Example;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;

/** Labels by the number of their class: in the order of their names, since the order of Tribuo's numbers is that of a hash table. */
final class LabelTable {
    private final List<String> names;
    private final Map<String, Integer> numbers = new HashMap<>();

    LabelTable(ImmutableOutputInfo<Label> domain) {
        this.names = domain.getDomain().stream().map(Label::getLabel).sorted().toList();
        names.forEach(name -> numbers.put(name, numbers.size()));
    }

    /** Returns the labels in the order of their numbers. */
    List<String> names() {
        return names;
    }

    /** Returns K, the number of labels. */
    int size() {
        return names.size();
    }

    /** Returns the number of a label; {@link Samples#UNKNOWN_LABEL} where it is not among these. */
    int number(Label label) {
        return numbers.getOrDefault(label.getLabel(), Samples.UNKNOWN_LABEL);
    }

    /** Returns the position, from the first, of the greatest of some numbers of a tensor; of equal ones that of the first. */
    static int best(Tensor scores, int from, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            best = scores.getFlat(from + i) > scores.getFlat(from + best) ? i : best;
        }
        return best;
    }

    /**
     * Returns a prediction from the probabilities of all labels.
     *
     * @param used how many features of the example the model knows
     */
    Prediction<Label> prediction(Tensor probabilities, int used, Example<Label> example) {
        Map<String, Label> scores = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            scores.put(names.get(i), new Label(names.get(i), probabilities.getFlat(i)));
        }
        Label best = scores.values().stream()
                .skip(best(probabilities, 0, names.size()))
                .findFirst()
                .orElseThrow();
        return new Prediction<>(best, scores, used, example, true);
    }
}
