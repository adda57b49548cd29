package dev.unfold.examples.corpus;

import dev.unfold.examples.data.DataException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Makes sentences of lines. */
final class CorpusReader {
    private static final String NOTHING = "_";
    private static final int FORM = 1;
    private static final int SPLIT_FORM = 5;
    private static final int LONGEST_QUOTE = 40;
    private static final Pattern TAB = Pattern.compile("\t");
    private static final Pattern SPACES = Pattern.compile("\\p{javaWhitespace}+");
    private static final Pattern NO_WORD = Pattern.compile("[0-9]+[-.][0-9]+");

    private final String name;
    private final CorpusFormat format;
    private final TagColumn tagColumn;
    private final List<Sentence> sentences = new ArrayList<>();
    private List<String> forms = new ArrayList<>();
    private List<String> tags = new ArrayList<>();
    /** The rows of the sentence so far that have a number of their own. */
    private int rows;

    CorpusReader(String name, CorpusFormat format, TagColumn tagColumn) {
        this.name = name;
        this.format = format;
        this.tagColumn = tagColumn;
    }

    List<Sentence> read(List<Line> lines) {
        for (Line line : lines) {
            if (!format.hasColumns()) {
                words(line);
            } else if (line.text().isBlank()) {
                endSentence();
            } else if (!line.text().startsWith("#")) {
                row(line);
            }
        }
        endSentence();
        return sentences;
    }

    private void endSentence() {
        if (!forms.isEmpty()) {
            sentences.add(new Sentence(forms, tags));
            forms = new ArrayList<>();
            tags = new ArrayList<>();
        }
        rows = 0;
    }

    private void row(Line line) {
        String[] columns = TAB.split(line.text(), -1);
        String id = columns[0];
        boolean aside = format == CorpusFormat.CONLLU && NO_WORD.matcher(id).matches();
        if (!aside && !id.equals(Integer.toString(rows + 1))) {
            throw bad(line, "begins with " + quote(id) + "; expected " + expectedStart());
        }
        if (!format.hasColumns(columns.length)) {
            throw bad(
                    line,
                    "has " + columns.length + " columns apart by tabs; expected " + format.columns() + otherwise());
        }
        if (aside) {
            return;
        }
        rows++;
        if (!isRestOfSplitWord(columns)) {
            word(line, columns[FORM], columns[format.column(tagColumn)]);
        }
    }

    private String expectedStart() {
        String number = (rows + 1) + ", the number of the next word";
        String others = format == CorpusFormat.CONLLU ? ", a range such as 3-4, an empty node such as 8.1" : "";
        return number + others + ", or a blank line between two sentences" + otherwise();
    }

    private String otherwise() {
        return tagColumn == TagColumn.NONE ? "" : "; mend the line, or name another format";
    }

    /** In CoNLL-2008 the parts of "Atlanta-based" have rows of their own, of which the first alone has the whole form. */
    private boolean isRestOfSplitWord(String[] columns) {
        return format == CorpusFormat.CONLL2008
                && rows > 1
                && columns[FORM].equals(NOTHING)
                && !columns[SPLIT_FORM].equals(NOTHING);
    }

    private void word(Line line, String form, String tag) {
        if (form.isBlank()) {
            throw bad(line, "has no form in its second column; expected a word");
        }
        forms.add(form);
        if (tagColumn != TagColumn.NONE) {
            if (tag.isBlank() || tag.equals(NOTHING)) {
                throw bad(
                        line,
                        "has no tag for " + quote(form) + " in column " + (format.column(tagColumn) + 1)
                                + "; expected one for every word; try the other of upos and xpos");
            }
            tags.add(tag);
        }
    }

    private void words(Line line) {
        String text = line.text().strip();
        if (text.isEmpty()) {
            return;
        }
        for (String word : SPACES.split(text, -1)) {
            if (format == CorpusFormat.TEXT) {
                forms.add(word);
                continue;
            }
            int at = word.lastIndexOf('_');
            if (at < 1 || at == word.length() - 1) {
                throw bad(
                        line,
                        "has no tag at " + quote(word) + ", word " + (forms.size() + 1)
                                + "; expected word_TAG, or rows of CoNLL-U, CoNLL-X or CoNLL-2008");
            }
            forms.add(word.substring(0, at));
            if (tagColumn != TagColumn.NONE) {
                tags.add(word.substring(at + 1));
            }
        }
        endSentence();
    }

    private DataException bad(Line line, String problem) {
        return new DataException(name + ": line " + line.number() + " " + problem);
    }

    private static String quote(String text) {
        return "'" + (text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE) + "..." : text) + "'";
    }
}
