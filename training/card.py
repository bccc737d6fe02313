"""Writes MODEL_CARD.md from the figures of a training run."""

import itertools
from collections.abc import Mapping

from schemas import bundle as schema
from training import (
    card_origin,
    evaluation,
    int8_gate,
    provenance,
    study,
    verdict,
)

_HEADER = (
    "| who | photos | MAE | bias | 90 % interval covers | 95 % interval of that | "
    "its width |"
)
_TARGET_YEARS = 5.0
_ELDER_TARGET_YEARS = 7.0
_NOMINAL = 0.9


def model_card(
    card: schema.BundleCard,
    found: verdict.Verdict,
    trial: int8_gate.Trial,
    origin: provenance.Provenance,
    dropped: Mapping[str, int],
) -> str:
    """Renders the model card.

    Args:
      card: Of the bundle.
      found: What is said of the model.
      trial: How it was quantised.
      origin: How it was fitted.
      dropped: Photos and labels that were left out, by reason.

    Returns:
      Markdown, the same for the same arguments.
    """
    return "\n".join(
        [
            *_introduction(card),
            *_summary(found),
            *_accuracy(found.groups),
            *_calibration(card.metrics),
            *_headline(card, found.weighting),
            *_confusion(card.confusion),
            *card_origin.fit_lines(origin.fit),
            *card_origin.ablation_lines(origin.ablations),
            *card_origin.int8_lines(trial, card.metrics),
            *_data(card, dropped),
            *_use(card),
            "",
        ]
    )


def _introduction(card: schema.BundleCard) -> list[str]:
    margin = card.face_settings["crop_margin"]
    return [
        f"# Age model `{card.name}`",
        "",
        "Estimates how old a person looks, as a distribution over ages 0 to 100, "
        "from one photo of a face. ResNet50, int8 for OpenVINO; "
        f"trained on {card.created}.",
        "",
        f"Input: uint8 RGB `(batch, {card.height}, {card.width}, 3)`, the face with "
        f"{margin:.0%} of its side added on each side. Scaling is inside the model. "
        "Output: softmax over ages; divide the logits by the temperature "
        f"{card.temperature:g}.",
        "",
    ]


def _summary(found: verdict.Verdict) -> list[str]:
    """Says in a few lines what most readers came for."""
    study_mix, everyone = found.study_mix, found.groups.get("all")
    if study_mix is None or everyone is None:
        return []
    wrong = [name for name, group in found.groups.items() if not _holds_nominal(group)]
    return [
        "## In short",
        "",
        "On photos that it was not trained on, int8 model:",
        "",
        f"- At the ages of the original study: MAE {study_mix.mae_years:.2f} years "
        f"(95 % interval {study_mix.mae_low_years:.2f} to "
        f"{study_mix.mae_high_years:.2f}), bias {study_mix.bias_years:+.2f}. The study "
        f"reached {study.VALIDATION_MAE_YEARS:g} on photos of its own; the goal here "
        f"is {_TARGET_YEARS:g}.",
        *_elder_line(found.groups),
        f"- The 90 % interval covers {everyone.coverage_90:.1%} of "
        f"{everyone.num_photos} photos; the goal is 88 to 92 %. Groups that surely "
        "are not covered as said (the interval of their coverage leaves 90 % out): "
        f"{', '.join(wrong) or 'none'}.",
        "",
    ]


def _elder_line(groups: Mapping[str, evaluation.Figures]) -> list[str]:
    elders = groups.get(verdict.ELDERS)
    if elders is None:
        return []
    return [
        f"- Of 60 years or more ({elders.num_photos} photos): MAE "
        f"{elders.mae_years:.2f} years, bias {elders.bias_years:+.2f}; the goal is "
        f"{_ELDER_TARGET_YEARS:g}.",
    ]


def _holds_nominal(group: evaluation.Figures) -> bool:
    return group.coverage_90_low <= _NOMINAL <= group.coverage_90_high


