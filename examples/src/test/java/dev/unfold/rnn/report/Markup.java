package dev.unfold.rnn.report;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** Markup as a reader of XML sees it; a test of markup that is not well-formed fails. */
final class Markup {
    private final Document document;

    private Markup(Document document) {
        this.document = document;
    }

    static Markup of(Block block) {
        return of(block.html().toString());
    }

    static Markup of(String text) {
        try {
            return new Markup(DocumentBuilderFactory.newDefaultInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(text))));
        } catch (SAXException | IOException | ParserConfigurationException exception) {
            throw new AssertionError("not well-formed: " + exception.getMessage() + " in\n" + text, exception);
        }
    }

    /** Returns all elements of a name; * for any. */
    List<Element> elements(String name) {
        NodeList found = document.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }

    /** Returns all elements that have a class, among others. */
    List<Element> classed(String name) {
        return elements("*").stream()
                .filter(each ->
                        List.of(each.getAttribute("class").split(" ", -1)).contains(name))
                .toList();
    }

    /** Returns the texts of all elements that have a class. */
    List<String> texts(String name) {
        return classed(name).stream().map(Element::getTextContent).toList();
    }

    /** Returns what the marks of charts tell. */
    List<String> marks() {
        return classed("mark").stream()
                .map(mark -> mark.getElementsByTagName("title").item(0).getTextContent())
                .toList();
    }

    /** Returns all text. */
    String text() {
        return document.getDocumentElement().getTextContent();
    }
}
