"""Reads each labelled photo once and notes what can be said of it."""

import concurrent.futures
import dataclasses
import hashlib
import itertools
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import tqdm

from pipelines.domain import photos, pixels
from training import crops, duplicates, labels, per_thread, photo_files
from training.inspection import settings

UNDECODABLE = "undecodable"
PLAIN = "plain"

_CHUNK = 256
_GREY_PX = 64
# Of 3,400 portraits grey ones spread by less than 0.5 levels, the rest by over 2.4.
_MAX_GREY_SPREAD = 1.5


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What is known of one labelled photo.

    Attributes:
      name: As the labels have it.
      file: Which file it is.
      label: Of the photo.
      content: Digest of its pixels; of the file where it cannot be decoded.
      num_bytes: Of the file.
      height_px: 0 where it cannot be decoded.
      width_px: Likewise.
      is_grey: Whether it holds no colour.
      problem: Why it cannot be decoded; empty where it can.
      statuses: `ok`, `undecodable` or what the face finder says, by view: `plain`,
        and `framed` where training would look at the photo in a frame, too.
      fingerprint: None where it cannot be decoded.
    """

    name: str
    file: "File"
    label: labels.Label
    content: bytes
    num_bytes: int
    height_px: int = 0
    width_px: int = 0
    is_grey: bool = False
    problem: str = ""
    statuses: Mapping[str, str]
    fingerprint: duplicates.Fingerprint | None = None

    @property
    def is_kept(self) -> bool:
        """Whether training uses it, in one view at least."""
        return "ok" in self.statuses.values()

    @property
    def shorter_px(self) -> int:
        """Shorter side in pixels."""
        return min(self.height_px, self.width_px)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Where a photo lies.

    Attributes:
      place: Folder or tar, as given.
      path: Below it.
      labels_file: The file that labels it.
    """

    place: pathlib.Path
    path: str
    labels_file: pathlib.Path


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class BadLabel:
    """A row of a labels file that cannot be used."""

    labels_file: pathlib.Path
    problem: labels.Problem


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Scan:
    """What a set of photos and labels holds.

    Attributes:
      seen: Labelled photos, in the order in which training reads them.
      strangers: Photos without a label.
      namesakes: Second photos that go by the name of one label.
      orphans: Labels without a photo, by labels file and name.
      bad_labels: Rows that cannot be used.
    """

    seen: Sequence[Seen]
    strangers: Sequence[File]
    namesakes: Sequence[File]
    orphans: Sequence[tuple[pathlib.Path, str]]
    bad_labels: Sequence[BadLabel]


def scan(config: settings.InspectConfig) -> Scan:
    """Reads labels and photos, with a progress bar on stderr.

    Raises:
      labels.LabelsError: a labels file cannot be read at all.
      photo_files.PhotosError: a place is neither a tar nor a folder, or a damaged tar.
    """
    walk = _Walk(config)
    with tqdm.tqdm(
        total=walk.num_labels, desc="inspecting photos", unit="photo", mininterval=1
    ) as bar:
        seen = []
        for one in _looked_at(walk.photos(), config):
            seen.append(one)
            bar.update()
    return Scan(
        seen=seen,
        strangers=walk.strangers,
        namesakes=walk.namesakes,
        orphans=walk.orphans,
        bad_labels=walk.bad_labels,
    )


_Read = tuple[File, str, labels.Label, bytes]


class _Walk:
    """Pairs photos and labels; what finds no partner is set apart."""

    def __init__(self, config: settings.InspectConfig) -> None:
        self._places: dict[pathlib.Path, list[pathlib.Path]] = {}
        for source in config.sources:
            self._places.setdefault(source.labels, []).append(source.images)
        scanned = {path: labels.scan_labels(path) for path in self._places}
        self._labels = {path: found.labels for path, found in scanned.items()}
        self.bad_labels = [
            BadLabel(labels_file=path, problem=problem)
            for path, found in scanned.items()
            for problem in found.problems
        ]
        self.num_labels = sum(len(known) for known in self._labels.values())
        self.strangers: list[File] = []
        self.namesakes: list[File] = []
        self.orphans: list[tuple[pathlib.Path, str]] = []

    def photos(self) -> Iterator[_Read]:
        """Yields each photo that has a label."""
        for path, places in self._places.items():
            known = self._labels[path]
            met: set[str] = set()
            for place in places:
                yield from self._photos_of(place, path, met)
            self.orphans += [(path, name) for name in known if name not in met]

    def _photos_of(
        self, place: pathlib.Path, path: pathlib.Path, met: set[str]
    ) -> Iterator[_Read]:
        known = self._labels[path]
        for inside, read in photo_files.entries(place):
            file = File(place=place, path=inside, labels_file=path)
            name = photo_files.label_name(inside, known)
            if name is None:
                self.strangers.append(file)
            elif name in met:
                self.namesakes.append(file)
            else:
                met.add(name)
                yield file, name, known[name], read()


def _looked_at(
    found: Iterable[_Read], config: settings.InspectConfig
) -> Iterator[Seen]:
    inspector = _Inspector(config)
    waiting = iter(found)
    # OpenCV lets other threads run while it works.
    with concurrent.futures.ThreadPoolExecutor(config.num_threads or None) as pool:
        while chunk := list(itertools.islice(waiting, _CHUNK)):
            yield from pool.map(inspector.look, chunk)


class _Inspector:
    """Looks at photos in several threads; each has a face finder of its own."""

    def __init__(self, config: settings.InspectConfig) -> None:
        self._config = config
        self._finder = per_thread.ThreadedFinder(config.face_settings)

    def look(self, photo: _Read) -> Seen:
        file, name, label, encoded = photo
        unread = Seen(
            name=name,
            file=file,
            label=label,
            content=_digest(encoded),
            num_bytes=len(encoded),
            statuses={PLAIN: UNDECODABLE},
        )
        try:
            rgb = photos.decode_photo(encoded)
        except photos.UnusablePhotoError as error:
            return dataclasses.replace(unread, problem=str(error))
        return dataclasses.replace(
            unread,
            content=_digest(repr(rgb.shape).encode() + rgb.tobytes()),
            height_px=rgb.shape[0],
            width_px=rgb.shape[1],
            is_grey=is_grey(rgb),
            statuses={
                view: self._status(look) for view, look in self._views(name, rgb)
            },
            fingerprint=duplicates.fingerprint(rgb),
        )

    def _views(
        self, name: str, rgb: pixels.Picture
    ) -> list[tuple[str, pixels.Picture]]:
        return crops.views(name, rgb, is_framed=self._config.framed_copies)

    def _status(self, rgb: pixels.Picture) -> str:
        if self._config.face_crop == "none":
            return "ok"
        return self._finder.find(rgb).status


def is_grey(rgb: pixels.Picture) -> bool:
    """Tells whether a picture, shape `(height, width, 3)`, holds no colour."""
    small = pixels.resized(rgb, _GREY_PX).astype(np.int16)
    return float((small.max(axis=2) - small.min(axis=2)).mean()) < _MAX_GREY_SPREAD


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()
