package dev.unfold.examples.gradients;

import dev.unfold.examples.cli.CommonOptions;
import dev.unfold.examples.mnist.CellKind;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which cells an exercise is about, and how they lie. */
final class CellOptions {
    private static final int MOST_LAYERS = 8;

    @Option(
            names = "--cell",
            defaultValue = "vanilla",
            description = "The recurrent cell, as of mnist (default ${DEFAULT-VALUE}).")
    private CellKind cell = CellKind.VANILLA;

    @Option(names = "--layers", defaultValue = "1", description = "Layers of cells (default ${DEFAULT-VALUE}).")
    private int layers = 1;

    @Option(names = "--bidirectional", description = "Go both ways in each layer.")
    private boolean bidirectional;

    void check(CommonOptions common) {
        common.require(layers >= 1 && layers <= MOST_LAYERS, "--layers", layers, "1 to " + MOST_LAYERS);
    }

    CellKind cell() {
        return cell;
    }

    int layers() {
        return layers;
    }

    boolean bidirectional() {
        return bidirectional;
    }

    /** Puts down what was given, for reports. */
    void settings(Map<String, Object> settings) {
        settings.put("cell", cell.toString());
        settings.put("layers", layers);
        settings.put("bidirectional", bidirectional);
    }
}
