"""Figures of a model on people that it was not trained on."""

import dataclasses
import itertools

import numpy as np
import numpy.typing as npt

from pipelines.domain import ages

AGE_BOUNDS_YEARS = (13, 18, 25, 35, 45, 55, 65, 75)

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Figures:
    """Errors over some people.

    Attributes:
      num_photos: How many.
      mae_years: Mean absolute error.
      bias_years: Mean error; above 0: estimated too old.
      coverage_90: Share whose age lies in the 90 % interval.
      width_years: Mean width of that interval.
    """

    num_photos: int
    mae_years: float
    bias_years: float
    coverage_90: float
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
        self,
        is_inside: npt.NDArray[np.bool_] | None = None,
        *,
        is_weighted: bool = False,
    ) -> Figures | None:
        """Sums up some people, all by default; None if there is nobody."""
        chosen = np.ones(len(self.ages_years), bool) if is_inside is None else is_inside
        weights = self.weights * chosen if is_weighted else chosen.astype(float)
        if not weights.sum() > 0:
            return None
        found = self.estimates
        errors = found.mean_years - self.ages_years
        is_covered = (found.low_years <= self.ages_years) & (
            self.ages_years <= found.high_years
        )
        return Figures(
            num_photos=int((weights > 0).sum()),
            mae_years=float(np.average(np.abs(errors), weights=weights)),
            bias_years=float(np.average(errors, weights=weights)),
            coverage_90=float(np.average(is_covered, weights=weights)),
            width_years=float(
                np.average(found.high_years - found.low_years, weights=weights)
            ),
        )


def by_group(judged: Judged) -> dict[str, Figures]:
    """Computes figures of all, by true age, by source, by sex and by view.

    Returns:
      Figures by a name for people, in that order; groups of nobody are left out.
    """
    groups: dict[str, npt.NDArray[np.bool_]] = {
        "all": np.ones(len(judged.ages_years), bool)
    }
    edges = (0, *AGE_BOUNDS_YEARS, np.inf)
    for low, high in itertools.pairwise(edges):
        name = f"aged {low}+" if high == np.inf else f"aged {low}-{int(high) - 1}"
        groups[name] = (judged.ages_years >= low) & (judged.ages_years < high)
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
