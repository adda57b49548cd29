package dev.unfold.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.oracle.labs.mlrg.olcut.config.Config;
import com.oracle.labs.mlrg.olcut.config.ConfigurationManager;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecurrentOptionsTest {
    @Test
    void each_method_should_change_its_option_and_no_other() throws ReflectiveOperationException {
        RecurrentOptions usual = new RecurrentOptions();
        RecurrentOptions changed = usual.cell(CellKind.VANILLA)
                .hiddenSize(5)
                .layers(3)
                .bidirectional(true)
                .precision(Precision.FLOAT64)
                .inputDropout(0.11)
                .dropout(0.12)
                .recurrentDropout(0.13)
                .epochs(4)
                .batchSize(6)
                .maxPadding(0.14)
                .learningRate(0.15)
                .weightDecay(0.16)
                .clipNorm(0.17)
                .validationShare(0.18)
                .patience(7)
                .unroll(UnrollMode.STATIC)
                .threads(8);
        for (Field field : RecurrentOptions.class.getDeclaredFields()) {
            if (field.isAnnotationPresent(Config.class)) {
                field.setAccessible(true);
                Object value = RecurrentOptions.class.getMethod(field.getName()).invoke(changed);
                assertThat(value).as(field.getName()).isEqualTo(field.get(changed));
                assertThat(value).as(field.getName()).isNotEqualTo(field.get(usual));
            }
        }
    }

    @Test
    void should_refuse_values_out_of_range() {
        RecurrentOptions usual = new RecurrentOptions();
        List<UnaryOperator<RecurrentOptions>> wrong = List.of(
                options -> options.hiddenSize(0),
                options -> options.hiddenSize(Integer.MAX_VALUE),
                options -> options.layers(257),
                options -> options.epochs(0),
                options -> options.batchSize(0),
                options -> options.patience(-1),
                options -> options.threads(0),
                options -> options.dropout(1),
                options -> options.inputDropout(Double.NaN),
                options -> options.recurrentDropout(-0.1),
                options -> options.maxPadding(1),
                options -> options.validationShare(1.5),
                options -> options.learningRate(0),
                options -> options.weightDecay(-1),
                options -> options.clipNorm(Double.POSITIVE_INFINITY));
        for (UnaryOperator<RecurrentOptions> each : wrong) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> each.apply(usual))
                    .withMessageMatching("option \\w+ is .*; expected .*");
        }
    }

    @Test
    void should_be_set_in_a_configuration_file(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("config.xml");
        Files.writeString(file, """
                <config>
                  <component name="network" type="dev.unfold.tribuo.RecurrentOptions">
                    <property name="cell" value="GRU"/>
                    <property name="hiddenSize" value="9"/>
                    <property name="precision" value="FLOAT64"/>
                  </component>
                  <component name="tagger" type="dev.unfold.tribuo.RecurrentSequenceTrainer">
                    <property name="options" value="network"/>
                    <property name="embeddingSize" value="3"/>
                    <property name="seed" value="4"/>
                  </component>
                  <component name="wrong" type="dev.unfold.tribuo.RecurrentSequenceTrainer">
                    <property name="embeddingSize" value="-3"/>
                    <property name="seed" value="4"/>
                  </component>
                </config>
                """);
        try (ConfigurationManager manager = new ConfigurationManager(file.toString())) {
            RecurrentSequenceTrainer trainer = (RecurrentSequenceTrainer) manager.lookup("tagger");
            assertThat(trainer.options().cell()).isEqualTo(CellKind.GRU);
            assertThat(trainer.options().hiddenSize()).isEqualTo(9);
            assertThat(trainer.options().precision()).isEqualTo(Precision.FLOAT64);
            assertThat(trainer.toString()).contains("embeddingSize=3", "seed=4");
            assertThatThrownBy(() -> manager.lookup("wrong"))
                    .hasMessageContaining("option embeddingSize is -3; expected 1 to 1048576");
        }
    }
}