def _accuracy(figures: Mapping[str, evaluation.Figures]) -> list[str]:
    rows = [
        f"| {name} | {found.num_photos} | {found.mae_years:.2f} "
        f"| {found.bias_years:+.2f} | {found.coverage_90:.1%} "
        f"| {found.coverage_90_low:.1%} to {found.coverage_90_high:.1%} "
        f"| {found.width_years:.1f} |"
        for name, found in figures.items()
    ]
    return [
        "## Accuracy on photos that it was not trained on",
        "",
        "Test split, int8 model, each person alike; years. Bias above 0: estimated "
        "too old. The interval of a coverage is the exact binomial one. Age, source "
        "and sex are true or labelled, never predicted. A `framed` view is the same "
        "photo, put into a larger camera frame.",
        "",
        _HEADER,
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *rows,
        "",
    ]


def _calibration(metrics: Mapping[str, float]) -> list[str]:
    rows = [
        f"| {figure} of P(under {years}) "
        f"| {metrics[f'test_{name}_under_{years}_uncalibrated']:.4f} "
        f"| {metrics[f'test_{name}_under_{years}']:.4f} |"
        for years in (18, 25)
        for figure, name in (
            ("Brier score", "brier"),
            ("unreliability", "unreliability"),
        )
        if f"test_{name}_under_{years}" in metrics
    ]
    if not rows:
        return []
    return [
        "## Probabilities of being young, before and after calibration",
        "",
        "| figure, 0 is best | before | after |",
        "| --- | ---: | ---: |",
        *rows,
        "",
    ]


def _headline(card: schema.BundleCard, weighting: str) -> list[str]:
    rows = [f"| {name} | {value:.4g} |" for name, value in sorted(card.metrics.items())]
    return [
        "## Headline figures",
        "",
        weighting,
        "",
        "| figure | value |",
        "| --- | ---: |",
        *rows,
        "",
    ]


def _confusion(confusion: schema.Confusion) -> list[str]:
    names = _group_names(confusion.group_bounds_years)
    return [
        "## Confusion of age groups",
        "",
        "Share predicted (rows) among those who truly are (columns), on the "
        "calibration split, weighted likewise.",
        "",
        "| predicted | " + " | ".join(f"true {name}" for name in names) + " |",
        "| --- |" + " ---: |" * len(names),
        *(
            f"| {name} | " + " | ".join(f"{share:.1%}" for share in row) + " |"
            for name, row in zip(names, confusion.predicted_given_true, strict=True)
        ),
        "",
    ]


def _group_names(bounds_years: tuple[float, ...]) -> list[str]:
    inner = [f"{low:g}-{high - 1:g}" for low, high in itertools.pairwise(bounds_years)]
    return [f"under {bounds_years[0]:g}", *inner, f"{bounds_years[-1]:g}+"]


def _data(card: schema.BundleCard, dropped: Mapping[str, int]) -> list[str]:
    found = card.training_data
    left_out = ", ".join(
        f"{count} {reason.replace('_', ' ')}"
        for reason, count in sorted(dropped.items())
    )
    return [
        "## Training data",
        "",
        f"{found.num_photos} photos with a usable face; by source: "
        f"{_counts(found.sources)}; by split: {_counts(found.splits)}. Photos "
        "are dealt to the splits by age and a stable hash of the file name, near "
        "duplicates to the same one. Photos of `rendered` people show "
        f"nobody real. Left out: {left_out or 'nothing'}. "
        f"Fingerprint: `{found.sha256}`.",
        "",
        "Settings: "
        + ", ".join(f"{name} {value}" for name, value in sorted(card.settings.items()))
        + ".",
        "",
    ]


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def _use(card: schema.BundleCard) -> list[str]:
    return [
        "## Intended use",
        "",
        "Statistics over many customers: demand by age group, and how often a store "
        "asks young-looking buyers of restricted products for ID. A person looks at "
        "every figure before anything follows from it.",
        "",
        "## Forbidden use",
        "",
        "- Deciding about a single person: refusing a sale, proving an age, accusing "
        "a cashier.",
        "- Recognising or following people; it makes no embedding and none may be "
        "taken from it.",
        "- Any use beyond its licence, or where the law forbids it.",
        "",
        "## Licence",
        "",
        f"{card.license}. {card.license_notice}",
    ]
