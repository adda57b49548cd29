package dev.unfold.rnn.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;

class NumbersTest {
    @Test
    void should_show_numbers_shortly() {
        assertThat(Numbers.text(0.0)).isEqualTo("0");
        assertThat(Numbers.text(-0.0)).isEqualTo("0");
        assertThat(Numbers.text(60_000.0)).isEqualTo("60,000");
        assertThat(Numbers.text(0.123456)).isEqualTo("0.1235");
        assertThat(Numbers.text(0.00123456)).isEqualTo("0.001235");
        assertThat(Numbers.text(12_345.678)).isEqualTo("12,346");
        assertThat(Numbers.text(-2.5)).isEqualTo("-2.5");
        assertThat(Numbers.text(1.23456e-9)).isEqualTo("1.235E-9");
        assertThat(Numbers.text(1e300)).isEqualTo("1E300");
    }

    @Test
    void should_show_what_is_no_number() {
        assertThat(Numbers.text(Double.NaN)).isEqualTo("NaN");
        assertThat(Numbers.text(Double.POSITIVE_INFINITY)).isEqualTo("∞");
        assertThat(Numbers.text(Double.NEGATIVE_INFINITY)).isEqualTo("−∞");
        assertThat(Numbers.text((Object) null)).isEqualTo("none");
        assertThat(Numbers.text((Object) "lstm")).isEqualTo("lstm");
        assertThat(Numbers.text((Object) 7)).isEqualTo("7");
    }

    @Test
    void should_show_the_same_in_every_locale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
            assertThat(Numbers.text(1_234.5)).isEqualTo("1,234");
            assertThat(Numbers.place(12.345)).isEqualTo("12.35");
            assertThat(Palette.css()).isASCII();
        } finally {
            Locale.setDefault(before);
        }
    }
}
