package dev.unfold.tribuo;

/**
 * What an epoch of training has come to.
 *
 * @param epoch its number, from 1 on
 * @param trainLoss the mean cross entropy of the labels in training, each before the update on its batch
 * @param validationLoss the mean cross entropy of the labels of the validation set behind the epoch; NaN where there is no such set
 * @param validationHits how many labels of the validation set the model gives rightly
 * @param validationLabels how many there are
 */
public record EpochResult(
        int epoch, double trainLoss, double validationLoss, int validationHits, int validationLabels) {}
