"""File `bundle.json`: what a model bundle is, expects, promises and may be used for."""

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence

from schemas import fields, json_fields

FORMAT_VERSION = 2
FILE_NAME = "bundle.json"

_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")


class BundleCardError(ValueError):
    """`bundle.json` is not a bundle card; the message names the field."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Conformal:
    """Split conformal intervals.

    Attributes:
      group_bounds_years: Lower bounds of the groups but the first, ascending, in
        years of the predicted age; a group holds its lower bound.
      quantiles_90: One multiple of sigma a group.
      counts: Calibration photos a group.
    """

    group_bounds_years: tuple[float, ...]
    quantiles_90: tuple[float, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        """Checks the values."""
        _check_bounds(self.group_bounds_years)
        size = len(self.group_bounds_years) + 1
        if len(self.quantiles_90) != size or len(self.counts) != size:
            raise ValueError(f"quantiles_90 and counts must have {size} values")
        if not all(quantile > 0 for quantile in self.quantiles_90):
            raise ValueError(
                f"quantiles_90 must be above 0. Received: {self.quantiles_90}"
            )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Confusion:
    """How often each age group is predicted, given the true one.

    Attributes:
      group_bounds_years: Lower bounds of the groups but the first, ascending, in
        years; a group holds its lower bound.
      predicted_given_true: `[predicted][true]`; each column sums to 1.
      counts: Calibration photos `[predicted][true]`, before weighting.
    """

    group_bounds_years: tuple[float, ...]
    predicted_given_true: tuple[tuple[float, ...], ...]
    counts: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        """Checks the values."""
        _check_bounds(self.group_bounds_years)
        size = len(self.group_bounds_years) + 1
        for rows in (self.predicted_given_true, self.counts):
            if [len(row) for row in rows] != [size] * size:
                raise ValueError(f"predicted_given_true and counts must be {size}²")
        for column in zip(*self.predicted_given_true, strict=True):
            if min(column) < 0 or abs(sum(column) - 1) > 1e-6:
                raise ValueError(
                    "columns of predicted_given_true must be shares that sum to 1. "
                    f"Received: {column}"
                )


@dataclasses.dataclass(frozen=True, kw_only=True)
class BandConfusion:
    """Calibration people by predicted and true age, in narrow bands.

    Attributes:
      bounds_years: Lower bounds of the bands but the first, ascending, in years; a
        band holds its lower bound. Those of five years are among them.
      counts: People `[predicted][true]`.
      weights: How much all of a true band weigh, so that ages are a shopper's; 0 for
        bands without anybody.
    """

    bounds_years: tuple[int, ...]
    counts: tuple[tuple[int, ...], ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        """Checks the values."""
        _check_bounds(self.bounds_years)
        size = len(self.bounds_years) + 1
        if [len(row) for row in self.counts] != [size] * size:
            raise ValueError(f"counts must be {size}²")
        if len(self.weights) != size:
            raise ValueError(f"weights must have {size} values")
        if min(map(min, self.counts)) < 0 or min(self.weights) < 0:
            raise ValueError("counts and weights must not be negative")
        if missing := sorted(set(range(5, 100, 5)) - set(self.bounds_years)):
            raise ValueError(f"bounds_years must hold {missing[0]}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingData:
    """What the model learned from.

    Attributes:
      sha256: Fingerprint of the names, labels and pixels of all photos.
      num_photos: Number of photos, all splits.
      sources: Photos by source.
      splits: Photos by split.
    """

    sha256: str
    num_photos: int
    sources: Mapping[str, int]
    splits: Mapping[str, int]

    def __post_init__(self) -> None:
        """Checks the values."""
        _check_sha256("sha256", self.sha256)


@dataclasses.dataclass(frozen=True, kw_only=True)
class BundleCard:
    """The content of `bundle.json`.

    Attributes:
      name: Of the model, such as `default-ages-1`.
      created: UTC date of the training, `YYYY-MM-DD`.
      height: Rows of the model's input, uint8 RGB `(batch, height, width, 3)`.
      width: Columns of the model's input.
      face_settings: Fields of `pipelines.domain.faces.FaceSettings` as used in
        training; `crop_margin` is part of the input contract.
      temperature: Divides the logits.
      conformal: The 90 % intervals.
      confusion: Between report groups, for people to read.
      band_confusion: Between narrow bands of age, for the correction of figures by
        any groups made of them.
      age_prior: Shares of the ages 0 to 100 that the model was shown, sum 1: its
        distributions lean towards them.
      metrics: Figures on the test split, by name.
      settings: Of the training run, by name.
      training_data: What the model learned from.
      license: Name of the licence.
      license_notice: One sentence for those who score with it.
      files: sha256 by file name: all files of the bundle but this one.
      optional_files: As `files`, for those that a packaged bundle may leave out.
      format_version: Of this file.
    """

    name: str
    created: str
    height: int
    width: int
    face_settings: Mapping[str, int | float]
    temperature: float
    conformal: Conformal
    confusion: Confusion
    band_confusion: BandConfusion
    age_prior: tuple[float, ...]
    metrics: Mapping[str, float]
    settings: Mapping[str, str | int | float]
    training_data: TrainingData
    license: str
    license_notice: str
    files: Mapping[str, str]
    optional_files: Mapping[str, str] = dataclasses.field(default_factory=dict)
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        """Checks the values."""
        if min(self.height, self.width) < 1:
            raise ValueError(
                "height and width must be above 0. "
                f"Received: {self.height}, {self.width}"
            )
        if not self.temperature > 0:
            raise ValueError(
                f"temperature must be above 0. Received: {self.temperature}"
            )
        if (
            len(self.age_prior) != fields.NUM_AGES
            or min(self.age_prior) <= 0
            or abs(sum(self.age_prior) - 1) > 1e-6
        ):
            raise ValueError(
                f"age_prior must be {fields.NUM_AGES} shares above 0 that sum to 1"
            )
        for name, sha256 in {**self.files, **self.optional_files}.items():
            if not _FILE.fullmatch(name):
                raise ValueError(f"files must be plain names. Received: {name!r}")
            _check_sha256(name, sha256)

    def to_json(self) -> str:
        """Writes the card, keys sorted, the same bytes for the same card."""
        return json.dumps(dataclasses.asdict(self), indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "BundleCard":
        """Reads and checks a card.

        Raises:
          BundleCardError: it is no JSON object of this version, or a field is
            missing, unknown, of the wrong type or out of range.
        """
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise BundleCardError(f"is not JSON: {error}") from error
        version = found.get("format_version") if isinstance(found, dict) else None
        if version != FORMAT_VERSION:
            raise BundleCardError(
                f"format_version must be {FORMAT_VERSION}. Received: {version}"
            )
        try:
            card: BundleCard = json_fields.decode(cls, found)
        except json_fields.FieldError as error:
            raise BundleCardError(str(error)) from error
        return card


def _check_bounds(bounds_years: Sequence[float]) -> None:
    if list(bounds_years) != sorted(set(bounds_years)):
        raise ValueError(f"group_bounds_years must ascend. Received: {bounds_years}")


def _check_sha256(name: str, sha256: str) -> None:
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"{name} must be 64 hex digits. Received: {sha256!r}")
