package dev.unfold.rnn.check;

import com.google.common.collect.Sets;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link CellContract} found.
 *
 * @param cell the name of the cell
 * @param seed what inputs, lengths and weights were drawn from
 * @param checked the laws that the cell was held to
 * @param violations where it broke them
 * @param warnings in words: kinks that differences ran into, inputs and fields of the state that get no gradient
 */
public record ContractReport(
        String cell, int seed, Set<Law> checked, List<Violation> violations, List<String> warnings) {
    private static final int MOST_SHOWN = 4;
    /** Laws of which every violation is another mistake, and not the same one in another case. */
    private static final Set<Law> SHOWN_WHOLE = Sets.immutableEnumSet(Law.DECLARED, Law.LEARNING);

    /** Copies the collections. */
    public ContractReport {
        checked = Sets.immutableEnumSet(checked);
        violations = List.copyOf(violations);
        warnings = List.copyOf(warnings);
    }

    /**
     * One case that breaks a law.
     *
     * @param what in words: the case and the place, what was expected, and what came; places are {@code [step, row, feature]} in
     *     outputs and inputs, {@code [row, feature]} in states, and lack what is named beside them
     * @param thrown what the cell threw, or null
     */
    public record Violation(Law law, String what, @Nullable Throwable thrown) {}

    /** Returns whether no law is broken. */
    public boolean passed() {
        return violations.isEmpty();
    }

    /** Returns the laws that are broken. */
    public Set<Law> broken() {
        return violations.stream().map(Violation::law).collect(Sets.toImmutableEnumSet());
    }

    /** Names the laws that are broken, with the first few violations of each, and those that were not checked. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("contract of cell '" + cell + "' (seed " + seed + "): ");
        text.append(passed() ? "kept" : broken().size() + " of " + checked.size() + " laws broken");
        for (Law law : broken()) {
            List<String> cases = violations.stream()
                    .filter(each -> each.law() == law)
                    .map(Violation::what)
                    .toList();
            text.append("\n  ")
                    .append(law)
                    .append(" (")
                    .append(law.description())
                    .append(")");
            int shown = SHOWN_WHOLE.contains(law) ? cases.size() : Math.min(MOST_SHOWN, cases.size());
            cases.subList(0, shown).forEach(each -> text.append("\n    ").append(each));
            if (shown < cases.size()) {
                text.append("\n    and ").append(cases.size() - shown).append(" more");
            }
        }
        Set<Law> unchecked = EnumSet.allOf(Law.class);
        unchecked.removeAll(checked);
        if (!unchecked.isEmpty()) {
            text.append("\n  not checked: ").append(unchecked);
        }
        warnings.forEach(warning -> text.append("\n  warning: ").append(warning));
        return text.toString();
    }
}
