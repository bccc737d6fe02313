"""Writes the papers of a bundle: card, model card and licence."""

import collections
import dataclasses
import datetime
import json
import pathlib

import numpy as np

from pipelines.inference import bundle as bundles
from schemas import bundle as schema
from training import (
    card,
    config,
    curriculum,
    dataset,
    int8_gate,
    label_shift,
    licenses,
    provenance,
    verdict,
)

_FIT_METRICS = (
    "train_mae_years",
    "validation_mae_years",
    "validation_mae_study_mix_years",
    "photos_per_second",
)
_FIT_SETTINGS = {"precision", "backend", "device", "num_train_photos", "num_resumes"}


def write(
    found: verdict.Verdict,
    trial: int8_gate.Trial,
    origin: provenance.Provenance,
    photos: dataset.Dataset,
    settings: config.TrainConfig,
    created: datetime.date,
    folder: pathlib.Path,
) -> None:
    """Writes `LICENSE`, `MODEL_CARD.md` and, last, `bundle.json`.

    Args:
      found: What is said of the model.
      trial: How it was quantised.
      origin: How it was fitted.
      photos: That it learned from.
      settings: Of the run.
      created: UTC date.
      folder: Holds the models already.
    """
    name, notice, text = licenses.read(settings.license_file)
    unsigned = schema.BundleCard(
        name=settings.name,
        created=created.isoformat(),
        height=settings.image_size,
        width=settings.image_size,
        face_settings=dataclasses.asdict(settings.face_settings),
        temperature=found.calibrated.temperature,
        conformal=found.calibrated.conformal,
        confusion=found.calibrated.confusion,
        band_confusion=found.calibrated.band_confusion,
        age_prior=_age_prior(found, photos, settings),
        metrics=_metrics(found, trial, origin),
        settings=_settings(settings, found, trial, origin),
        training_data=_training_data(photos),
        license=name,
        license_notice=notice,
        files={},
    )
    (folder / bundles.LICENSE).write_text(text)
    (folder / bundles.MODEL_CARD).write_text(
        card.model_card(unsigned, found, trial, origin, photos.dropped)
    )
    (folder / schema.FILE_NAME).write_text(_signed(unsigned, folder).to_json())
    bundles.write_digest(folder)


def _signed(unsigned: schema.BundleCard, folder: pathlib.Path) -> schema.BundleCard:
    return dataclasses.replace(
        unsigned,
        files={name: bundles.sha256_of(folder / name) for name in bundles.REQUIRED},
        optional_files={
            bundles.KERAS_MODEL: bundles.sha256_of(folder / bundles.KERAS_MODEL)
        },
    )


def _age_prior(
    found: verdict.Verdict, photos: dataset.Dataset, settings: config.TrainConfig
) -> tuple[float, ...]:
    shown = curriculum.age_prior(photos, settings)
    expected = label_shift.shifted(shown, found.log_odds)
    return tuple(np.round(expected, 9).tolist())


def _metrics(
    found: verdict.Verdict, trial: int8_gate.Trial, origin: provenance.Provenance
) -> dict[str, float]:
    figures = dict(found.metrics) | {"int8_gate_cost_years": trial.cost_years}
    for name in _FIT_METRICS:
        value = origin.fit.get(name)
        if isinstance(value, int | float):
            figures[name] = value
    return {name: round(float(value), 4) for name, value in figures.items()}


def _settings(
    settings: config.TrainConfig,
    found: verdict.Verdict,
    trial: int8_gate.Trial,
    origin: provenance.Provenance,
) -> dict[str, str | int | float]:
    """Lists the settings that decide the weights; no path of this machine."""
    chosen: dict[str, object] = {
        "recipe": settings.recipe,
        "initial_weights": pathlib.Path(settings.initial_weights).name,
        "seed": settings.seed,
        "face_crop": settings.face_crop,
        "framed_copies": settings.framed_copies,
        "quantization_photos": settings.quantization_photos,
        "int8": trial.settings.name,
        "label_shift": label_shift.in_words(found.log_odds),
        "max_train_photos": settings.max_train_photos,
        "source_weights": settings.source_weights,
        **dataclasses.asdict(settings.fit),
    }
    for name in _FIT_SETTINGS & origin.fit.keys():
        chosen[name] = origin.fit[name]
    return {name: _scalar(value) for name, value in chosen.items()}


def _scalar(value: object) -> str | int | float:
    """Makes a setting fit for `bundle.json`, which knows numbers and words."""
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, str | int | float) else json.dumps(value)


def _training_data(photos: dataset.Dataset) -> schema.TrainingData:
    plain = photos.views == "plain"
    sources = np.where(photos.sources == "", "unnamed", photos.sources)
    return schema.TrainingData(
        sha256=photos.sha256,
        num_photos=int(plain.sum()),
        sources=_counts(sources[plain]),
        splits=_counts(photos.splits[plain]),
    )


def _counts(values: np.ndarray) -> dict[str, int]:
    return dict(sorted(collections.Counter(values.tolist()).items()))
