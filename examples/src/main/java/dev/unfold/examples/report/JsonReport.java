package dev.unfold.examples.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The one layout of {@code --json}: command, settings, environment, results. */
public final class JsonReport {
    private static final Gson GSON = new GsonBuilder()
            .serializeNulls()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .create();

    private JsonReport() {}

    /**
     * Writes a report.
     *
     * @param settings what was asked for
     * @param results what came out; numbers, strings, lists and maps; null for what is not known
     * @throws dev.unfold.examples.data.DataException where the file cannot be written
     */
    public static void write(Path file, String command, Map<String, ?> settings, int threads, Map<String, ?> results) {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("command", command);
        report.put("settings", settings);
        report.put("environment", Environment.describe(threads));
        report.put("results", results);
        OutputFiles.write(file, (GSON.toJson(report) + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
