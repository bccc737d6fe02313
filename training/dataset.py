"""Labelled faces: read, found, cropped and kept as a memory-mapped cache."""

import collections
import concurrent.futures
import dataclasses
import hashlib
import itertools
import json
import logging
import pathlib
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from pipelines.domain import faces, photos, pixels, splits
from training import config, errors, framing, labels, photo_files

_CHUNK = 256
_LOG_EVERY = 2000
_FACES = "faces.uint8"
_INDEX = "index.json"

_log = logging.getLogger(__name__)


class DatasetError(errors.InputError):
    """The photos cannot be trained on; the message says why."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """All usable photos of a training set.

    Attributes:
      faces: Crops, shape `(n, size, size, 3)`, dtype uint8, RGB, on disk.
      names: File names, as labelled.
      ages_years: Real ages, float64.
      sources: Collections that the photos come from.
      sexes: As labelled; empty where not.
      views: `plain`, or `framed` for a second look at the same photo, put into a
        larger frame.
      splits: Each one of `pipelines.domain.splits.SPLITS`.
      sha256: Fingerprint of names, labels and encoded photos.
      dropped: Number of photos and labels left out, by reason.
      folder: Where the crops are kept, and what is computed from them can be.
    """

    faces: npt.NDArray[np.uint8]
    names: npt.NDArray[np.str_]
    ages_years: npt.NDArray[np.float64]
    sources: npt.NDArray[np.str_]
    sexes: npt.NDArray[np.str_]
    views: npt.NDArray[np.str_]
    splits: npt.NDArray[np.str_]
    sha256: str
    dropped: Mapping[str, int]
    folder: pathlib.Path

    def rows(self, split: str) -> npt.NDArray[np.int64]:
        """Lists the rows of one split, ascending."""
        return np.flatnonzero(self.splits == split)


def read(settings: config.TrainConfig, folder: pathlib.Path) -> Dataset:
    """Reads the photos of a run, or finds them in the cache.

    Args:
      settings: Of the run.
      folder: Where the crops are kept; found again while photos, labels and
        settings are the same.

    Raises:
      DatasetError: no photo is usable.
      labels.LabelsError: see `labels.read_labels`.
      photo_files.PhotosError: see `photo_files.labelled_photos`.
    """
    kept = folder / f"faces-{_cache_key(settings)}"
    if not (kept / _INDEX).is_file():
        kept.mkdir(parents=True, exist_ok=True)
        _fill(settings, kept)
    else:
        _log.info("faces found in the cache: %s", kept)
    return _open(kept, settings.image_size)


def _fill(settings: config.TrainConfig, folder: pathlib.Path) -> None:
    rows: list[dict[str, str | float]] = []
    dropped: collections.Counter[str] = collections.Counter()
    digest = hashlib.sha256()
    unpaired = photo_files.Unpaired()
    with (folder / _FACES).open("wb") as file:
        for photo, view, crop, status in _crops(settings, unpaired):
            if crop is None:
                dropped[f"{view}_photos_{status}"] += 1
                continue
            file.write(crop.tobytes())
            encoded = hashlib.sha256(photo.encoded).hexdigest()
            row = _row(photo, view)
            digest.update(f"{json.dumps(row, sort_keys=True)} {encoded}\n".encode())
            rows.append(row)
            if len(rows) % _LOG_EVERY == 0:
                _log.info("faces of %d photos", len(rows))
    dropped |= {key: n for key, n in dataclasses.asdict(unpaired).items() if n}
    if not rows:
        raise DatasetError(f"no usable photo with a label; left out: {dict(dropped)}")
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    index = {"photos": columns, "sha256": digest.hexdigest(), "dropped": dict(dropped)}
    # Written last: it marks the folder as complete.
    (folder / _INDEX).write_text(json.dumps(index))


def _row(photo: photo_files.LabelledPhoto, view: str) -> dict[str, str | float]:
    return {
        "name": photo.name,
        "age_years": photo.label.age_years,
        "source": photo.label.source,
        "sex": photo.label.sex,
        "view": view,
    }


def _open(folder: pathlib.Path, size: int) -> Dataset:
    index = json.loads((folder / _INDEX).read_text())
    columns = index["photos"]
    shape = (len(columns["name"]), size, size, 3)
    return Dataset(
        faces=np.memmap(folder / _FACES, np.uint8, "r", shape=shape),
        names=np.array(columns["name"]),
        ages_years=np.array(columns["age_years"], dtype=np.float64),
        sources=np.array(columns["source"]),
        sexes=np.array(columns["sex"]),
        views=np.array(columns["view"]),
        splits=np.array([splits.split_of(name) for name in columns["name"]]),
        sha256=index["sha256"],
        dropped=index["dropped"],
        folder=folder,
    )


_Crop = tuple[photo_files.LabelledPhoto, str, npt.NDArray[np.uint8] | None, str]


def _crops(
    settings: config.TrainConfig, unpaired: photo_files.Unpaired
) -> Iterator[_Crop]:
    cropper = _Cropper(settings)
    # OpenCV lets other threads run while it works.
    with concurrent.futures.ThreadPoolExecutor(settings.num_threads or None) as pool:
        places = _by_labels(settings.sources)
        # All labels are read first: a bad file must not wait for a million photos.
        known = {path: labels.read_labels(path) for path in places}
        for path, folders in places.items():
            found = photo_files.labelled_photos(folders, known[path], unpaired)
            for chunk in _chunks(found):
                for crops in pool.map(cropper.crops, chunk):
                    yield from crops


def _by_labels(
    sources: Iterable[config.PhotoSource],
) -> dict[pathlib.Path, list[pathlib.Path]]:
    places: dict[pathlib.Path, list[pathlib.Path]] = {}
    for source in sources:
        places.setdefault(source.labels, []).append(source.images)
    return places


def _chunks(
    found: Iterable[photo_files.LabelledPhoto],
) -> Iterator[list[photo_files.LabelledPhoto]]:
    waiting = iter(found)
    while chunk := list(itertools.islice(waiting, _CHUNK)):
        yield chunk


class _Cropper:
    """Crops photos in several threads; each has a finder of its own."""

    def __init__(self, settings: config.TrainConfig) -> None:
        self._settings = settings
        self._local = threading.local()

    def crops(self, photo: photo_files.LabelledPhoto) -> list[_Crop]:
        try:
            rgb = photos.decode_photo(photo.encoded)
        except photos.UnusablePhotoError:
            return [(photo, "plain", None, "undecodable")]
        views = [("plain", rgb)]
        if self._settings.framed_copies and framing.is_cropped(rgb):
            # The same frame in every run, whichever thread makes it.
            rng = np.random.default_rng(zlib.crc32(photo.name.encode()))
            views.append(("framed", framing.framed(rgb, rng)))
        return [(photo, name, *self._crop(view)) for name, view in views]

    def _crop(self, rgb: pixels.Picture) -> tuple[pixels.Picture | None, str]:
        size = self._settings.image_size
        if self._settings.face_crop == "none":
            return faces.whole_photo(rgb, size), "ok"
        finding = self._finder().find(rgb)
        if finding.status != "ok" or finding.box is None:
            return None, finding.status
        margin = self._settings.face_settings.crop_margin
        return faces.crop_face(rgb, finding.box, size, margin), "ok"

    def _finder(self) -> faces.FaceFinder:
        if not hasattr(self._local, "finder"):
            self._local.finder = faces.FaceFinder(self._settings.face_settings)
        finder: faces.FaceFinder = self._local.finder
        return finder


def _cache_key(settings: config.TrainConfig) -> str:
    """Names what decides the crops, without reading every photo."""
    decisive = [
        settings.image_size,
        settings.face_crop,
        settings.framed_copies,
        dataclasses.asdict(settings.face_settings),
        [
            [str(path.resolve()), *_stamp(path)]
            for source in settings.sources
            for path in (source.images, source.labels)
        ],
    ]
    return hashlib.sha256(json.dumps(decisive).encode()).hexdigest()[:16]


def _stamp(path: pathlib.Path) -> list[int]:
    """Summarises the state of a file or folder: number, bytes, last change."""
    inside = [path, *(path.rglob("*") if path.is_dir() else ())]
    found = [entry.stat() for entry in inside if entry.exists()]
    newest = max((entry.st_mtime_ns for entry in found), default=0)
    return [len(found), sum(entry.st_size for entry in found), newest]
