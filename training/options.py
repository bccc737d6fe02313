"""Flags of `tillage train` as validated settings."""

import argparse
import dataclasses
import pathlib
from collections.abc import Sequence

from pipelines.domain import faces
from training import config, flags, recipes, train_flags


def parse(argv: Sequence[str]) -> config.TrainConfig:
    """Reads the flags of one run.

    Raises:
      flags.UsageError: a flag is missing, unknown, or out of range.
      SystemExit: `--help` was asked for.
    """
    given = train_flags.parser().parse_args(list(argv))
    try:
        return config.TrainConfig(
            sources=flags.sources(given.images, given.labels),
            output=_output(given.output),
            face_settings=faces.FaceSettings(crop_margin=given.crop_margin),
            license_file=_file("--license-file", given.license_file),
            ablations=_file("--ablations", given.ablations),
            calibration_sources=tuple(given.calibration_sources),
            source_weights=tuple(_weight(text) for text in given.source_weights),
            num_threads=given.threads,
            fit=_fit(given),
            **{name: getattr(given, name) for name in _PLAIN},
        )
    except ValueError as error:
        raise flags.UsageError(str(error)) from error


_PLAIN = (
    "name",
    "initial_weights",
    "image_size",
    "seed",
    "recipe",
    "precision",
    "face_crop",
    "framed_copies",
    "cache",
    "shopper_ages",
    "quantization_photos",
    "max_train_photos",
    "run",
    "is_fit_only",
)
"""Flags that are settings as they are."""

_FIT_FLAGS = (
    "epochs",
    "head_epochs",
    "batch_size",
    "learning_rate",
    "head",
    "has_augmentation",
    "has_averaging",
    "age_balance",
    "child_weight",
    "frozen_blocks",
)


def _fit(given: argparse.Namespace) -> recipes.FitConfig:
    """Puts what was given over what the recipe says."""
    wanted = {name: getattr(given, name) for name in _FIT_FLAGS}
    wanted = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in wanted.items()
        if value is not None
    }
    if given.recipe == recipes.FROZEN and given.epochs:
        raise flags.UsageError(
            f"--epochs {given.epochs}: recipe {recipes.FROZEN} fits a head alone; "
            "--head-epochs says how long"
        )
    return dataclasses.replace(recipes.FITS[given.recipe], **wanted)


def _output(folder: pathlib.Path) -> pathlib.Path:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise flags.UsageError(f"--output {folder}: is there already; name a new one")
    return folder


def _file(flag: str, path: pathlib.Path | None) -> pathlib.Path | None:
    if path is not None and not path.is_file():
        raise flags.UsageError(f"{flag} {path}: no such file")
    return path


def _weight(text: str) -> tuple[str, float]:
    source, _, value = text.rpartition("=")
    try:
        return source, float(value)
    except ValueError as error:
        raise flags.UsageError(
            f"--source-weights takes SOURCE=WEIGHT, such as studio=0.5; received {text}"
        ) from error
