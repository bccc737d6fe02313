"""Which photos a fit is shown, and which ages it so comes to expect."""

import numpy as np
import numpy.typing as npt

from training import batches, config, dataset, losses, validation


def rows(photos: dataset.Dataset, settings: config.TrainConfig) -> batches.Rows:
    """Picks what to learn from: photos in all their looks.

    Raises:
      dataset.DatasetError: there is nothing to learn from.
    """
    names = np.unique(photos.names[photos.rows("train")])
    if not len(names):
        raise dataset.DatasetError("no photo fell into the split 'train'; give more")
    most = settings.max_train_photos or len(names)
    chosen = names[validation.sample(np.arange(len(names)), most, settings.seed)]
    return np.flatnonzero(np.isin(photos.names, chosen))


def mix(settings: config.TrainConfig) -> batches.Mix:
    """Says how often which photos are shown."""
    return batches.Mix(
        age_balance=settings.fit.age_balance,
        child_weight=settings.fit.child_weight,
        source_weights=settings.source_weights,
        framed_share=settings.fit.framed_share,
    )


def age_prior(
    photos: dataset.Dataset, settings: config.TrainConfig
) -> npt.NDArray[np.float64]:
    """Computes the ages that a fit was shown.

    A model's distributions lean towards them; who scores other people can take
    them out again (Saerens, Latinne, Decaestecker 2002).

    Returns:
      Shares of ages 0 to 100, shape `(101,)`, all above 0, sum 1; as wide as the
      distributions that labels are turned into.
    """
    shown = rows(photos, settings)
    plain = shown[photos.views[shown] == "plain"]
    weights = batches.weights(photos, plain, mix(settings))
    labels = losses.label_distributions(
        photos.ages_years[plain], settings.fit.label_sigma_years
    )
    shares = np.average(labels.astype(np.float64), axis=0, weights=weights)
    # No age is impossible: at least one photo in a hundred thousand.
    shares = np.maximum(shares, 1e-5)
    found: npt.NDArray[np.float64] = shares / shares.sum()
    return found
