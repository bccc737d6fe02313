"""Labelled faces: read, found, cropped and kept as a memory-mapped cache."""

import collections
import contextlib
import dataclasses
import hashlib
import json
import pathlib
import shutil
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt
import tqdm

from training import (
    config,
    crops,
    duplicates,
    errors,
    labels,
    photo_files,
    splitting,
)

_FACES = "faces.uint8"
_WIDE = "wide.uint8"
_INDEX = "index.json"
# Part of the cache's key: crops of an older make must not be found again.
_FORMAT = 4


class DatasetError(errors.InputError):
    """The photos cannot be trained on; the message says why."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """All usable photos of a training set.

    Attributes:
      faces: Crops as scoring makes them, shape `(n, size, size, 3)`, dtype uint8,
        RGB, on disk.
      wide: The same with more around them, shape `(n, wide, wide, 3)`.
      names: File names, as labelled.
      ages_years: Real ages, float64.
      columns: The labels' further columns by name, such as `source` and `sex`;
        shape `(n,)` each, empty where a photo has none.
      views: `plain`, or `framed` for a second look at the same photo, put into a
        larger frame.
      splits: Each one of `pipelines.domain.splits.SPLITS`.
      sha256: Fingerprint of names, labels and encoded photos.
      dropped: Number of photos and labels left out, by reason.
      folder: Where the crops are kept, and what is computed from them can be.
    """

    faces: npt.NDArray[np.uint8]
    wide: npt.NDArray[np.uint8]
    names: npt.NDArray[np.str_]
    ages_years: npt.NDArray[np.float64]
    columns: Mapping[str, npt.NDArray[np.str_]]
    views: npt.NDArray[np.str_]
    splits: npt.NDArray[np.str_]
    sha256: str
    dropped: Mapping[str, int]
    folder: pathlib.Path

    @property
    def sources(self) -> npt.NDArray[np.str_]:
        """Collections that the photos come from; empty where not labelled."""
        return self._column("source")

    @property
    def sexes(self) -> npt.NDArray[np.str_]:
        """Sexes as labelled; empty where not."""
        return self._column("sex")

    def rows(self, split: str) -> npt.NDArray[np.int64]:
        """Lists the rows of one split, ascending."""
        return np.flatnonzero(self.splits == split)

    def _column(self, name: str) -> npt.NDArray[np.str_]:
        return self.columns.get(name, np.full(len(self.names), ""))


def read(settings: config.TrainConfig, folder: pathlib.Path) -> Dataset:
    """Reads the photos of a run, or finds them in the cache.

    Args:
      settings: Of the run.
      folder: Where the crops are kept; found again while photos, labels and
        settings are the same.

    Raises:
      DatasetError: no photo is usable, or the disk is too small for the crops.
      labels.LabelsError: see `labels.read_labels`.
      photo_files.PhotosError: see `photo_files.labelled_photos`.
    """
    kept = folder / f"faces-{_cache_key(settings)}"
    if not (kept / _INDEX).is_file():
        kept.mkdir(parents=True, exist_ok=True)
        _fill(settings, kept)
    return _open(kept, settings)


def _fill(settings: config.TrainConfig, folder: pathlib.Path) -> None:
    index = _Index()
    unpaired = photo_files.Unpaired()
    with contextlib.ExitStack() as files:
        faces = files.enter_context((folder / _FACES).open("wb"))
        wide = files.enter_context((folder / _WIDE).open("wb"))
        for look in crops.looks(_photos(settings, folder, unpaired), settings):
            if look.crop is not None:
                faces.write(look.crop.tobytes())
            if look.wide is not None:
                wide.write(look.wide.tobytes())
            index.add(look)
    index.dropped.update(
        {key: n for key, n in dataclasses.asdict(unpaired).items() if n}
    )
    if not index.rows:
        raise DatasetError(
            f"no usable photo with a label; left out: {dict(index.dropped)}"
        )
    # Written last: it marks the folder as complete.
    (folder / _INDEX).write_text(json.dumps(index.content()))


class _Index:
    """Gathers what is known of the photos beside their pixels."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.dropped: collections.Counter[str] = collections.Counter()
        self._fingerprints: list[duplicates.Fingerprint] = []
        self._digest = hashlib.sha256()

    def add(self, look: crops.Look) -> None:
        if look.crop is None or look.fingerprint is None:
            self.dropped[f"{look.view}_photos_{look.status}"] += 1
            return
        label = look.photo.label
        row = {
            "name": look.photo.name,
            "age_years": label.age_years,
            "given": label.split,
            "columns": dict(label.columns),
            "view": look.view,
        }
        encoded = hashlib.sha256(look.photo.encoded).hexdigest()
        self._digest.update(f"{json.dumps(row, sort_keys=True)} {encoded}\n".encode())
        self.rows.append(row)
        self._fingerprints.append(look.fingerprint)

    def content(self) -> dict[str, object]:
        """Gives what is kept, columns by name, the splits with it."""
        columns = {key: [row[key] for row in self.rows] for key in self.rows[0]}
        groups = duplicates.groups(
            np.array([one.hash for one in self._fingerprints], np.uint64),
            np.array([one.thumbnail for one in self._fingerprints]),
        )
        columns["split"] = splitting.assign(
            [str(name) for name in columns["name"]],
            np.array(columns["age_years"], np.float64),
            _one_per_name(groups, columns["name"]),
            [str(split) for split in columns.pop("given")],
        ).tolist()
        return {
            "photos": columns,
            "sha256": self._digest.hexdigest(),
            "dropped": dict(self.dropped),
        }


