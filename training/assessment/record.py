"""Lays an evaluation out as JSON, for machines."""

import dataclasses
import json
import math
from typing import Any

from training import evaluation
from training.assessment import conclusions, figures, young

_RATES = (
    "false_positive_rate",
    "false_positive_rate_low",
    "false_positive_rate_high",
)


def to_json(found: figures.Evaluation) -> str:
    """Writes `evaluation.json`.

    Returns:
      One object, the same text for the same figures. Errors are in years, shares 0
      to 1; null stands for what nobody could be asked about.
    """
    return json.dumps(_plain(_record(found)), indent=1, allow_nan=False) + "\n"


def _record(found: figures.Evaluation) -> dict[str, Any]:
    overall = _figures(found.overall)
    del overall["photos"]
    return {
        "bundle": found.bundle,
        "photos": found.photos,
        "faces_found": found.faces_found,
        "lost": dict(found.lost),
        "photos_without_label": found.photos_without_label,
        "labels_without_photo": found.labels_without_photo,
        **overall,
        **_mix(found.study_mix, "study_mix"),
        "study_mix_covered": found.study_mix_covered,
        **_mix(found.shoppers, "shopper_mix"),
        **_probabilities(found),
        **_challenge(found),
        "aged_13_plus": _figures(found.aged_13_plus),
        "aged_60_plus": _figures(found.aged_60_plus),
        "report_groups": [dataclasses.asdict(group) for group in found.right_groups],
        **{
            f"by_{column}": [_group(column, group) for group in groups]
            for column, groups in found.groups.items()
        },
        "columns_left_out": dict(found.columns_left_out),
        "conclusions": dataclasses.asdict(conclusions.conclude(found)),
    }


def _figures(found: evaluation.Figures | None) -> dict[str, Any]:
    if found is None:
        return {"photos": 0}
    named = dataclasses.asdict(found)
    return {"photos": named.pop("num_photos"), **named}


def _mix(found: evaluation.Figures | None, mix: str) -> dict[str, Any]:
    """Names re-weighted figures, such as `mae_years_study_mix`."""
    fields = (field.name for field in dataclasses.fields(evaluation.Figures))
    return {
        f"{name}_{mix}": None if found is None else getattr(found, name)
        for name in fields
        if name != "num_photos"
    }


def _probabilities(found: figures.Evaluation) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for one in found.probabilities:
        under = f"under_{one.under_years}"
        named |= {
            f"share_{under}": one.share,
            f"share_{under}_shopper_mix": one.share_shoppers,
            f"brier_{under}": one.brier,
            f"brier_{under}_study_mix": one.brier_study_mix,
            f"brier_{under}_shopper_mix": one.brier_shoppers,
            f"reliability_{under}": [
                dataclasses.asdict(row) for row in one.reliability
            ],
        }
    return named


def _challenge(found: figures.Evaluation) -> dict[str, Any]:
    """Names the rate at the challenge age in the open, and lists the others."""
    at_age = (
        rate
        for rate in found.challenge
        if rate.challenge_age_years == figures.CHALLENGE_AGE_YEARS
    )
    return {
        **_minors(next(at_age, None)),
        "challenge_ages": [dataclasses.asdict(rate) for rate in found.challenge],
    }


def _minors(rate: young.ChallengeRate | None) -> dict[str, Any]:
    return {
        "photos_13_17": 0 if rate is None else rate.photos,
        **{
            f"{name}_13_17": None if rate is None else getattr(rate, name)
            for name in _RATES
        },
    }


def _group(column: str, group: figures.Group) -> dict[str, Any]:
    return {
        column: group.value,
        **_figures(group.figures),
        "photos_read": group.photos_read,
        **_minors(group.challenge),
    }


def _plain(value: Any) -> Any:
    """Rounds numbers, and turns those that are none into null."""
    if isinstance(value, dict):
        return {name: _plain(inside) for name, inside in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inside) for inside in value]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
