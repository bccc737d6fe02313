"""Computes all figures of an evaluation from its predictions."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.domain import age_groups, ages
from pipelines.inference import bundle as bundles
from training import evaluation, shoppers, study
from training.assessment import predictions, young

LEGAL_AGE_YEARS, CHALLENGE_AGE_YEARS = 18, 25
OLD_YEARS = 60
CHALLENGE_AGES_YEARS = (21, CHALLENGE_AGE_YEARS, 28, 30, 35, 40)
AGE_GROUP, PREDICTED_GROUP = "age_group", "predicted_age_group"

_MOST_VALUES = 30
# A column by one of these names would take the place of a figure.
_TAKEN = {
    AGE_GROUP,
    PREDICTED_GROUP,
    "photos",
    "photos_read",
    *(field.name for field in dataclasses.fields(evaluation.Figures)),
}

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Group:
    """Some people of one kind.

    Attributes:
      value: What they share, such as `13-17` or `female`.
      figures: Over those with a usable face.
      photos_read: With those without.
      challenge: Of its minors, at the challenge age of 25; None: there are none.
    """

    value: str
    figures: evaluation.Figures
    photos_read: int
    challenge: young.ChallengeRate | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Probability:
    """How good the probability of being younger than an age is.

    Attributes:
      under_years: The age, not included.
      share: Of people who are, each alike.
      share_shoppers: Likewise, re-weighted to shoppers' ages; NaN for nobody.
      brier: Mean squared error, each person alike.
      brier_study_mix: Re-weighted to the study's ages.
      brier_shoppers: Re-weighted to shoppers' ages, 13 and older; NaN for nobody.
      reliability: By what was said; people of 13 and older, each alike.
    """

    under_years: int
    share: float
    share_shoppers: float
    brier: float
    brier_study_mix: float
    brier_shoppers: float
    reliability: Sequence[young.ReliabilityBin]


@dataclasses.dataclass(frozen=True, kw_only=True)
class RightGroup:
    """How often people of a report group are put into it; share 0 to 1."""

    age_group: str
    photos: int
    share_right: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evaluation:
    """All figures, over photos with a usable face where nothing else is said.

    Attributes:
      bundle: Name and digest.
      photos: Labelled photos that were read.
      lost: Of them without a usable face, by reason.
      photos_without_label: Left out.
      labels_without_photo: Left out.
      overall: Each person alike.
      study_mix: Re-weighted to the original study's ages; None: nobody of them.
      study_mix_covered: Share of the study in age bands that somebody is of.
      shoppers: Re-weighted to shoppers' ages, 13 and older.
      aged_13_plus: Each person alike.
      aged_60_plus: Likewise.
      probabilities: Of being under 18 and under 25.
      challenge: By challenge age; empty: no minors.
      right_groups: Of the four groups that demand is reported by.
      groups: By age group, predicted group and each further column of the labels.
      columns_left_out: Number of values of columns that have too many to be groups.
    """

    bundle: str
    photos: int
    lost: Mapping[str, int]
    photos_without_label: int
    labels_without_photo: int
    overall: evaluation.Figures
    study_mix: evaluation.Figures | None
    study_mix_covered: float
    shoppers: evaluation.Figures | None
    aged_13_plus: evaluation.Figures | None
    aged_60_plus: evaluation.Figures | None
    probabilities: Sequence[Probability]
    challenge: Sequence[young.ChallengeRate]
    right_groups: Sequence[RightGroup]
    groups: Mapping[str, Sequence[Group]]
    columns_left_out: Mapping[str, int]

    @property
    def faces_found(self) -> int:
        """Counts the photos with a usable face."""
        return self.overall.num_photos


def evaluate(
    found: predictions.Predictions, bundle: bundles.Bundle, shopper_mix: Floats
) -> Evaluation:
    """Computes all figures.

    Args:
      found: At least one photo has a usable face.
      bundle: That predicted.
      shopper_mix: See `shoppers.read_mix`.
    """
    # Long, because it names each figure once: parts of it would only pass them on.
    real = found.ages_years[found.is_found]
    estimates = found.estimates
    everyone = np.ones(len(real))
    for_study = study.weights_of(real)
    for_shoppers = shoppers.weights_of(real, shopper_mix)

    def over(weights: Floats) -> evaluation.Figures | None:
        return evaluation.sum_up(real, estimates, weights)

    overall = over(everyone)
    if overall is None:
        raise ValueError("nobody to evaluate on")
    grouped, left_out = _columns(found)
    return Evaluation(
        bundle=bundle.version,
        photos=len(found.names),
        lost=_lost(found.statuses),
        photos_without_label=found.unpaired.photos_without_label,
        labels_without_photo=found.unpaired.labels_without_photo,
        overall=overall,
        study_mix=over(for_study),
        study_mix_covered=study.covered_share(real),
        shoppers=over(for_shoppers),
        aged_13_plus=over((real >= shoppers.MIN_AGE_YEARS).astype(float)),
        aged_60_plus=over((real >= OLD_YEARS).astype(float)),
        probabilities=[
            _probability(found, years, for_study, for_shoppers)
            for years in (LEGAL_AGE_YEARS, CHALLENGE_AGE_YEARS)
        ],
        challenge=young.challenge_rates(
            real, estimates.mean_years, CHALLENGE_AGES_YEARS
        ),
        right_groups=_right_groups(real, estimates.mean_years),
        groups={
            AGE_GROUP: _groups(found, evaluation.by_age(found.ages_years)),
            PREDICTED_GROUP: _predicted_groups(found, bundle),
            **{name: _by_value(found, values) for name, values in grouped.items()},
        },
        columns_left_out=left_out,
    )


def _lost(statuses: npt.NDArray[np.str_]) -> dict[str, int]:
    reasons, counts = np.unique(statuses[statuses != "ok"], return_counts=True)
    return {
        str(reason): int(count) for reason, count in zip(reasons, counts, strict=True)
    }


def _probability(
    found: predictions.Predictions,
    under_years: int,
    for_study: Floats,
    for_shoppers: Floats,
) -> Probability:
    said = ages.probability_under(found.distributions, under_years)
    real = found.ages_years[found.is_found]
    is_true = real < under_years
    # Small children are not met at tills, and would flatter the curve.
    shop = real >= shoppers.MIN_AGE_YEARS
    return Probability(
        under_years=under_years,
        share=float(is_true.mean()),
        share_shoppers=(
            float(np.average(is_true, weights=for_shoppers))
            if for_shoppers.sum() > 0
            else float("nan")
        ),
        brier=young.brier(said, is_true, np.ones(len(said))),
        brier_study_mix=young.brier(said, is_true, for_study),
        brier_shoppers=young.brier(said, is_true, for_shoppers),
        reliability=young.reliability(said[shop], is_true[shop]),
    )


def _right_groups(real: Floats, estimated: Floats) -> list[RightGroup]:
    groups = age_groups.REPORT_GROUPS
    truly, said = groups.orders(real), groups.orders(estimated)
    return [
        RightGroup(
            age_group=name,
            photos=int((truly == order).sum()),
            share_right=float((said[truly == order] == order).mean()),
        )
        for order, name in enumerate(groups.labels)
        if (truly == order).any()
    ]


def _groups(
    found: predictions.Predictions, members: Mapping[str, npt.NDArray[np.bool_]]
) -> list[Group]:
    """Computes the figures of groups; `members` are out of all photos read."""
    real = found.ages_years[found.is_found]
    groups = []
    for value, inside in members.items():
        usable = inside[found.is_found]
        figures = evaluation.sum_up(real, found.estimates, usable.astype(float))
        if figures is None:
            continue
        rates = young.challenge_rates(
            real[usable], found.estimates.mean_years[usable], (CHALLENGE_AGE_YEARS,)
        )
        groups.append(
            Group(
                value=value,
                figures=figures,
                photos_read=int(inside.sum()),
                challenge=rates[0] if rates else None,
            )
        )
    return groups


def _predicted_groups(
    found: predictions.Predictions, bundle: bundles.Bundle
) -> list[Group]:
    """Groups by the predicted age, as intervals are calibrated."""
    bounds = bundle.card.conformal.group_bounds_years
    estimated = np.full(len(found.names), np.nan)
    estimated[found.is_found] = found.estimates.mean_years
    edges = (-np.inf, *bounds, np.inf)
    return _groups(
        found,
        {
            _name_of(low, high): (estimated >= low) & (estimated < high)
            for low, high in itertools.pairwise(edges)
        },
    )


def _name_of(low: float, high: float) -> str:
    if low == -np.inf:
        return "all" if high == np.inf else f"under {high:g}"
    return f"{low:g}+" if high == np.inf else f"{low:g}-{high - 1:g}"


def _columns(
    found: predictions.Predictions,
) -> tuple[dict[str, npt.NDArray[np.str_]], dict[str, int]]:
    """Parts the columns that make groups from those with too many values."""
    named = {
        f"labelled_{name}" if name in _TAKEN else name: values
        for name, values in found.columns.items()
        if (values != "").any()
    }
    num_values = {name: len(set(values)) for name, values in named.items()}
    return (
        {name: named[name] for name, num in num_values.items() if num <= _MOST_VALUES},
        {name: num for name, num in num_values.items() if num > _MOST_VALUES},
    )


def _by_value(
    found: predictions.Predictions, values: npt.NDArray[np.str_]
) -> list[Group]:
    return _groups(
        found,
        {str(value) or "not given": values == value for value in np.unique(values)},
    )
