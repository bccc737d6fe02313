"""The part of a model card that says how the model was made."""

from collections.abc import Mapping, Sequence

from training import int8_gate, provenance, study

_SHOWN = {
    "recipe": "recipe",
    "head": "head",
    "epochs": "epochs",
    "image_size": "image size (px)",
    "num_train_photos": "photos learned from",
    "precision": "precision",
    "backend": "Keras backend",
    "device": "device",
    "photos_per_second": "photos per second",
    "seconds": "seconds of fitting",
    "num_resumes": "times taken up again",
    "seed": "seed",
}
_COMMON = ("image_size", "epochs", "num_train_photos", "device")


def fit_lines(fit: provenance.Row) -> list[str]:
    """Says how the weights were fitted, and how much they overfit; Markdown."""
    rows = [
        f"| {word} | {fit[name]} |"
        for name, word in _SHOWN.items()
        if fit.get(name) is not None
    ]
    if not rows:
        return []
    return [
        "## The fit",
        "",
        "| what | value |",
        "| --- | ---: |",
        *rows,
        "",
        *_gap_lines(fit),
    ]


def _gap_lines(fit: provenance.Row) -> list[str]:
    train, validation = fit.get("train_mae_years"), fit.get("validation_mae_years")
    if not isinstance(train, int | float) or not isinstance(validation, int | float):
        return []
    return [
        f"MAE of the float32 model on photos that it learned from: {train:.2f} years; "
        f"on the validation split: {validation:.2f} years; gap "
        f"{validation - train:+.2f}. The original study: {study.TRAIN_MAE_YEARS:g} and "
        f"{study.VALIDATION_MAE_YEARS:g}, gap "
        f"{study.VALIDATION_MAE_YEARS - study.TRAIN_MAE_YEARS:+.2f}, on photos of its "
        "own.",
        "",
    ]


def ablation_lines(rows: Sequence[provenance.Row]) -> list[str]:
    """Compares fits on the same split, each with one thing changed; Markdown."""
    if not rows:
        return []
    return [
        "## What each part of the recipe brings",
        "",
        "Fitted by `tillage train` on the same split, each row with all that the rows "
        f"above it have{_in_common(rows)}. Small and short fits: they compare the "
        "parts; their errors are not those of this model. Years.",
        "",
        "| fit | MAE in training | MAE in validation | gap |",
        "| --- | ---: | ---: | ---: |",
        *map(_ablation_row, rows),
        "",
    ]


def _ablation_row(row: provenance.Row) -> str:
    train = float(str(row["train_mae_years"]))
    validation = float(str(row["validation_mae_years"]))
    gap = validation - train
    return f"| {row['name']} | {train:.2f} | {validation:.2f} | {gap:+.2f} |"


def _in_common(rows: Sequence[Mapping[str, object]]) -> str:
    """Lists what all rows share, such as `; image size (px) 112, epochs 4`."""
    shared = [
        f"{_SHOWN[name]} {rows[0][name]}"
        for name in _COMMON
        if name in rows[0] and len({str(row.get(name)) for row in rows}) == 1
    ]
    return f"; {', '.join(shared)}" if shared else ""


def int8_lines(trial: int8_gate.Trial, metrics: Mapping[str, float]) -> list[str]:
    """Says what quantisation cost, and how it was done; Markdown."""
    lines = [
        "## int8",
        "",
        f"Quantised by NNCF with {trial.settings.name}: {_choice(trial)}. It costs "
        f"{trial.cost_years:+.3f} ± {trial.error_years:.3f} years of MAE on the "
        "calibration split (± one standard error)",
    ]
    if "int8_mae_cost_years" in metrics:
        lines[-1] += (
            f" and {metrics['int8_mae_cost_years']:+.3f} on the test split, where "
            f"single ages move by {metrics['int8_mean_shift_years']:.2f} on average "
            f"and {metrics['int8_largest_shift_years']:.1f} at most"
        )
    lines[-1] += "."
    return [*lines, ""]


def _choice(trial: int8_gate.Trial) -> str:
    limit = f"within {int8_gate.MAX_COST_YEARS:g} years of float32"
    if trial.is_surely_within:
        return f"the first way that is surely {limit}"
    return f"it may be {limit}, no way that was tried surely is"
