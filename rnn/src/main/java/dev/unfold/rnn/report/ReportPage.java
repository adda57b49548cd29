package dev.unfold.rnn.report;

import com.google.common.io.Resources;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.unfold.rnn.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A report as one HTML file that needs nothing else: no network, no other file. Charts are there without its script, which adds read-outs
 * where a pointer or the arrow keys stand. A policy in the page forbids the browser to fetch anything or to run any other script.
 */
public final class ReportPage {
    private final String title;
    private final List<Section> sections = new ArrayList<>();

    private record Section(String title, List<Block> blocks) {}

    /** Begins a report. */
    public ReportPage(String title) {
        this.title = title;
    }

    /** Appends a section; one without blocks is left out. */
    @CanIgnoreReturnValue
    public ReportPage section(String heading, Block... blocks) {
        return section(heading, List.of(blocks));
    }

    /** Appends a section; one without blocks is left out. */
    @CanIgnoreReturnValue
    public ReportPage section(String heading, List<? extends Block> blocks) {
        if (!blocks.isEmpty()) {
            sections.add(new Section(heading, List.copyOf(blocks)));
        }
        return this;
    }

    /**
     * Writes the page, whole or not at all.
     *
     * @throws IOException where that fails
     */
    public void write(Path file) throws IOException {
        byte[] content = html().getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, out -> out.write(content));
    }

    /** Returns the page as text. */
    public String html() {
        String style = verbatim(Palette.css() + resource("report.css"));
        String script = verbatim(resource("report.js"));
        String policy = "default-src 'none'; style-src " + hash(style) + "; script-src " + hash(script)
                + "; img-src data:; base-uri 'none'; form-action 'none'";
        Tag head = Tag.of("head")
                .add(
                        Tag.of("meta").set("charset", "utf-8"),
                        Tag.of("meta")
                                .set("http-equiv", "Content-Security-Policy")
                                .set("content", policy),
                        Tag.of("meta").set("name", "viewport").set("content", "width=device-width, initial-scale=1"),
                        Tag.of("meta").set("name", "color-scheme").set("content", "light dark"),
                        Tag.of("link").set("rel", "icon").set("href", "data:,"),
                        Tag.of("title").text(title),
                        Tag.verbatim("style", style));
        Tag contents = Tag.of("ul");
        Tag main = Tag.of("main").set("id", "content");
        for (int i = 0; i < sections.size(); i++) {
            String id = "section" + (i + 1);
            Section section = sections.get(i);
            contents.add(Tag.of("li").add(Tag.of("a").set("href", "#" + id).text(section.title())));
            main.add(Tag.of("section")
                    .set("id", id)
                    .add(Tag.of("h2").text(section.title()))
                    .add(Tag.of("div", "blocks")
                            .add(section.blocks().stream().map(Block::html).toList())));
        }
        Tag body = Tag.of("body")
                .add(
                        Tag.of("a", "skip").set("href", "#content").text("Skip to the content"),
                        Tag.of("header").add(Tag.of("h1").text(title)),
                        Tag.of("nav").set("aria-label", "Contents").add(contents),
                        main,
                        Tag.verbatim("script", script));
        return "<!DOCTYPE html>\n"
                + Tag.of("html")
                        .set("xmlns", "http://www.w3.org/1999/xhtml")
                        .set("lang", "en")
                        .add(head, body)
                + "\n";
    }

    /** Lets a reader of XML pass over a text that a reader of HTML takes as it is. */
    private static String verbatim(String text) {
        return "/*<![CDATA[*/\n" + text + "/*]]>*/";
    }

    private static String resource(String name) {
        try {
            return Resources.toString(Resources.getResource(ReportPage.class, name), StandardCharsets.UTF_8)
                    .replace("\r\n", "\n");
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException exception) {
            throw new IllegalStateException("every JDK has SHA-256", exception);
        }
    }
}
