package dev.unfold.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.MutableFeatureMap;

class GridShapeTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "7, 7", "007, 7", "pixel3, 3", "2x5, 5", "pixel-4, 4", "00000000000000000006, 6"})
    void should_find_the_place_that_a_name_ends_with(String name, int place) {
        assertThat(new GridShape(2, 4, 0).position(name)).isEqualTo(place);
    }

    @Test
    void should_count_from_the_first_place() {
        assertThat(new GridShape(2, 4, 1).position("8")).isEqualTo(7);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GridShape(2, 4, 1).position("0"))
                .withMessage("feature '0': its name must end with a number from 1 to 8, its place on the grid of 2 rows"
                        + " and 4 columns; set rows, columns and firstFeature to what the data has");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "pixel", "8", "7x", "99999999999999999999", "4294967296", "2147483648", "\u0667"})
    void should_refuse_any_other_name(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> new GridShape(2, 4, 0).position(name));
    }

    @Test
    void should_refuse_two_features_at_one_place() {
        MutableFeatureMap features = new MutableFeatureMap();
        features.add("3", 1);
        features.add("03", 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GridShape(2, 4, 0).check(new ImmutableFeatureMap(features)))
                .withMessageContaining("end with one number");
    }

    @Test
    void should_refuse_more_places_than_anybody_has() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GridShape(1 << 20, 1 << 20, 0))
                .withMessage("grid: 1048576 rows of 1048576 columns are more than 1048576 places");
    }
}
