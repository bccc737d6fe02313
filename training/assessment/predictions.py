"""Predicts the ages of labelled photos, as scoring would."""

import concurrent.futures
import dataclasses
import heapq
import itertools
import math
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import tqdm

from pipelines.domain import ages, faces, photos, pixels
from pipelines.inference import bundle as bundles
from pipelines.inference import engines, preparation
from training import errors, labels, per_thread, photo_files
from training.assessment import settings as configs

_CHUNK = 64
_MOST_LOST = 12


class NothingToJudgeError(errors.InputError):
    """No photo is left to judge a bundle on; the message says where they went."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A photo that goes onto the page.

    Attributes:
      name: As labelled.
      encoded: The file.
      age_years: Real age.
      status: What became of its face.
      mean_years: Estimated age; NaN where there is none.
      low_years: Lower end of its 90 % interval, likewise.
      high_years: Upper end.
    """

    name: str
    encoded: bytes
    age_years: float
    status: str
    mean_years: float = math.nan
    low_years: float = math.nan
    high_years: float = math.nan


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """All labelled photos that were read, in order; arrays of shape `(n,)`.

    Attributes:
      names: As labelled.
      ages_years: Real ages.
      columns: Further columns of the labels by name; empty where a photo has none.
      statuses: `ok`, or why there is no usable face.
      distributions: Calibrated, of those that are `ok`, shape `(m, 101)`, uint16.
      estimates: Of the same.
      unpaired: Photos without a label and labels without a photo.
      worst: Of the largest errors, largest first.
      lost: Examples of photos that are not `ok`.
    """

    names: npt.NDArray[np.str_]
    ages_years: npt.NDArray[np.float64]
    columns: Mapping[str, npt.NDArray[np.str_]]
    statuses: npt.NDArray[np.str_]
    distributions: ages.Weights
    estimates: ages.Estimates
    unpaired: photo_files.Unpaired
    worst: Sequence[Shown]
    lost: Sequence[Shown]

    @property
    def is_found(self) -> npt.NDArray[np.bool_]:
        """Tells which photos have a usable face."""
        return np.asarray(self.statuses == "ok")


def predict(
    settings: configs.EvaluateConfig,
    bundle: bundles.Bundle,
    predictor: engines.AgePredictor,
) -> Predictions:
    """Reads and predicts.

    Args:
      settings: Of the run.
      bundle: Says how to crop and how sure the model is.
      predictor: The model of the bundle.

    Raises:
      NothingToJudgeError: there is no labelled photo with a usable face.
      bundles.BundleError: its face settings cannot be used.
      labels.LabelsError: see `labels.read_labels`.
      photo_files.PhotosError: see `photo_files.labelled_photos`.
    """
    kept = _Kept(bundle, settings.num_worst)
    unpaired = photo_files.Unpaired()
    known = _labels(settings)
    found = _photos(settings, known, unpaired)
    total = sum(_num_wanted(given, settings.split) for given in known.values())
    progress = tqdm.tqdm(found, "photos", total, unit=" photos", disable=None)
    for chunk in _looks(progress, _Cropper(settings, bundle), settings.num_threads):
        kept.add(chunk, predictor)
    return kept.all_of(unpaired)


_Labels = dict[str, labels.Label]
_Look = tuple[photo_files.LabelledPhoto, str, pixels.Picture | None]


class _Cropper:
    """Crops photos as scoring does, in several threads."""

    def __init__(
        self, settings: configs.EvaluateConfig, bundle: bundles.Bundle
    ) -> None:
        found = None if settings.face_crop == "none" else _face_settings(bundle)
        self._preparers = per_thread.PerThread(
            lambda: preparation.Preparer(found, bundle.card.height)
        )

    def look(self, photo: photo_files.LabelledPhoto) -> _Look:
        try:
            prepared = self._preparers.get().prepare(photo.encoded)
        except photos.UnusablePhotoError:
            return photo, "undecodable", None
        return photo, prepared.status, prepared.face


def _face_settings(bundle: bundles.Bundle) -> faces.FaceSettings:
    try:
        return faces.FaceSettings.from_card(bundle.card.face_settings)
    except ValueError as error:
        raise bundles.BundleError(f"{bundle.folder}: {error}") from error


def _labels(settings: configs.EvaluateConfig) -> dict[pathlib.Path, _Labels]:
    """Reads all labels, by the path of their file.

    Raises:
      NothingToJudgeError: there is none, or none of the split.
    """
    paths = dict.fromkeys(source.labels for source in settings.sources)
    known = {path: labels.read_labels(path) for path in paths}
    files = ", ".join(str(path) for path in paths)
    if not any(known.values()):
        raise NothingToJudgeError(f"{files}: holds no label")
    if not sum(_num_wanted(given, settings.split) for given in known.values()):
        raise NothingToJudgeError(
            f"{files}: no photo has {settings.split!r} in the column split; give the "
            "splits.csv of a training as --labels, or --split all"
        )
    return known