def _one_per_name(
    groups: npt.NDArray[np.int64], names: Iterable[object]
) -> npt.NDArray[np.int64]:
    """Lets several looks at one photo share the group of the first."""
    first: dict[object, int] = {}
    pairs = zip(names, groups.tolist(), strict=True)
    return np.array([first.setdefault(name, group) for name, group in pairs], np.int64)


def _open(folder: pathlib.Path, settings: config.TrainConfig) -> Dataset:
    index = json.loads((folder / _INDEX).read_text())
    photos = index["photos"]
    count = len(photos["name"])
    names = sorted({name for row in photos["columns"] for name in row})
    return Dataset(
        faces=_mapped(folder / _FACES, count, settings.image_size),
        wide=_mapped(folder / _WIDE, count, crops.wide_px(settings)),
        names=np.array(photos["name"]),
        ages_years=np.array(photos["age_years"], dtype=np.float64),
        columns={
            name: np.array([row.get(name, "") for row in photos["columns"]])
            for name in names
        },
        views=np.array(photos["view"]),
        splits=np.array(photos["split"]),
        sha256=index["sha256"],
        dropped=index["dropped"],
        folder=folder,
    )


def _mapped(path: pathlib.Path, count: int, side: int) -> npt.NDArray[np.uint8]:
    return np.memmap(path, np.uint8, "r", shape=(count, side, side, 3))


def _photos(
    settings: config.TrainConfig, folder: pathlib.Path, unpaired: photo_files.Unpaired
) -> Iterator[photo_files.LabelledPhoto]:
    places: dict[pathlib.Path, list[pathlib.Path]] = {}
    for source in settings.sources:
        places.setdefault(source.labels, []).append(source.images)
    # All labels are read first: a bad file must not wait for a million photos.
    known = {path: labels.read_labels(path) for path in places}
    total = sum(len(found) for found in known.values())
    _check_disk(settings, folder, total)
    with tqdm.tqdm(total=total, desc="reading photos", unit="photo") as bar:
        for path, folders in places.items():
            for photo in photo_files.labelled_photos(folders, known[path], unpaired):
                yield photo
                bar.update()


def _check_disk(
    settings: config.TrainConfig, folder: pathlib.Path, num_photos: int
) -> None:
    a_look = 3 * (settings.image_size**2 + crops.wide_px(settings) ** 2)
    needed = a_look * num_photos * (2 if settings.framed_copies else 1)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DatasetError(
            f"the crops of {num_photos} photos take {needed / 1e9:.1f} GB and "
            f"{folder} has {free / 1e9:.1f} GB free; name another --cache"
        )


def _cache_key(settings: config.TrainConfig) -> str:
    """Names what decides the crops, without reading every photo."""
    decisive = [
        _FORMAT,
        settings.image_size,
        crops.wide_px(settings),
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
