"""Says what to conclude from the figures: by rule, each sentence with its figure."""

import dataclasses
import math
from collections.abc import Iterator, Sequence

from training import evaluation, study
from training.assessment import advice, figures

TARGET_MAE_YEARS = 5.0
TARGET_BIAS_YEARS = 0.5
TARGET_OLD_MAE_YEARS = 7.0
TARGET_RIGHT_SHARE = 0.6
TARGET_COVERAGE = 0.9
COVERAGE_BOUNDS = (0.88, 0.92)

_GROUP_BIAS_YEARS = 3.0
_BIAS_GAP_YEARS = 1.0
_NEARLY_ALL = 0.9
_GOOD_SKILL = 0.5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Conclusions:
    """What to tell the client, sentence by sentence.

    Attributes:
      good_enough: Decisions that the model may serve.
      not_good_enough: Decisions that it may not.
      collect_next: What would make it, or what is known of it, better.
    """

    good_enough: Sequence[str]
    not_good_enough: Sequence[str]
    collect_next: Sequence[str]


@dataclasses.dataclass(frozen=True, slots=True)
class _Finding:
    is_good: bool
    text: str


def conclude(found: figures.Evaluation) -> Conclusions:
    """Writes the conclusions.

    Returns:
      The same sentences for the same figures. A sentence is left out where nobody
      was there to judge by.
    """
    findings = [
        *_against_study(found),
        *_demand(found),
        *_averages(found),
        *_intervals(found),
        *_old(found),
        *_minors(found),
        *_probabilities(found),
        *_fairness(found),
    ]
    return Conclusions(
        good_enough=[one.text for one in findings if one.is_good],
        not_good_enough=[one.text for one in findings if not one.is_good],
        collect_next=advice.collect_next(found),
    )


def _against_study(found: figures.Evaluation) -> Iterator[_Finding]:
    mix = found.study_mix
    if mix is None:
        return
    reached = (
        f"at the original study's mix of ages the mean error is {_with_interval(mix)}"
    )
    before = f"the study's {study.VALIDATION_MAE_YEARS:.2f}"
    if mix.mae_high_years < study.VALIDATION_MAE_YEARS:
        word = "better than"
    elif mix.mae_low_years > study.VALIDATION_MAE_YEARS:
        word = "worse than"
    else:
        word = "not to be told apart from"
    is_on_target = mix.mae_years <= TARGET_MAE_YEARS
    target = "reaches" if is_on_target else "misses"
    yield _Finding(
        is_on_target,
        f"Replacing the first study's model: {reached}, {word} {before}; it {target} "
        f"the target of {TARGET_MAE_YEARS:.1f} years.",
    )


def _demand(found: figures.Evaluation) -> Iterator[_Finding]:
    groups = [one for one in found.right_groups if one.photos]
    if not groups:
        return
    weakest = min(groups, key=lambda one: one.share_right)
    is_good = weakest.share_right >= TARGET_RIGHT_SHARE
    shares = ", ".join(f"{one.age_group}: {one.share_right:.0%}" for one in groups)
    advice = (
        "use them, corrected by the bundle's confusion matrix for groups mixed up"
        if is_good
        else f"the group {weakest.age_group} is put right too rarely (below "
        f"{TARGET_RIGHT_SHARE:.0%}) to plan offers for it"
    )
    yield _Finding(
        is_good,
        f"Demand and offers by four age groups (put right, {shares}): {advice}.",
    )
    narrow = found.overall.within_5_years
    if narrow < _NEARLY_ALL:
        yield _Finding(
            False,
            f"Demand by groups of ten years or less: only {narrow:.0%} of people are "
            "estimated within five years of their age, so neighbouring groups blur.",
        )


def _averages(found: figures.Evaluation) -> Iterator[_Finding]:
    mix = found.study_mix or found.overall
    is_good = abs(mix.bias_years) <= TARGET_BIAS_YEARS
    yield _Finding(
        is_good,
        f"Average age of all customers, or of a store: the mean of many estimates is "
        f"off by {mix.bias_years:+.2f} years at the study's mix of ages"
        + ("." if is_good else f", beyond ±{TARGET_BIAS_YEARS:g}."),
    )
    leaning = [
        f"{one.value}: {one.figures.bias_years:+.1f}"
        for one in found.groups[figures.AGE_GROUP]
        if abs(one.figures.bias_years) > _GROUP_BIAS_YEARS and advice.is_known(one)
    ]
    if leaning:
        yield _Finding(
            False,
            "Average age within a single age group: estimates are off by more than "
            f"{_GROUP_BIAS_YEARS:g} years on average (years by true group, "
            f"{', '.join(leaning)}).",
        )


