package dev.unfold.examples.cli;

import dev.unfold.examples.report.Environment;
import dev.unfold.examples.report.OutputFiles;
import dev.unfold.rnn.report.ReportPage;
import dev.unfold.rnn.report.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --report}, of commands whose results are shown as a page. */
public final class ReportOption {
    private static final String NAME = "--report";

    @Option(
            names = NAME,
            paramLabel = "FILE.html",
            description = "Write settings, charts, tables and graphs as one page for any browser to this file.")
    private @Nullable Path file;

    /**
     * Refuses a file that cannot be written, that is not named as a page is, or that another option names as well.
     *
     * @param other a further file that the command writes
     */
    public void check(CommonOptions common, @Nullable Path other) {
        checkBeside(common, Stream.ofNullable(other).toList());
    }

    /**
     * The same, with all further files that other options name.
     *
     * @param others what the command reads and writes besides
     */
    public void checkBeside(CommonOptions common, List<Path> others) {
        Path page = file;
        if (page != null) {
            common.require(
                    page.toString().toLowerCase(Locale.ROOT).endsWith(".html"),
                    NAME,
                    page,
                    "a name that ends in .html");
            common.checkFileAtTheEnd(NAME, page, others.toArray(Path[]::new));
        }
    }

    /**
     * Writes the page where one is wanted.
     *
     * @param command the name of the command
     * @param settings of the command, all of them
     * @param content adds the sections behind settings and environment
     */
    public void write(CommonOptions common, String command, Map<String, ?> settings, Consumer<ReportPage> content) {
        if (file == null) {
            return;
        }
        ReportPage page = new ReportPage("unfold " + command);
        page.section(
                "Settings",
                new Settings("Settings", settings),
                new Settings("Environment", Environment.describe(common.threads())));
        content.accept(page);
        OutputFiles.write(file, page.html().getBytes(StandardCharsets.UTF_8));
        if (!common.quiet()) {
            common.out().println("report in " + file);
            common.out().flush();
        }
    }
}
