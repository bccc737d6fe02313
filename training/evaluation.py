"""Figures of a model on people that it was not trained on."""

import dataclasses
import itertools
import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from pipelines.domain import ages

AGE_BOUNDS_YEARS = (13, 18, 25, 35, 45, 55, 65, 75)

_TAIL = 0.025

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Figures:
    """Errors over some people.

    Attributes:
      num_photos: How many.
      mae_years: Mean absolute error.
      mae_low_years: Lower end of its 95 % interval, by Student's t; NaN for one.
      mae_high_years: Upper end.
      bias_years: Mean error; above 0: estimated too old.
      rmse_years: Root of the mean squared error.
      p90_error_years: Nine in ten absolute errors are at most this.
      within_5_years: Share of absolute errors of at most five years.
      within_10_years: Likewise, ten years.
      coverage_90: Share whose age lies in the 90 % interval.
      coverage_90_low: Lower end of its exact binomial 95 % interval.
      coverage_90_high: Upper end.
      width_years: Mean width of the 90 % interval.
    """

    num_photos: int
    mae_years: float
    mae_low_years: float
    mae_high_years: float
    bias_years: float
    rmse_years: float
    p90_error_years: float
    within_5_years: float
    within_10_years: float
    coverage_90: float
    coverage_90_low: float
    coverage_90_high: float
    width_years: float


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """Estimates beside the truth; arrays of shape `(n,)`."""

    ages_years: Floats
    sources: npt.NDArray[np.str_]
    sexes: npt.NDArray[np.str_]
    views: npt.NDArray[np.str_]
    weights: Floats
    estimates: ages.Estimates

    def figures(
        self, is_inside: Mask | None = None, *, is_weighted: bool = False
    ) -> Figures | None:
        """Sums up some people, all by default; None if there is nobody."""
        chosen = np.ones(len(self.ages_years), bool) if is_inside is None else is_inside
        weights = self.weights * chosen if is_weighted else chosen.astype(float)
        return sum_up(self.ages_years, self.estimates, weights)


def sum_up(
    ages_years: Floats, estimates: ages.Estimates, weights: Floats
) -> Figures | None:
    """Computes the figures of people who count by their weights.

    Args:
      ages_years: Real ages, shape `(n,)`.
      estimates: Of the same people.
      weights: 0 leaves a person out; intervals are those of the effective number
        of people, `sum(w)² / sum(w²)`.

    Returns:
      Figures; None if there is nobody.
    """
    if not weights.sum() > 0:
        return None
    errors = estimates.mean_years - ages_years
    sizes = np.abs(errors)
    is_covered = is_inside(ages_years, estimates)
    mae_years = _mean(sizes, weights)
    coverage = _mean(is_covered, weights)
    num_effective = weights.sum() ** 2 / np.square(weights).sum()
    half = _half_width(sizes, weights, num_effective)
    low, high = share_interval(coverage * num_effective, num_effective)
    return Figures(
        num_photos=int((weights > 0).sum()),
        mae_years=mae_years,
        mae_low_years=mae_years - half,
        mae_high_years=mae_years + half,
        bias_years=_mean(errors, weights),
        rmse_years=math.sqrt(_mean(np.square(errors), weights)),
        p90_error_years=_quantile(sizes, weights, 0.9),
        within_5_years=_mean(sizes <= 5, weights),
        within_10_years=_mean(sizes <= 10, weights),
        coverage_90=coverage,
        coverage_90_low=low,
        coverage_90_high=high,
        width_years=_mean(estimates.high_years - estimates.low_years, weights),
    )


def is_inside(ages_years: Floats, estimates: ages.Estimates) -> Mask:
    """Tells whose real age lies in the 90 % interval."""
    return (estimates.low_years <= ages_years) & (ages_years <= estimates.high_years)


def share_interval(num_hits: float, num_tries: float) -> tuple[float, float]:
    """Gives the exact binomial (Clopper-Pearson) 95 % interval of a share.

    Args:
      num_hits: 0 to `num_tries`; both need not be whole.
      num_tries: Above 0.
    """
    misses = max(num_tries - num_hits, 0.0)
    low = stats.beta.ppf(_TAIL, num_hits, misses + 1) if num_hits > 0 else 0.0
    high = stats.beta.ppf(1 - _TAIL, num_hits + 1, misses) if misses > 1e-9 else 1.0
    return float(low), float(high)


def by_group(judged: Judged) -> dict[str, Figures]:
    """Computes figures of all, by true age, by source, by sex and by view.

    Returns:
      Figures by a name for people, in that order; groups of nobody are left out.
    """
    groups: dict[str, Mask] = {"all": np.ones(len(judged.ages_years), bool)}
    for name, inside in by_age(judged.ages_years).items():
        groups[f"aged {name}"] = inside
    labelled = {
        "source": judged.sources,
        "sex": judged.sexes,
        "view": judged.views,
    }
    for word, values in labelled.items():
        for value in np.unique(values[values != ""]):
            groups[f"{word} {value}"] = values == value
    found = {name: judged.figures(inside) for name, inside in groups.items()}
    return {name: figures for name, figures in found.items() if figures}


def by_age(ages_years: Floats) -> dict[str, Mask]:
    """Finds who is of each age group.

    Returns:
      By name, such as `13-17`, youngest first; groups of nobody, too.
    """
    edges = (0, *AGE_BOUNDS_YEARS, np.inf)
    return {
        f"{low}+" if high == np.inf else f"{low}-{int(high) - 1}": (
            (ages_years >= low) & (ages_years < high)
        )
        for low, high in itertools.pairwise(edges)
    }


def _mean(values: npt.NDArray, weights: Floats) -> float:
    return float(np.average(values, weights=weights))


def _half_width(values: Floats, weights: Floats, num_effective: float) -> float:
    """Computes half the 95 % interval of a weighted mean."""
    if num_effective <= 1:
        return math.nan
    shares = weights / weights.sum()
    deviations = shares * (values - shares @ values)
    variance = np.square(deviations).sum() * num_effective / (num_effective - 1)
    return float(stats.t.ppf(1 - _TAIL, num_effective - 1) * math.sqrt(variance))


def _quantile(values: Floats, weights: Floats, share: float) -> float:
    """Finds the least value that at least this share of the weight does not pass."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(reached, share - 1e-12)])