def _intervals(found: figures.Evaluation) -> Iterator[_Finding]:
    overall = found.overall
    least, most = COVERAGE_BOUNDS
    off = [
        f"{one.value}: {one.figures.coverage_90:.0%}"
        for one in found.groups[figures.AGE_GROUP]
        if not _covers_target(one)
    ]
    is_good = least <= overall.coverage_90 <= most and not off
    held = f"the 90 % intervals hold {overall.coverage_90:.1%} of the real ages"
    detail = (
        f"; but by true age group not always (held, {', '.join(off)})" if off else ""
    )
    yield _Finding(
        is_good,
        f"Saying how sure an estimate is: {held}{detail}; they are "
        f"{overall.width_years:.0f} years wide on average.",
    )


def _old(found: figures.Evaluation) -> Iterator[_Finding]:
    old = found.aged_60_plus
    if old is None:
        return
    is_good = old.mae_years <= TARGET_OLD_MAE_YEARS
    side = "too young" if old.bias_years < 0 else "too old"
    yield _Finding(
        is_good,
        f"Demand of people of 60 and older: mean error {_with_interval(old)}, on "
        f"average {abs(old.bias_years):.1f} years {side}; the target is "
        f"{TARGET_OLD_MAE_YEARS:.0f}.",
    )


def _minors(found: figures.Evaluation) -> Iterator[_Finding]:
    for rate in found.challenge:
        if rate.challenge_age_years != figures.CHALLENGE_AGE_YEARS:
            continue
        interval = _percents(
            rate.false_positive_rate_low, rate.false_positive_rate_high
        )
        yield _Finding(
            False,
            "Deciding about a single sale, or accusing a cashier of one: "
            f"{rate.false_positive_rate:.0%} ({interval}) of the {rate.photos} people "
            "of 13 to 17 are estimated at 25 or older. An estimate never stands in for "
            "looking at an ID.",
        )


def _probabilities(found: figures.Evaluation) -> Iterator[_Finding]:
    for one in found.probabilities:
        share = one.share_shoppers
        if not 0 < share < 1:
            continue
        skill = 1 - one.brier_shoppers / (share * (1 - share))
        is_good = skill >= _GOOD_SKILL
        yield _Finding(
            is_good,
            f"Counting buyers under {one.under_years} over many receipts, at shoppers' "
            f"ages: the probability takes away {skill:.0%} of the uncertainty that is "
            f"left by knowing their share of {share:.0%} (Brier score "
            f"{one.brier_shoppers:.3f}); "
            + ("sums may rest on it." if is_good else "sums keep wide margins."),
        )


def _fairness(found: figures.Evaluation) -> Iterator[_Finding]:
    """Compares the values of each further column that are known well enough."""
    for column in further_columns(found):
        known = [one for one in found.groups[column] if advice.is_known(one)]
        if len(known) < 2:
            continue
        errors = sorted(known, key=lambda one: one.figures.mae_years)
        biases = sorted(known, key=lambda one: one.figures.bias_years)
        is_apart = _are_errors_apart(errors) or _are_biases_apart(biases)
        ends = " and ".join(
            f"{one.figures.mae_years:.2f} years for {one.value}"
            for one in (errors[0], errors[-1])
        )
        leanings = " to ".join(
            f"{one.figures.bias_years:+.2f} ({one.value})"
            for one in (biases[0], biases[-1])
        )
        yield _Finding(
            not is_apart,
            f"Comparing customers by {column.replace('_', ' ')}: mean errors are "
            f"{ends}, biases {leanings}: "
            + (
                "more than chance, so that a difference between customers may be the "
                "model's; ages differ between these groups, too."
                if is_apart
                else "no more than chance."
            ),
        )


def _are_errors_apart(groups: Sequence[figures.Group]) -> bool:
    best, worst = groups[0].figures, groups[-1].figures
    halves = (one.mae_high_years - one.mae_years for one in (best, worst))
    return worst.mae_years - best.mae_years > math.hypot(*halves)


def _are_biases_apart(groups: Sequence[figures.Group]) -> bool:
    low, high = groups[0].figures, groups[-1].figures
    variance = sum(
        (one.rmse_years**2 - one.bias_years**2) / one.num_photos for one in (low, high)
    )
    gap_years = high.bias_years - low.bias_years
    return gap_years > max(_BIAS_GAP_YEARS, 1.96 * math.sqrt(max(variance, 0.0)))


def further_columns(found: figures.Evaluation) -> list[str]:
    """Lists the columns of the labels that make groups."""
    taken = (figures.AGE_GROUP, figures.PREDICTED_GROUP)
    return [column for column in found.groups if column not in taken]


def _covers_target(group: figures.Group) -> bool:
    found = group.figures
    return found.coverage_90_low <= TARGET_COVERAGE <= found.coverage_90_high


def _with_interval(found: evaluation.Figures) -> str:
    if math.isnan(found.mae_low_years):
        return f"{found.mae_years:.2f} years (one photo)"
    return (
        f"{found.mae_years:.2f} years ({found.mae_low_years:.2f} to "
        f"{found.mae_high_years:.2f})"
    )


def _percents(low: float, high: float) -> str:
    return f"{low:.0%} to {high:.0%}"
