"""Corrects how likely a fitted model takes each age to be, before it sees a face.

A fit weights ages against their imbalance, and its regularisation pulls all ages to
the middle: the young come out too old. Bias-corrected calibration (Alexandari, Kundaje
and Shrikumar, ICML 2020) mends the part that is the same for everybody: it adds to
the log odds of each age what fits photos that were not learned from. Single years
have too few photos, so that the correction is linear between knots.
"""

import keras
import numpy as np
import numpy.typing as npt
from scipy import optimize

from schemas import fields
from training import losses

KNOTS_YEARS = (0, 6, 13, 18, 22, 27, 33, 40, 50, 60, 70, 85, 100)
"""Close where shoppers are many and laws draw their lines."""

_LAYER = "ages"
# Of the squared differences between knots; keeps knots without photos in line.
_STIFFNESS = 0.01
_LEAST = 1e-30

Floats = npt.NDArray[np.float64]
Probabilities = npt.NDArray[np.float32] | Floats


def fit(
    probabilities: Probabilities,
    ages_years: Floats,
    weights: Floats,
    mean_loss_weight: float,
) -> Floats:
    """Finds the correction of least loss, by the loss that models are fitted with.

    Args:
      probabilities: Softmax outputs, shape `(n, 101)`, of people that the model did
        not learn from.
      ages_years: Their real ages, shape `(n,)`, 0 or more; at least one.
      weights: How much each counts, shape `(n,)`; some above 0.
      mean_loss_weight: Of the error of the mean age, in years, against the log loss.

    Returns:
      What to add to the log odds of the ages 0 to 100, shape `(101,)`, mean 0.
    """
    bins = np.clip(ages_years, 0, fields.NUM_AGES - 1).astype(int)

    def loss(knots: Floats) -> float:
        found = applied(probabilities, _between(knots))
        said = found[np.arange(len(bins)), bins]
        errors_years = np.abs(found @ losses.AGES - ages_years)
        losses_of = mean_loss_weight * errors_years - np.log(np.maximum(said, _LEAST))
        roughness = np.square(np.diff(knots)).sum()
        return float(np.average(losses_of, weights=weights) + _STIFFNESS * roughness)

    start = np.zeros(len(KNOTS_YEARS))
    solved = optimize.minimize(loss, start, method="L-BFGS-B")
    log_odds = _between(solved.x)
    return log_odds - log_odds.mean()


def applied(probabilities: Probabilities, log_odds: Floats) -> Floats:
    """Gives the distributions of a corrected model, from those of the model.

    Args:
      probabilities: Softmax outputs, shape `(n, 101)`.
      log_odds: From `fit`.
    """
    odds = probabilities * np.exp(log_odds)
    return odds / odds.sum(axis=1, keepdims=True)


def correct(model: keras.Model, log_odds: Floats) -> None:
    """Works a correction into a model's last layer, in place.

    Args:
      model: To a softmax over ages 0 to 100; see `training.model.build_network`.
      log_odds: From `fit`.
    """
    layer = model.get_layer(_LAYER)
    kernel, offsets = layer.get_weights()
    layer.set_weights([kernel, offsets + log_odds])


def shifted(prior: Floats, log_odds: Floats) -> Floats:
    """Computes the ages that a corrected model expects.

    Args:
      prior: That it was shown, shares of the ages 0 to 100.
      log_odds: From `fit`.

    Returns:
      Shares, shape `(101,)`, sum 1.
    """
    shares = prior * np.exp(log_odds)
    return shares / shares.sum()


def in_words(log_odds: Floats) -> str:
    """Lists a correction, such as `0: +0.53, 6: +0.45`, by age in years."""
    return ", ".join(f"{years}: {log_odds[years]:+.2f}" for years in KNOTS_YEARS)


def _between(knots: Floats) -> Floats:
    return np.interp(losses.AGES, KNOTS_YEARS, knots)
