package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

class ReportPageTest {
    @TempDir
    private Path folder;

    @Test
    void should_list_its_sections() {
        Markup page = Markup.of(new ReportPage("Run")
                .section("One", Text.paragraphs("a"))
                .section("Nothing", List.of())
                .section("Two", Text.paragraphs("b"))
                .html());
        assertThat(page.elements("title").get(0).getTextContent()).isEqualTo("Run");
        assertThat(page.elements("h2")).extracting(Element::getTextContent).containsExactly("One", "Two");
        List<Element> links = page.elements("li").stream()
                .map(each -> (Element) each.getFirstChild())
                .toList();
        assertThat(links).extracting(Element::getTextContent).containsExactly("One", "Two");
        assertThat(links)
                .extracting(each -> each.getAttribute("href"))
                .containsExactlyElementsOf(page.elements("section").stream()
                        .map(each -> "#" + each.getAttribute("id"))
                        .toList());
    }

    @Test
    void should_name_nothing_outside() {
        String page = SamplePages.all(30).html();
        Matcher addresses = Pattern.compile("(?:src|href)=\"([^\"]*)\"").matcher(page);
        int count = 0;
        while (addresses.find()) {
            assertThat(addresses.group(1)).matches("(?s)#.*|data:.*");
            count++;
        }
        assertThat(count).isGreaterThan(10);
        assertThat(page.replace("http://www.w3.org/1999/xhtml", "").replace("http://www.w3.org/2000/svg", ""))
                .doesNotContain("http:", "https:", "@import", "url(");
    }

    @Test
    void should_allow_its_own_script_and_style_alone() throws NoSuchAlgorithmException {
        String page = new ReportPage("Run").html();
        String policy = Markup.of(page).elements("meta").get(1).getAttribute("content");
        assertThat(policy).startsWith("default-src 'none'; ").doesNotContain("unsafe", "*", "http");
        for (String name : List.of("style", "script")) {
            String text =
                    page.substring(page.indexOf("<" + name + ">") + name.length() + 2, page.indexOf("</" + name + ">"));
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            assertThat(policy)
                    .contains(name + "-src 'sha256-" + Base64.getEncoder().encodeToString(hash) + "'");
        }
    }

    @Test
    void should_be_the_same_for_the_same_run() {
        assertThat(SamplePages.all(40).html()).isEqualTo(SamplePages.all(40).html());
    }

    @Test
    void should_be_well_formed_with_every_block() {
        Markup page = Markup.of(SamplePages.all(784).html());
        for (Element chart : page.classed("chart")) {
            assertThat(chart.getAttribute("tabindex")).isEqualTo("0");
            assertThat(chart.getFirstChild().getNodeName()).isEqualTo("title");
            assertThat(chart.getElementsByTagName("desc").item(0).getTextContent())
                    .isNotEmpty();
        }
        assertThat(page.classed("chart")).hasSize(8);
        assertThat(page.elements("img"))
                .hasSize(9)
                .allSatisfy(each -> assertThat(each.getAttribute("alt")).isNotEmpty());
    }

    @Test
    void should_write_a_file_whole() throws IOException {
        Path file = folder.resolve("it's \"our\" report.html");
        ReportPage page = new ReportPage("Überblick").section("A", Text.paragraphs("b"));
        page.write(file);
        assertThat(Files.readString(file)).isEqualTo(page.html());
        assertThat(folder).isDirectoryNotContaining(each -> !each.equals(file));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> page.write(folder.resolve("none/report.html")))
                .withMessageContaining("none");
    }
}
