package dev.unfold.examples.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.unfold.graph.MemoryReport;
import dev.unfold.graph.MemoryUse;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetTest {
    @ParameterizedTest
    @CsvSource({
        "28300000, 28300000",
        "2, 2",
        "100, 100",
        "1k, 1024",
        "32M, 33554432",
        "3g, 3221225472",
        "999999999G, 1073741822926258176",
        "1/10, 100",
        "1/3, 333",
        "2/3, 667",
        "10%, 100",
        "2.5%, 25",
        "1, 1001",
        "1/1, 1001",
        "100%, 1001",
        "1/999999999, 1"
    })
    void should_read_sizes_and_shares(String text, long bytes) {
        assertThat(Budget.of(text).orElseThrow().bytesOf(1_001)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "-1",
                "0K",
                "0/3",
                "1/0",
                "0/0",
                "3/2",
                "101%",
                "0%",
                "1.5",
                "1e6",
                "32MB",
                "32 M",
                "M",
                "%",
                "1/",
                "1000000000G",
                "9999999999999999"
            })
    void should_read_nothing_else(String text) {
        assertThat(Budget.of(text)).isEmpty();
    }

    @Test
    void should_tell_those_that_bound_nothing() {
        assertThat(Budget.of("1").orElseThrow().isAll()).isTrue();
        assertThat(Budget.of("100%").orElseThrow().isAll()).isTrue();
        assertThat(Budget.of("1K").orElseThrow().isAll()).isFalse();
        assertThat(Budget.of("9/10").orElseThrow().isAll()).isFalse();
    }

    @Test
    void what_lies_outside_of_the_loop_should_come_off_a_share_and_off_no_size() {
        MemoryReport.Moment peak = new MemoryReport.Moment(
                true,
                -1,
                Map.of(
                        MemoryUse.PARAMETERS, 30L,
                        MemoryUse.PLAN, 20L,
                        MemoryUse.ACTIVATIONS, 900L,
                        MemoryUse.WORKSPACE, 50L));
        assertThat(Budget.of("1/10").orElseThrow().forLoop(peak)).isEqualTo(50);
        assertThat(Budget.of("1/100").orElseThrow().forLoop(peak)).isEqualTo(1);
        assertThat(Budget.of("100").orElseThrow().forLoop(peak)).isEqualTo(100);
    }
}
