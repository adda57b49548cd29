package dev.unfold.examples.corpus;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** How sentences are written down. In the first three a line is a word, with columns apart by tabs, and a blank line ends a sentence. */
public enum CorpusFormat {
    /** Universal Dependencies: ten columns; comments, ranges of words that are written as one (3-4) and empty nodes (8.1) are no words. */
    CONLLU("CoNLL-U", 10, 10, 3, 4),
    /** The shared tasks of 2006 and 2007: ten columns, of which CPOSTAG is taken for the universal tag and POSTAG for that of the language. */
    CONLLX("CoNLL-X", 10, 10, 3, 4),
    /** The shared task of 2008: eleven columns or more, of which GPOS is the tag. A word that is split has its tag in the first row. */
    CONLL2008("CoNLL-2008", 11, Integer.MAX_VALUE, 3, 3),
    /** A sentence a line, words apart by spaces, each with its tag behind the last underscore. */
    WORD_TAG("word_TAG", 0, 0, 0, 0),
    /** A sentence a line, words apart by spaces, without tags. */
    TEXT("text", 0, 0, 0, 0);

    private static final Pattern NUMBER = Pattern.compile("[0-9]+");

    private final String title;
    private final int fewestColumns;
    private final int mostColumns;
    private final int upos;
    private final int xpos;

    CorpusFormat(String title, int fewestColumns, int mostColumns, int upos, int xpos) {
        this.title = title;
        this.fewestColumns = fewestColumns;
        this.mostColumns = mostColumns;
        this.upos = upos;
        this.xpos = xpos;
    }

    /** Returns whether a line is a word, not a sentence. */
    boolean hasColumns() {
        return fewestColumns > 0;
    }

    boolean hasColumns(int count) {
        return count >= fewestColumns && count <= mostColumns;
    }

    /** Says how many columns there should be. */
    String columns() {
        return "the " + fewestColumns + (mostColumns > fewestColumns ? " or more" : "") + " of " + title;
    }

    int column(TagColumn tags) {
        return tags == TagColumn.UPOS ? upos : xpos;
    }

    /** Tells by the name of a file, and by the first line that is neither blank nor a comment. */
    static CorpusFormat detect(String name, List<Line> lines, TagColumn tags) {
        String lowerCase = name.toLowerCase(Locale.ROOT);
        if (lowerCase.endsWith(".conllu") || lowerCase.endsWith(".conllu.gz")) {
            return CONLLU;
        }
        Optional<String> first = lines.stream()
                .map(Line::text)
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .findFirst();
        String[] columns = first.orElse("").split("\t", -1);
        boolean numbered = columns.length > 1 && NUMBER.matcher(columns[0]).matches();
        if (numbered && CONLL2008.hasColumns(columns.length)) {
            return CONLL2008;
        }
        // A text may begin with a number and a tab; where tags are wanted that is a row without its other columns.
        if (CONLLU.hasColumns(columns.length) || (numbered && tags != TagColumn.NONE)) {
            return CONLLU;
        }
        return tags == TagColumn.NONE ? TEXT : WORD_TAG;
    }

    @Override
    public String toString() {
        return title;
    }
}
