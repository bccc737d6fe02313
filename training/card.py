"""Writes MODEL_CARD.md from the figures of a training run."""

import itertools
from collections.abc import Mapping

from schemas import bundle as schema
from training import evaluation

_HEADER = "| who | photos | MAE | bias | 90 % interval covers | its width |"


def model_card(
    card: schema.BundleCard,
    figures: Mapping[str, evaluation.Figures],
    weighting: str,
    dropped: Mapping[str, int],
) -> str:
    """Renders the model card.

    Args:
      card: Of the bundle.
      figures: On the test split, by group.
      weighting: How calibration and headline figures are weighted, in words.
      dropped: Photos and labels that were left out, by reason.

    Returns:
      Markdown, the same for the same arguments.
    """
    return "\n".join(
        [
            *_introduction(card),
            *_accuracy(figures),
            *_headline(card, weighting),
            *_confusion(card.confusion),
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


def _accuracy(figures: Mapping[str, evaluation.Figures]) -> list[str]:
    rows = [
        f"| {name} | {found.num_photos} | {found.mae_years:.2f} "
        f"| {found.bias_years:+.2f} | {found.coverage_90:.1%} "
        f"| {found.width_years:.1f} |"
        for name, found in figures.items()
    ]
    return [
        "## Accuracy on photos that it was not trained on",
        "",
        "Test split, int8 model, each person alike; years. Bias above 0: estimated "
        "too old. Age, source and sex are true or labelled, never predicted. A "
        "`framed` view is the same photo, put into a larger camera frame.",
        "",
        _HEADER,
        "| --- | ---: | ---: | ---: | ---: | ---: |",
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
        f"{_counts(found.sources)}; by split: {_counts(found.splits)}. A photo's "
        "split is a stable hash of its file name. Photos of `rendered` people show "
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
