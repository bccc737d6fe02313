"""Errors of a network while it is fitted, on crops as scoring makes them."""

import math

import keras
import numpy as np
import numpy.typing as npt

from training import dataset, losses, study

_BATCH = 64
_JUDGED_PHOTOS = 3000

Rows = npt.NDArray[np.int64]


def ages_of(
    network: keras.Model, photos: dataset.Dataset, rows: Rows
) -> npt.NDArray[np.float64]:
    """Estimates ages, in years, shape `(len(rows),)`.

    Args:
      network: Says distributions over ages, or ages.
      photos: Whose crops are looked at.
      rows: Which.
    """
    said = outputs_of(network, photos, rows)
    return said @ losses.AGES if said.shape[1] > 1 else said[:, 0]


def outputs_of(
    network: keras.Model, photos: dataset.Dataset, rows: Rows
) -> npt.NDArray[np.float64]:
    """Computes what a network says, shape `(len(rows), 101)` or `(len(rows), 1)`."""
    found = [
        np.asarray(network.predict_on_batch(photos.faces[rows[start : start + _BATCH]]))
        for start in range(0, len(rows), _BATCH)
    ]
    return np.concatenate([np.empty((0, network.output.shape[1])), *found])


def sample(rows: Rows, most: int, seed: int) -> Rows:
    """Picks at most so many rows, always the same."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def mae_years(network: keras.Model, photos: dataset.Dataset, rows: Rows) -> float:
    """Computes the mean absolute error, each photo alike; NaN without photos."""
    if not len(rows):
        return math.nan
    errors = ages_of(network, photos, rows) - photos.ages_years[rows]
    return float(np.abs(errors).mean())


def plain_rows(photos: dataset.Dataset, split: str) -> Rows:
    """Lists the rows of a split, each photo once, as it is."""
    rows = photos.rows(split)
    return rows[photos.views[rows] == "plain"]


def summary(
    network: keras.Model, photos: dataset.Dataset, trained_rows: Rows
) -> dict[str, float | None]:
    """Sums up errors on photos that were and that were not learned from, in years.

    Args:
      network: Fitted.
      photos: All.
      trained_rows: Learned from.

    Returns:
      Mean absolute errors: of trained photos (3,000 of them), of the validation
      photos, of these at the study's mix of ages, and of those in frames.
    """
    trained = trained_rows[photos.views[trained_rows] == "plain"]
    rows = plain_rows(photos, "validation")
    errors = np.abs(ages_of(network, photos, rows) - photos.ages_years[rows])
    weights = study.weights_of(photos.ages_years[rows])
    framed = photos.rows("validation")
    framed = framed[photos.views[framed] == "framed"]
    found = {
        "train_mae_years": mae_years(
            network, photos, sample(trained, _JUDGED_PHOTOS, 0)
        ),
        "validation_mae_years": errors.mean() if len(rows) else math.nan,
        "validation_mae_study_mix_years": np.average(errors, weights=weights)
        if weights.sum() > 0
        else math.nan,
        "validation_mae_framed_years": mae_years(network, photos, framed),
    }
    return {
        name: None if math.isnan(value) else round(float(value), 4)
        for name, value in found.items()
    }
