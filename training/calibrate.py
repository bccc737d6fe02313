"""Makes predictions honest: temperature, 90 % intervals, confusion of age groups."""

import dataclasses

import numpy as np
import numpy.typing as npt
from scipy import optimize

from pipelines.domain import ages
from schemas import bundle as schema
from schemas import fields

COVERAGE = 0.9
CONFORMAL_BOUNDS_YEARS = (13.0, 18.0, 25.0, 35.0, 45.0, 55.0, 65.0)
"""The first group, predicted to be children, is calibrated on children, too."""
REPORT_BOUNDS_YEARS = (25.0, 45.0, 65.0)
BAND_BOUNDS_YEARS = (5, 10, *range(13, 30), *range(30, 100, 5))
"""Single years where laws draw their lines, five years above."""

_MIN_GROUP = 30
_TEMPERATURES = (0.2, 10.0)
_TENTHS = 10

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Predicted:
    """Predictions for people whose age is known.

    Attributes:
      probabilities: Softmax outputs, shape `(n, 101)`.
      ages_years: Real ages, shape `(n,)`.
      weights: How much each counts, shape `(n,)`; 0 for children.
      child_weights: Likewise, for the intervals of those predicted to be children;
        0 for photos that must not count at all.
    """

    probabilities: npt.NDArray[np.float32]
    ages_years: Floats
    weights: Floats
    child_weights: Floats

    def take(self, keep: npt.NDArray[np.bool_]) -> "Predicted":
        """Keeps some of the people."""
        return Predicted(
            probabilities=self.probabilities[keep],
            ages_years=self.ages_years[keep],
            weights=self.weights[keep],
            child_weights=self.child_weights[keep],
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Calibrated:
    """What a bundle's card says of its model's errors."""

    temperature: float
    conformal: schema.Conformal
    confusion: schema.Confusion
    band_confusion: schema.BandConfusion

    def for_estimates(self) -> ages.Calibration:
        """Gives what `ages.estimate` needs."""
        return ages.Calibration(
            temperature=self.temperature,
            group_bounds_years=self.conformal.group_bounds_years,
            quantiles_90=self.conformal.quantiles_90,
        )


def calibrate(predicted: Predicted) -> Calibrated:
    """Calibrates on people who were not trained on.

    Args:
      predicted: At least one person with a weight.

    Raises:
      ValueError: nobody counts.
    """
    counts = predicted.weights > 0
    if not counts.any():
        raise ValueError("nobody of the calibration split counts.")
    temperature = fit_temperature(predicted.take(counts))
    distributions = ages.to_weights(predicted.probabilities, temperature)
    return Calibrated(
        temperature=temperature,
        conformal=fit_intervals(distributions, predicted),
        confusion=fit_confusion(distributions[counts], predicted.take(counts)),
        band_confusion=count_bands(distributions[counts], predicted.take(counts)),
    )


def fit_temperature(predicted: Predicted) -> float:
    """Finds the temperature of least weighted log loss, to four digits."""
    logs = np.log(np.maximum(predicted.probabilities.astype(np.float64), 1e-30))
    bins = np.clip(predicted.ages_years, 0, fields.NUM_AGES - 1).astype(int)

    def loss(log_temperature: float) -> float:
        scaled = logs / np.exp(log_temperature)
        scaled -= scaled.max(axis=1, keepdims=True)
        totals = np.log(np.exp(scaled).sum(axis=1))
        losses = totals - scaled[np.arange(len(bins)), bins]
        return float(np.average(losses, weights=predicted.weights))

    found = optimize.minimize_scalar(
        loss, bounds=tuple(np.log(_TEMPERATURES)), method="bounded"
    )
    return round(float(np.exp(found.x)), 4)


def fit_intervals(
    distributions: ages.Weights, predicted: Predicted
) -> schema.Conformal:
    """Fits split conformal intervals, one quantile for each predicted group.

    A group of fewer than 30 people takes the quantile of all.
    """
    mean, sigma = ages.mean_and_sigma(distributions)
    scores = np.abs(predicted.ages_years - mean) / sigma
    groups = np.searchsorted(CONFORMAL_BOUNDS_YEARS, mean, side="right")
    overall = _quantile(scores, predicted.weights)
    quantiles, counts = [], []
    for group in range(len(CONFORMAL_BOUNDS_YEARS) + 1):
        # Shoppers' weights leave children out, who are most of this group.
        weights = predicted.weights if group else predicted.child_weights
        inside = np.where(groups == group, weights, 0)
        counts.append(int((inside > 0).sum()))
        is_enough = counts[-1] >= _MIN_GROUP
        quantiles.append(_quantile(scores, inside) if is_enough else overall)
    return schema.Conformal(
        group_bounds_years=CONFORMAL_BOUNDS_YEARS,
        quantiles_90=tuple(quantiles),
        counts=tuple(counts),
    )


def _quantile(scores: Floats, weights: Floats) -> float:
    return conformal_quantile(scores[weights > 0], weights[weights > 0])


def conformal_quantile(scores: Floats, weights: Floats) -> float:
    """Finds the score that 90 % of new people stay at or under.

    With equal weights it is the ⌈(n + 1) · 0.9⌉-th smallest; the new person counts
    as one of mean weight. Too few people to say: the largest.
    """
    order = np.argsort(scores, kind="stable")
    reached = np.cumsum(weights[order])
    needed = COVERAGE * (reached[-1] + weights.mean())
    # A rounding error in a sum must not cost a place.
    place = np.searchsorted(reached, needed * (1 - 1e-12), side="left")
    chosen = scores[order[min(int(place), len(order) - 1)]]
    return round(max(float(chosen), 0.01), 4)


def fit_confusion(
    distributions: ages.Weights, predicted: Predicted
) -> schema.Confusion:
    """Counts how often each report group is predicted, given the true one."""
    mean, _ = ages.mean_and_sigma(distributions)
    bounds = REPORT_BOUNDS_YEARS
    guessed = np.searchsorted(bounds, mean, side="right")
    true = np.searchsorted(bounds, predicted.ages_years, side="right")
    size = len(bounds) + 1
    counts = np.zeros((size, size), int)
    np.add.at(counts, (guessed, true), 1)
    # Without anybody of a group, nothing is known of its errors: none are assumed.
    sums = np.diag((counts.sum(axis=0) == 0).astype(float))
    np.add.at(sums, (guessed, true), predicted.weights)
    shares = sums / sums.sum(axis=0)
    return schema.Confusion(
        group_bounds_years=bounds,
        predicted_given_true=tuple(tuple(row) for row in shares.tolist()),
        counts=tuple(tuple(row) for row in counts.tolist()),
    )


def count_bands(
    distributions: ages.Weights, predicted: Predicted
) -> schema.BandConfusion:
    """Counts people by predicted and true age, in single years around legal ages."""
    mean, _ = ages.mean_and_sigma(distributions)
    guessed, true = (
        np.searchsorted(BAND_BOUNDS_YEARS, years, side="right")
        for years in (mean, predicted.ages_years)
    )
    size = len(BAND_BOUNDS_YEARS) + 1
    counts = np.zeros((size, size), int)
    np.add.at(counts, (guessed, true), 1)
    weights = np.bincount(true, predicted.weights, minlength=size)
    return schema.BandConfusion(
        bounds_years=BAND_BOUNDS_YEARS,
        counts=tuple(tuple(row) for row in counts.tolist()),
        weights=tuple(np.round(weights / weights.sum(), 6).tolist()),
    )


def brier(said: Floats, is_true: npt.NDArray[np.bool_], weights: Floats) -> float:
    """Computes the mean squared error of probabilities; 0 is best.

    Args:
      said: Probabilities, shape `(n,)`.
      is_true: What came true.
      weights: How much each counts; some above 0.
    """
    return float(np.average(np.square(said - is_true), weights=weights))


def unreliability(
    said: Floats, is_true: npt.NDArray[np.bool_], weights: Floats
) -> float:
    """Computes how far probabilities are from what comes true; 0 is best.

    It is the expected calibration error: over tenths of the range, the mean gap
    between what is said and the share that comes true. Arguments as for `brier`.
    """
    tenths = np.minimum((said * _TENTHS).astype(int), _TENTHS - 1)
    gaps = np.bincount(tenths, weights * (said - is_true), minlength=_TENTHS)
    return float(np.abs(gaps).sum() / weights.sum())
