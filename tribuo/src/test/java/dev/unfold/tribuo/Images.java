package dev.unfold.tribuo;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.Feature;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** Made-up images of 5 by 4 pixels, with a bar that lies or stands; features are named as Tribuo's reader of IDX files names them. */
final class Images {
    static final int ROWS = 5;
    static final int COLUMNS = 4;

    private static final LabelFactory FACTORY = new LabelFactory();

    private Images() {}

    static Dataset<Label> dataset(int seed, int count) {
        return dataset("images " + seed, examples(seed, count));
    }

    static Dataset<Label> dataset(String name, List<Example<Label>> examples) {
        return new MutableDataset<>(examples, new SimpleDataSourceProvenance(name, FACTORY), FACTORY);
    }

    static List<Example<Label>> examples(int seed, int count) {
        Random random = new Random(seed);
        List<Example<Label>> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean lies = random.nextBoolean();
            int at = random.nextInt(lies ? ROWS : COLUMNS);
            List<Feature> pixels = new ArrayList<>();
            for (int pixel = 0; pixel < ROWS * COLUMNS; pixel++) {
                if (at == (lies ? pixel / COLUMNS : pixel % COLUMNS)) {
                    pixels.add(new Feature(name(pixel), 0.5 + random.nextDouble() / 2));
                }
            }
            made.add(new ArrayExample<>(new Label(lies ? "lies" : "stands"), pixels));
        }
        return made;
    }

    static String name(int pixel) {
        return (pixel < 10 ? "0" : "") + pixel;
    }
}
