package dev.unfold.rnn.report;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A Chromium without a window, driven by its DevTools protocol. It is the one that the system property {@code unfold.chromium} names, or
 * {@code chromium}, {@code chromium-browser} or {@code google-chrome} on the path.
 */
final class Browser implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final long PATIENCE_SECONDS = 60;
    private static final Gson GSON = new Gson();

    private final Process process;
    private final Path profile;
    private final WebSocket socket;
    private final BlockingQueue<JsonObject> received;
    /** What was received while an answer was waited for. */
    private final List<JsonObject> events = new ArrayList<>();

    private String session = "";
    private int calls;

    private Browser(Process process, Path profile, WebSocket socket, BlockingQueue<JsonObject> received) {
        this.process = process;
        this.profile = profile;
        this.socket = socket;
        this.received = received;
    }

    /** Starts a browser with an empty page, or skips the test that asks where there is none. */
    static Browser start() throws IOException, InterruptedException {
        Optional<Path> program = find();
        Assumptions.assumeTrue(
                program.isPresent(),
                "no Chromium on the path; install it (apt-get install chromium) or name it by -Dunfold.chromium=FILE");
        Path profile = Files.createTempDirectory("unfold-chromium");
        List<String> command = new ArrayList<>(List.of(
                program.orElseThrow().toString(),
                "--headless=new",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile));
        if (System.getProperty("user.name").equals("root")) {
            command.add("--no-sandbox");
        }
        command.add("about:blank");
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BlockingQueue<JsonObject> received = new LinkedBlockingQueue<>();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(address(process, profile)), new Collector(received))
                .join();
        Browser browser = new Browser(process, profile, socket, received);
        browser.open();
        return browser;
    }

    private static Optional<Path> find() {
        String named = System.getProperty("unfold.chromium", "");
        if (!named.isEmpty()) {
            return Optional.of(Path.of(named)).filter(Files::isExecutable);
        }
        return NAMES.stream()
                .flatMap(name -> Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                        .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Waits for the file in which Chromium leaves its port. */
    private static String address(Process process, Path profile) throws IOException, InterruptedException {
        Path file = profile.resolve("DevToolsActivePort");
        for (int i = 0; i < PATIENCE_SECONDS * 20; i++) {
            List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
            if (lines.size() >= 2) {
                return "ws://127.0.0.1:" + lines.get(0) + lines.get(1);
            }
            if (process.waitFor(50, TimeUnit.MILLISECONDS) && process.exitValue() != 0) {
                throw new IOException("Chromium ended with " + process.exitValue() + " before it could be reached");
            }
        }
        throw new IOException("Chromium could not be reached within " + PATIENCE_SECONDS + " seconds");
    }

    private void open() throws InterruptedException {
        String target = call("Target.createTarget", Map.of("url", "about:blank"))
                .get("targetId")
                .getAsString();
        session = call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .get("sessionId")
                .getAsString();
        for (String domain : List.of("Page", "Runtime", "Log", "Network", "DOM")) {
            call(domain + ".enable", Map.of());
        }
    }

    /** Calls a method of the protocol and returns its result. */
    JsonObject call(String method, Map<String, ?> parameters) throws InterruptedException {
        int id = ++calls;
        JsonObject message = new JsonObject();
        message.addProperty("id", id);
        message.addProperty("method", method);
        message.add("params", GSON.toJsonTree(parameters));
        if (!session.isEmpty()) {
            message.addProperty("sessionId", session);
        }
        socket.sendText(message.toString(), true).join();
        JsonObject answer =
                await(method, each -> each.has("id") && each.get("id").getAsInt() == id);
        if (answer.has("error")) {
            throw new IllegalStateException(method + ": " + answer.get("error"));
        }
        return answer.getAsJsonObject("result");
    }

    private JsonObject await(String what, Predicate<JsonObject> wanted) throws InterruptedException {
        for (JsonObject each = next(what); ; each = next(what)) {
            if (wanted.test(each)) {
                return each;
            }
            events.add(each);
        }
    }

    private JsonObject next(String what) throws InterruptedException {
        JsonObject next = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new IllegalStateException(what + ": no answer within " + PATIENCE_SECONDS + " seconds");
        }
        return next;
    }

    /** Loads a page and returns after how many milliseconds it was there with its script. */
    double load(URI page) throws InterruptedException {
        events.clear();
        call("Page.navigate", Map.of("url", page.toString()));
        JsonObject loaded = events.stream()
                .filter(each -> isEvent(each, "Page.loadEventFired"))
                .findFirst()
                .orElse(null);
        if (loaded == null) {
            events.add(await("load", each -> isEvent(each, "Page.loadEventFired")));
        }
        // Two frames later all has been laid out and drawn.
        evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        return evaluate("performance.now()").getAsDouble();
    }

    private static boolean isEvent(JsonObject message, String method) {
        return message.has("method") && message.get("method").getAsString().equals(method);
    }

    /** Returns the parameters of what the page has reported since it was loaded, by the method. */
    List<JsonObject> events(String method) {
        return events.stream()
                .filter(each -> isEvent(each, method))
                .map(each -> each.getAsJsonObject("params"))
                .toList();
    }

    /** Evaluates an expression in the page, and waits where it is a promise. */
    JsonElement evaluate(String expression) throws InterruptedException {
        JsonObject result =
                call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.get("exceptionDetails"));
        }
        JsonElement value = result.getAsJsonObject("result").get("value");
        return value == null ? new JsonArray() : value;
    }

    /** Moves the pointer over the middle of the first element that a selector finds. */
    void hover(String selector) throws InterruptedException {
        String quoted = GSON.toJson(selector);
        evaluate("document.querySelector(" + quoted + ").scrollIntoView({block: 'center', inline: 'center'})");
        JsonArray middle = evaluate(
                        "(() => { const box = document.querySelector(" + quoted
                                + ").getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; })()")
                .getAsJsonArray();
        call(
                "Input.dispatchMouseEvent",
                Map.of(
                        "type",
                        "mouseMoved",
                        "x",
                        middle.get(0).getAsDouble(),
                        "y",
                        middle.get(1).getAsDouble()));
    }

    /** Presses and releases a key. */
    void press(String key) throws InterruptedException {
        int code = switch (key) {
            case "Tab" -> 9;
            case "Escape" -> 27;
            case "ArrowRight" -> 39;
            case "ArrowDown" -> 40;
            default -> throw new IllegalArgumentException(key);
        };
        for (String type : List.of("rawKeyDown", "keyUp")) {
            call(
                    "Input.dispatchKeyEvent",
                    Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", code));
        }
    }

    /** Sets the width of the window, and whether the reader likes it dark. */
    void look(int width, boolean dark) throws InterruptedException {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
    }

    /** Takes a picture of the whole page, as PNG. */
    byte[] picture() throws InterruptedException {
        return picture(call("Page.getLayoutMetrics", Map.of()).getAsJsonObject("cssContentSize"));
    }

    /** Takes a picture of the block of that title, as wide as what it shows, without the table below it. */
    byte[] picture(String title) throws InterruptedException {
        call("Emulation.setScrollbarsHidden", Map.of("hidden", true));
        return picture(evaluate("(() => { const block = [...document.querySelectorAll('h3')]"
                        + ".find(each => each.textContent === " + GSON.toJson(title) + ").closest('.block');"
                        + " block.querySelectorAll('details').forEach(each => each.remove());"
                        + " block.style.width = 'max-content';"
                        + " const box = block.getBoundingClientRect(); return {x: box.x + scrollX, y: box.y + scrollY,"
                        + " width: box.width, height: box.height}; })()")
                .getAsJsonObject());
    }

    private byte[] picture(JsonObject clip) throws InterruptedException {
        clip.addProperty("scale", 1);
        JsonObject result = call("Page.captureScreenshot", Map.of("captureBeyondViewport", true, "clip", clip));
        return Base64.getDecoder().decode(result.get("data").getAsString());
    }

    /** Prints the page, as PDF. */
    byte[] print() throws InterruptedException {
        JsonObject result = call("Page.printToPDF", Map.of("preferCSSPageSize", true));
        return Base64.getDecoder().decode(result.get("data").getAsString());
    }

    @Override
    public void close() throws IOException {
        socket.abort();
        // All of them write into the profile until they end.
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(each ->
                each.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join());
        try (Stream<Path> files = Files.walk(profile)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Puts messages together and hands them on. */
    private static final class Collector implements WebSocket.Listener {
        private final BlockingQueue<JsonObject> received;
        private final StringBuilder parts = new StringBuilder();

        private Collector(BlockingQueue<JsonObject> received) {
            this.received = received;
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            parts.append(part);
            if (last) {
                received.add(JsonParser.parseString(parts.toString()).getAsJsonObject());
                parts.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }
}
