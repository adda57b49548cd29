package dev.unfold.graph;

import static dev.unfold.graph.GraphDiagram.NONE;

import dev.unfold.graph.GraphDiagram.Edge;
import dev.unfold.graph.GraphDiagram.Vertex;
import java.util.ArrayList;
import java.util.List;

/** Writes a diagram in a language for graphs. */
final class DiagramText {
    /** What stands for itself between quotes in both languages, beside letters, digits and spaces. */
    private static final String PLAIN = ".,:_'()[]/+*=-";

    private final GraphDiagram diagram;
    private final Language language;
    private final StringBuilder text = new StringBuilder();
    /** By vertex: how many operands it has. */
    private final int[] operands;
    /** By cluster, and last those of none: the vertices that lie in it. */
    private final List<List<Integer>> inside = new ArrayList<>();

    /** How a diagram is written down. */
    private enum Language {
        DOT("&#", "\\n") {
            @Override
            String vertex(Outline outline, String label) {
                return " [label=" + label + outline.dot + "];";
            }

            @Override
            String cluster(int number, String label) {
                return "subgraph cluster_" + number + " { label=" + label + ";";
            }

            @Override
            String edge(Edge edge, boolean numbered) {
                String label = numbered ? "label=\"" + edge.input() + "\"" : "";
                String style = edge.nextStep() ? (numbered ? ", " : "") + "style=dashed, constraint=false" : "";
                String attributes = label + style;
                return "n" + edge.from() + " -> n" + edge.to() + (attributes.isEmpty() ? "" : " [" + attributes + "]")
                        + ";";
            }
        },
        MERMAID("#", "<br/>") {
            @Override
            String vertex(Outline outline, String label) {
                return outline.open + label + outline.close;
            }

            @Override
            String cluster(int number, String label) {
                return "subgraph g" + number + "[" + label + "]";
            }

            @Override
            String edge(Edge edge, boolean numbered) {
                return "n" + edge.from() + (edge.nextStep() ? " -.->" : " -->")
                        + (numbered ? "|" + edge.input() + "|" : "") + " n" + edge.to();
            }
        };

        private final String escape;
        private final String newLine;

        Language(String escape, String newLine) {
            this.escape = escape;
            this.newLine = newLine;
        }

        abstract String vertex(Outline outline, String label);

        abstract String cluster(int number, String label);

        abstract String edge(Edge edge, boolean numbered);

        /** Puts any text between quotes; all that could mean something is written by its number. */
        String quoted(String any) {
            StringBuilder quoted = new StringBuilder("\"");
            any.codePoints().forEach(point -> {
                if (point == '\n') {
                    quoted.append(newLine);
                } else if (Character.isISOControl(point) || Character.getType(point) == Character.SURROGATE) {
                    quoted.append(' ');
                } else if (Character.isLetterOrDigit(point) || point == ' ' || PLAIN.indexOf(point) >= 0) {
                    quoted.appendCodePoint(point);
                } else {
                    quoted.append(escape).append(point).append(';');
                }
            });
            return quoted.append('"').toString();
        }
    }

    private enum Outline {
        BOX("", "[", "]"),
        DOUBLE(", shape=box3d", "[[", "]]"),
        ROUNDED(", style=rounded", "(", ")"),
        ELLIPSE(", shape=ellipse", "([", "])"),
        CYLINDER(", shape=cylinder", "[(", ")]");

        private final String dot;
        private final String open;
        private final String close;

        Outline(String dot, String open, String close) {
            this.dot = dot;
            this.open = open;
            this.close = close;
        }

        static Outline of(Vertex vertex) {
            return switch (vertex.kind()) {
                case INPUT, VARIABLE, SEQUENCE, CARRIED -> ELLIPSE;
                case PARAMETER -> CYLINDER;
                case OPERATION -> BOX;
                case VIEW, RESULT -> ROUNDED;
                case LOOP, FOLDED -> DOUBLE;
            };
        }
    }

    private DiagramText(GraphDiagram diagram, Language language) {
        this.diagram = diagram;
        this.language = language;
        this.operands = new int[diagram.vertices().size()];
        for (Edge edge : diagram.edges()) {
            operands[edge.to()] = Math.max(operands[edge.to()], 1 + edge.input());
        }
        for (int cluster = 0; cluster <= diagram.clusters().size(); cluster++) {
            inside.add(new ArrayList<>());
        }
        for (int i = 0; i < operands.length; i++) {
            int cluster = diagram.vertices().get(i).cluster();
            inside.get(cluster == NONE ? diagram.clusters().size() : cluster).add(i);
        }
    }

    static String dot(GraphDiagram diagram) {
        DiagramText dot = new DiagramText(diagram, Language.DOT);
        dot.line(0, "digraph recorded {");
        dot.line(1, "rankdir=LR; node [shape=box];");
        if (!diagram.folds().isEmpty()) {
            dot.line(1, "label=" + Language.DOT.quoted(String.join("\n", diagram.folds())) + ";");
        }
        dot.write("}");
        dot.line(0, "}");
        return dot.text.toString();
    }

    static String mermaid(GraphDiagram diagram) {
        DiagramText mermaid = new DiagramText(diagram, Language.MERMAID);
        mermaid.line(0, "flowchart LR");
        for (String fold : diagram.folds()) {
            mermaid.line(1, "%% " + Language.MERMAID.quoted(fold));
        }
        mermaid.write("end");
        return mermaid.text.toString();
    }

    private void line(int depth, String line) {
        text.append("  ".repeat(depth)).append(line).append('\n');
    }

    private void write(String end) {
        vertices(1, diagram.clusters().size());
        for (int outer = 0; outer < diagram.clusters().size(); outer++) {
            if (diagram.clusters().get(outer).parent() != NONE) {
                continue;
            }
            line(1, begin(outer));
            vertices(2, outer);
            for (int inner = outer + 1; inner < diagram.clusters().size() && isIn(inner, outer); inner++) {
                line(2, begin(inner));
                vertices(3, inner);
                line(2, end);
            }
            line(1, end);
        }
        for (Edge edge : diagram.edges()) {
            boolean numbered = edge.input() != NONE && operands[edge.to()] > 1;
            line(1, language.edge(edge, numbered));
        }
    }

    private boolean isIn(int inner, int outer) {
        return diagram.clusters().get(inner).parent() == outer;
    }

    private String begin(int cluster) {
        return language.cluster(
                cluster, language.quoted(diagram.clusters().get(cluster).label()));
    }

    private void vertices(int depth, int cluster) {
        for (int number : inside.get(cluster)) {
            Vertex vertex = diagram.vertices().get(number);
            line(depth, "n" + number + language.vertex(Outline.of(vertex), language.quoted(label(vertex))));
        }
    }

    private static String label(Vertex vertex) {
        return switch (vertex.kind()) {
            case LOOP -> vertex.operation();
            case FOLDED -> vertex.operation() + "\n" + vertex.nodes() + " nodes";
            default -> vertex.operation() + "\n" + vertex.shape() + " " + vertex.dtype();
        };
    }
}
