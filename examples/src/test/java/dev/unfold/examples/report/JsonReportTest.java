package dev.unfold.examples.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReportTest {
    @TempDir
    private Path folder;

    private Path file = Path.of("");

    @BeforeEach
    void name() {
        file = folder.resolve("report.json");
    }

    @Test
    void should_have_four_parts() throws IOException {
        JsonReport.write(
                file,
                "mnist",
                ImmutableMap.of("seed", 3, "data", "a<b & \"c\" \u00fc"),
                1,
                ImmutableMap.of("test_accuracy", 0.1, "epochs", List.of(Map.of("epoch", 1)), "confusion", new int[][] {
                    {1, 2}, {3, 4}
                }));
        JsonObject report = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        assertThat(report.keySet()).containsExactly("command", "settings", "environment", "results");
        assertThat(report.get("command").getAsString()).isEqualTo("mnist");
        assertThat(report.getAsJsonObject("settings")).hasToString("{\"seed\":3,\"data\":\"a<b & \\\"c\\\" \u00fc\"}");
        assertThat(report.getAsJsonObject("results"))
                .hasToString("{\"test_accuracy\":0.1,\"epochs\":[{\"epoch\":1}],\"confusion\":[[1,2],[3,4]]}");
        assertThat(Files.readString(file)).endsWith("}\n");
    }

    @Test
    void should_describe_the_environment() throws IOException {
        JsonReport.write(file, "demo", Map.of(), 1, Map.of());
        JsonObject environment =
                JsonParser.parseString(Files.readString(file)).getAsJsonObject().getAsJsonObject("environment");
        assertThat(environment.keySet()).containsExactly("jdk", "kernels", "threads", "commit");
        assertThat(environment.get("jdk").getAsString())
                .contains(Runtime.version().toString());
        assertThat(environment.get("threads").getAsInt()).isEqualTo(1);
        assertThat(environment.get("commit").getAsString()).matches("unknown|[0-9a-f]{7,40}(-dirty)?");
    }

    @Test
    void should_replace_an_older_report() throws IOException {
        JsonReport.write(file, "mnist", Map.of("data", "x".repeat(1000)), 1, Map.of());
        JsonReport.write(file, "demo", Map.of(), 1, Map.of());
        assertThat(JsonParser.parseString(Files.readString(file))
                        .getAsJsonObject()
                        .get("command")
                        .getAsString())
                .isEqualTo("demo");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
    void should_refuse_what_json_cannot_hold_and_leave_the_older_report_alone(double number) throws IOException {
        Files.writeString(file, "older");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonReport.write(file, "mnist", Map.of(), 1, Map.of("train_loss", number)));
        assertThat(file).hasContent("older");
        assertThat(folder.toFile().list()).containsExactly("report.json");
    }
}
