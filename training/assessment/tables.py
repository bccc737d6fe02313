"""Tables of an evaluation's page."""

import math
from collections.abc import Sequence

from pipelines.pages import page
from training import evaluation
from training.assessment import figures


def headline(found: figures.Evaluation) -> page.Table:
    """Sets the figures of several mixes of people side by side."""
    mixes = (
        ("these photos, each alike", found.overall),
        ("at the original study's ages", found.study_mix),
        ("13 and older, at shoppers' ages", found.shoppers),
        ("13 and older, each alike", found.aged_13_plus),
        ("60 and older, each alike", found.aged_60_plus),
    )
    rows = [_row(name, one) for name, one in mixes if one is not None]
    return page.Table("Errors in years", [*_COLUMNS], rows)


def groups(caption: str, name: str, shown: Sequence[figures.Group]) -> page.Table:
    """Sets groups of people side by side."""
    rows = [_row(group.value, group.figures) for group in shown]
    return page.Table(caption, [name, *_COLUMNS[1:]], rows)


def probabilities(found: figures.Evaluation) -> page.Table:
    """Shows Brier scores."""
    rows = [
        [
            f"younger than {one.under_years}",
            f"{one.share:.1%}",
            number(one.brier, "{:.4f}"),
            number(one.brier_study_mix, "{:.4f}"),
            number(one.brier_shoppers, "{:.4f}"),
        ]
        for one in found.probabilities
    ]
    columns = [
        "probability of being",
        "who are",
        "Brier score",
        "at the study's ages",
        "at shoppers' ages",
    ]
    return page.Table("Probabilities of being young", columns, rows)


def challenge(found: figures.Evaluation) -> page.Table:
    """Shows what each challenge age would let through and ask for."""
    rows = [
        [
            f"{rate.challenge_age_years}",
            f"{rate.false_positive_rate:.1%}",
            interval(
                rate.false_positive_rate_low, rate.false_positive_rate_high, "{:.1%}"
            ),
            number(rate.adults_asked, "{:.1%}"),
        ]
        for rate in found.challenge
    ]
    return page.Table(
        f"Challenge ages, if the estimate alone decided ({found.challenge[0].photos:,} "
        "people of 13 to 17)",
        [
            "challenge age",
            "13-17 estimated at it or older",
            "95 % interval",
            "25+ estimated below it",
        ],
        rows,
    )


def minors(name: str, shown: Sequence[figures.Group]) -> page.Table:
    """Shows what the challenge age would let through, by kind of people."""
    rows = [
        [
            group.value,
            f"{rate.photos:,}",
            f"{rate.false_positive_rate:.1%}",
            interval(
                rate.false_positive_rate_low, rate.false_positive_rate_high, "{:.1%}"
            ),
        ]
        for group in shown
        if (rate := group.challenge)
    ]
    return page.Table(
        f"People of 13 to 17 estimated at {figures.CHALLENGE_AGE_YEARS} or older, "
        f"by {name}",
        [name, "photos of 13-17", "at 25 or older", "95 % interval"],
        rows,
    )


def interval(low: float, high: float, form: str) -> str:
    """Writes a 95 % interval; empty where there is none."""
    if math.isnan(low) or math.isnan(high):
        return ""
    return f"{form.format(low)} to {form.format(high)}"


def number(value: float, form: str) -> str:
    """Writes a number; a dash where there is none."""
    return "-" if math.isnan(value) else form.format(value)


_COLUMNS = (
    "who",
    "photos",
    "mean error (95 % interval)",
    "bias",
    "RMSE",
    "9 in 10 within",
    "within 5 years",
    "within 10 years",
    "90 % interval holds (95 % interval)",
)


def _row(name: str, found: evaluation.Figures) -> list[str]:
    error = interval(found.mae_low_years, found.mae_high_years, "{:.2f}")
    held = interval(found.coverage_90_low, found.coverage_90_high, "{:.0%}")
    return [
        name,
        f"{found.num_photos:,}",
        f"{found.mae_years:.2f}" + (f" ({error})" if error else ""),
        f"{found.bias_years:+.2f}",
        f"{found.rmse_years:.2f}",
        f"{found.p90_error_years:.1f}",
        f"{found.within_5_years:.0%}",
        f"{found.within_10_years:.0%}",
        f"{found.coverage_90:.1%} ({held})",
    ]
