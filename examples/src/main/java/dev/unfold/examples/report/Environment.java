package dev.unfold.examples.report;

import dev.unfold.ops.kernel.Kernels;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** What a result depends on beside its settings. */
public final class Environment {
    private static final String BUILT_FROM = "/dev/unfold/examples/git.properties";

    private Environment() {}

    /** Returns the JDK, the kernels, the number of threads and the commit the program was built from. */
    public static Map<String, Object> describe(int threads) {
        Map<String, Object> environment = new LinkedHashMap<>();
        environment.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
        environment.put("kernels", Kernels.description());
        environment.put("threads", threads);
        environment.put("commit", commit());
        return environment;
    }

    private static String commit() {
        Properties properties = new Properties();
        try (InputStream in = Environment.class.getResourceAsStream(BUILT_FROM)) {
            if (in == null) {
                return "unknown";
            }
            properties.load(in);
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
        String commit = properties.getProperty("git.commit.id.abbrev", "unknown");
        return Boolean.parseBoolean(properties.getProperty("git.dirty")) ? commit + "-dirty" : commit;
    }
}
