package dev.unfold.examples.mnist;

import static dev.unfold.examples.mnist.IdxBytes.FLOAT32;
import static dev.unfold.examples.mnist.IdxBytes.UNSIGNED_BYTE;
import static dev.unfold.examples.mnist.IdxBytes.bytes;
import static dev.unfold.examples.mnist.IdxBytes.floats;
import static dev.unfold.examples.mnist.IdxBytes.header;
import static dev.unfold.examples.mnist.IdxBytes.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.unfold.examples.data.DataException;
import java.io.ByteArrayInputStream;
import org.junit.jupiter.api.Test;

class DigitsTest {
    /** Three images of 1 row and 2 columns. */
    private static final IdxFile IMAGES = file("images", header(UNSIGNED_BYTE, 3, 1, 2), bytes(0, 255, 51, 102, 1, 2));

    private static final IdxFile LABELS = file("labels", header(UNSIGNED_BYTE, 3), bytes(7, 0, 9));

    private static final Digits DIGITS = Digits.of(IMAGES, LABELS);

    @Test
    void should_scale_bytes_to_0_to_1() {
        assertThat(DIGITS.count()).isEqualTo(3);
        assertThat(DIGITS.rows()).isEqualTo(1);
        assertThat(DIGITS.columns()).isEqualTo(2);
        assertThat(image(DIGITS, 0)).containsExactly(0, 1);
        assertThat(image(DIGITS, 1)).containsExactly(51 / 255f, 102 / 255f);
        assertThat(image(DIGITS, 2)).containsExactly(1 / 255f, 2 / 255f);
        assertThat(labels(DIGITS)).containsExactly(7, 0, 9);
    }

    @Test
    void should_take_floats_as_they_are() {
        IdxFile images = file("images", header(FLOAT32, 3, 1, 2), floats(-1, 2, 0.25f, 255, 0, 0.5f));
        Digits digits = Digits.of(images, LABELS);
        assertThat(image(digits, 0)).containsExactly(-1, 2);
        assertThat(image(digits, 1)).containsExactly(0.25f, 255);
    }

    @Test
    void should_copy_an_image_to_the_place_asked_for() {
        float[] target = {9, 9, 9, 9};
        DIGITS.copyImage(0, target, 1);
        assertThat(target).containsExactly(9, 0, 1, 9);
    }

    @Test
    void should_refuse_a_copy_that_does_not_fit() {
        float[] target = new float[4];
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> DIGITS.copyImage(0, target, 3));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> DIGITS.copyImage(0, target, -1));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> DIGITS.copyImage(3, target, 0));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> DIGITS.label(-1));
        assertThat(target).containsOnly(0);
    }

    @Test
    void should_take_the_first_images() {
        Digits first = DIGITS.first(2);
        assertThat(labels(first)).containsExactly(7, 0);
        assertThat(image(first, 1)).containsExactly(51 / 255f, 102 / 255f);
        assertThat(labels(DIGITS.first(3))).containsExactly(7, 0, 9);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DIGITS.first(4))
                .withMessage("cannot take the first 4 of 3 images");
        assertThatIllegalArgumentException().isThrownBy(() -> DIGITS.first(0));
    }

    @Test
    void should_take_chosen_images_in_the_order_chosen() {
        int[] indices = {2, 0, 2};
        Digits subset = DIGITS.subset(indices);
        indices[0] = 1;
        assertThat(labels(subset)).containsExactly(9, 7, 9);
        assertThat(image(subset, 0)).containsExactly(1 / 255f, 2 / 255f);
        assertThat(image(subset, 1)).containsExactly(0, 1);
        assertThat(subset.rows()).isEqualTo(1);
        assertThat(subset.columns()).isEqualTo(2);
        assertThatIllegalArgumentException().isThrownBy(() -> DIGITS.subset(new int[0]));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> DIGITS.subset(new int[] {3}));
    }

    @Test
    void should_ask_whether_images_and_labels_are_swapped() {
        assertRefused(
                LABELS,
                IMAGES,
                "labels: the rank at byte 3 is 1; expected images (rank 3: images, rows, columns); are images and labels"
                        + " swapped?");
    }

    @Test
    void should_refuse_images_of_another_rank() {
        assertRefused(
                file("flat", header(UNSIGNED_BYTE, 3, 2), bytes(0, 1, 2, 3, 4, 5)),
                LABELS,
                "flat: the rank at byte 3 is 2; expected images (rank 3: images, rows, columns); check that this is the"
                        + " right file");
    }

    @Test
    void should_refuse_labels_of_another_rank() {
        assertRefused(
                IMAGES,
                IMAGES,
                "images: the rank at byte 3 is 3; expected labels (rank 1); check that this is the right file");
    }

    @Test
    void should_refuse_labels_that_are_not_bytes() {
        assertRefused(
                IMAGES,
                file("labels", header(FLOAT32, 3), floats(1, 2, 3)),
                "labels: the element type at byte 2 is float32; expected labels as unsigned bytes; check that this is"
                        + " the right file");
    }

    @Test
    void should_refuse_counts_that_disagree() {
        assertRefused(
                IMAGES,
                file("labels", header(UNSIGNED_BYTE, 2), bytes(1, 2)),
                "images: holds 3 images, but labels holds 2 labels (both at byte 4); expected as many labels as images;"
                        + " check that the two files belong together");
    }

    @Test
    void should_refuse_a_label_outside_0_to_9() {
        assertRefused(
                IMAGES,
                file("labels", header(UNSIGNED_BYTE, 3), bytes(9, 10, 255)),
                "labels: the label of item 1 (byte 9) is 10; expected 0 to 9; mend or remove the item");
    }

    private static void assertRefused(IdxFile images, IdxFile labels, String message) {
        assertThatExceptionOfType(DataException.class)
                .isThrownBy(() -> Digits.of(images, labels))
                .withMessage(message);
    }

    private static IdxFile file(String name, byte[]... parts) {
        return IdxFile.read(new ByteArrayInputStream(join(parts)), name);
    }

    private static float[] image(Digits digits, int i) {
        float[] image = new float[digits.rows() * digits.columns()];
        digits.copyImage(i, image, 0);
        return image;
    }

    private static int[] labels(Digits digits) {
        int[] labels = new int[digits.count()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = digits.label(i);
        }
        return labels;
    }
}