def _num_wanted(known: _Labels, split: str) -> int:
    return sum(split in (configs.ALL, label.split) for label in known.values())


def _photos(
    settings: configs.EvaluateConfig,
    known: Mapping[pathlib.Path, _Labels],
    unpaired: photo_files.Unpaired,
) -> Iterator[photo_files.LabelledPhoto]:
    split = "" if settings.split == configs.ALL else settings.split
    for path, given in known.items():
        places = [source.images for source in settings.sources if source.labels == path]
        yield from photo_files.labelled_photos(places, given, unpaired, split)


def _looks(
    found: Iterable[photo_files.LabelledPhoto], cropper: _Cropper, num_threads: int
) -> Iterator[list[_Look]]:
    waiting = iter(found)
    # OpenCV lets other threads run while it works.
    with concurrent.futures.ThreadPoolExecutor(num_threads or None) as pool:
        while chunk := list(itertools.islice(waiting, _CHUNK)):
            yield list(pool.map(cropper.look, chunk))


class _Kept:
    """What stays of the photos once they are looked at."""

    def __init__(self, bundle: bundles.Bundle, num_worst: int) -> None:
        card = bundle.card
        self._calibration = ages.Calibration(
            temperature=card.temperature,
            group_bounds_years=card.conformal.group_bounds_years,
            quantiles_90=card.conformal.quantiles_90,
        )
        self._num_worst = num_worst
        self._labels: list[tuple[str, labels.Label, str]] = []
        self._distributions: list[ages.Weights] = []
        self._worst: list[tuple[float, int, Shown]] = []
        self._num_usable = 0
        self._lost: list[Shown] = []

    def add(self, chunk: Sequence[_Look], predictor: engines.AgePredictor) -> None:
        for photo, status, _ in chunk:
            self._labels.append((photo.name, photo.label, status))
            if status != "ok" and len(self._lost) < _MOST_LOST:
                self._lost.append(_shown(photo, status))
        usable = [(photo, face) for photo, _, face in chunk if face is not None]
        if not usable:
            return
        probabilities = predictor.predict(np.stack([face for _, face in usable]))
        weights = ages.to_weights(probabilities, self._calibration.temperature)
        self._distributions.append(weights)
        self._keep_worst([photo for photo, _ in usable], weights)

    def _keep_worst(
        self, seen: Sequence[photo_files.LabelledPhoto], weights: ages.Weights
    ) -> None:
        estimates = ages.estimate(weights, self._calibration)
        for place, photo in enumerate(seen):
            shown = dataclasses.replace(
                _shown(photo, "ok"),
                mean_years=float(estimates.mean_years[place]),
                low_years=float(estimates.low_years[place]),
                high_years=float(estimates.high_years[place]),
            )
            error = abs(shown.mean_years - shown.age_years)
            # Of equal errors the first stays; photos themselves have no order.
            self._num_usable += 1
            heapq.heappush(self._worst, (error, -self._num_usable, shown))
            if len(self._worst) > self._num_worst:
                heapq.heappop(self._worst)

    def all_of(self, unpaired: photo_files.Unpaired) -> Predictions:
        statuses = np.array([status for _, _, status in self._labels])
        if not self._distributions:
            raise NothingToJudgeError(_lost(self._labels, unpaired))
        distributions = np.concatenate(self._distributions)
        known = [label for _, label, _ in self._labels]
        names = list(dict.fromkeys(name for one in known for name in one.columns))
        return Predictions(
            names=np.array([name for name, _, _ in self._labels]),
            ages_years=np.array([label.age_years for label in known]),
            columns={
                column: np.array([label.columns.get(column, "") for label in known])
                for column in names
            },
            statuses=statuses,
            distributions=distributions,
            estimates=ages.estimate(distributions, self._calibration),
            unpaired=unpaired,
            worst=[shown for _, _, shown in sorted(self._worst, reverse=True)],
            lost=self._lost,
        )


def _shown(photo: photo_files.LabelledPhoto, status: str) -> Shown:
    return Shown(
        name=photo.name,
        encoded=photo.encoded,
        age_years=photo.label.age_years,
        status=status,
    )


def _lost(
    seen: Sequence[tuple[str, labels.Label, str]], unpaired: photo_files.Unpaired
) -> str:
    statuses, counts = np.unique([status for _, _, status in seen], return_counts=True)
    reasons = ", ".join(
        f"{count} {status}" for status, count in zip(statuses, counts, strict=True)
    )
    return (
        f"no photo can be judged: of {len(seen)} labelled photos none has a usable "
        f"face ({reasons or 'none was found'}); {unpaired.photos_without_label} photos "
        f"have no label, {unpaired.labels_without_photo} labels no photo; names in the "
        "labels must be those of the photos"
    )
