package dev.unfold.examples.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.unfold.examples.mnist.CellKind;
import dev.unfold.graph.MemoryReport;
import dev.unfold.graph.MemoryReport.Moment;
import dev.unfold.graph.MemoryUse;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TableTest {
    private static final Case OF = new Case("5", CellKind.LSTM, 4, 3, "equal", List.of(new int[] {5, 5}));

    private final Point unbounded = point("static", null, 2_000, 10, "3f800000");
    private final Point tenth = point("static", within("1/10"), 190, 14, "3f800000");
    private final Point wrong = point("static", within("300"), 300, 12, "3f800001");

    @Test
    void should_tell_how_budgets_are_to_none() {
        List<String> lines = Table.lines("steps", List.of(unbounded, tenth, wrong));
        assertThat(lines.get(0)).endsWith("  loss bits        budget    time     bits");
        assertThat(lines.get(1)).endsWith("  3f800000             -       -        -");
        assertThat(lines.get(2)).endsWith("  3f800000  1/10 = 200 B  x 1.40     same");
        assertThat(lines.get(3)).endsWith("  3f800001         300 B  x 1.20  differs");
        assertThat(Table.lines("steps", List.of(unbounded)).get(0)).endsWith("  loss bits");
    }

    @Test
    void should_tell_how_far_off_a_prediction_was() {
        MemoryReport said = report(1_990);
        Point off = new Point("dynamic", OF, null, said, report(2_000), 1, 0, "0");
        assertThat(Table.lines("steps", List.of(off)).get(1)).contains("  2.0 KiB    1.9 KiB  -0.50 %  ");
        assertThat(off.figures()).containsEntry("off_share", 1_990 / 2_000.0 - 1);
    }

    @Test
    void should_leave_unknown_figures_empty_in_csv() {
        List<String> lines = Table.csv(List.of(unbounded, tenth, wrong)).lines().toList();
        assertThat(lines.get(0)).contains(",budget,", ",time_ratio,").endsWith(",loss_bits,same_loss_bits");
        assertThat(lines.get(1)).startsWith("static,lstm,5,2,4,3,equal,,2000,").endsWith(",3f800000,");
        assertThat(lines.get(2))
                .startsWith("static,lstm,5,2,4,3,equal,200,190,")
                .contains(",1.4,")
                .endsWith(",3f800000,true");
        assertThat(lines.get(3))
                .startsWith("static,lstm,5,2,4,3,equal,300,300,")
                .endsWith(",3f800001,false");
    }

    @Test
    void should_fail_where_bits_differ() {
        assertThatNoException()
                .isThrownBy(() -> MemoryCommand.checkSame(MemoryCommand.Sweep.STEPS, List.of(unbounded, tenth)));
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> MemoryCommand.checkSame(MemoryCommand.Sweep.STEPS, List.of(unbounded, tenth, wrong)))
                .withMessage(
                        "at steps 5 the bits of the loss are 3f800000 static and 3f800001 static within 300 B; both must"
                                + " compute the same, so please report this");
        Point other = point("dynamic", null, 2_000, 10, "0");
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> MemoryCommand.checkSame(MemoryCommand.Sweep.STEPS, List.of(unbounded, other)))
                .withMessageContaining("3f800000 static and 0 dynamic;");
    }

    private Within within(String given) {
        return new Within(Budget.of(given).orElseThrow(), unbounded);
    }

    private static Point point(String mode, @Nullable Within within, long bytes, double millis, String lossBits) {
        return new Point(mode, OF, within, report(bytes), report(bytes), millis, 0, lossBits);
    }

    private static MemoryReport report(long bytes) {
        return new MemoryReport(List.of(new Moment(false, -1, Map.of(MemoryUse.ACTIVATIONS, bytes))));
    }
}
