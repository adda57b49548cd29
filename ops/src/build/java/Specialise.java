import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Derives the float64 kernels from the float32 ones, which are the only ones written by hand. Every {@code F32X.java} in
 * the first folder becomes {@code F64X.java} in the second; {@code F32Math}, whose approximations are made for one
 * precision, has a hand-written twin.
 */
public final class Specialise {
    private static final String WRITTEN_TWICE = "F32Math.java";

    public static void main(String[] args) throws IOException {
        Path from = Path.of(args[0]);
        Path to = Path.of(args[1]);
        Files.createDirectories(to);
        List<Path> sources;
        try (Stream<Path> files = Files.list(from)) {
            sources = files.filter(file -> file.getFileName().toString().matches("F32\\w+\\.java"))
                    .filter(file -> !file.endsWith(WRITTEN_TWICE))
                    .sorted()
                    .toList();
        }
        for (Path source : sources) {
            Path target = to.resolve(source.getFileName().toString().replace("F32", "F64"));
            String derived = derive(Files.readString(source));
            // An unchanged file keeps its time stamp, and javac its work.
            if (!Files.exists(target) || !Files.readString(target).equals(derived)) {
                Files.writeString(target, derived);
            }
        }
    }

    private static String derive(String source) {
        return source.replace("(float) ", "")
                .replaceAll("\\bfloat\\b", "double")
                .replace("floats()", "doubles()")
                .replace("FLOAT32", "FLOAT64")
                .replace("float32", "float64")
                .replaceAll("\\bFloat\\b", "Double")
                .replaceAll("(\\d)f\\b", "$1")
                .replace("F32", "F64");
    }
}
