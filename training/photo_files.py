"""Walks over labelled photos, in a tar or in a folder."""

import contextlib
import dataclasses
import functools
import os
import pathlib
import tarfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from training import errors, labels

Entry = tuple[str, Callable[[], bytes]]
"""Path of a photo below its place, and what reads its bytes."""


class PhotosError(errors.InputError):
    """A place of photos cannot be used; the message says why."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPhoto:
    """The bytes of one photo with its label; `name` is as the labels have it."""

    name: str
    encoded: bytes
    label: labels.Label


@dataclasses.dataclass(kw_only=True)
class Unpaired:
    """Counts of what was left out."""

    photos_without_label: int = 0
    labels_without_photo: int = 0


def labelled_photos(
    places: Sequence[pathlib.Path],
    known: Mapping[str, labels.Label],
    unpaired: Unpaired,
    split: str = "",
) -> Iterator[LabelledPhoto]:
    """Yields each photo that has a label, in a stable order.

    Args:
      places: Tars, or folders searched at any depth, also in tars.
      known: Labels by path below its place, such as `a/b.tar/c.jpg`, or by bare
        file name.
      unpaired: Is added to; labels count once the photos have run out.
      split: Photos of other splits are passed over unread; empty: none is.

    Raises:
      PhotosError: a place is neither a tar nor a folder, or two photos go by the
        name of one label.
    """
    met = set()
    for place in places:
        for path, read in entries(place):
            name = label_name(path, known)
            if name is None:
                unpaired.photos_without_label += 1
                continue
            if name in met:
                raise PhotosError(f"{place}: a second photo is named {name}")
            met.add(name)
            if split and known[name].split != split:
                continue
            yield LabelledPhoto(name=name, encoded=read(), label=known[name])
    unpaired.labels_without_photo += len(known) - len(met)


def label_name(path: str, known: Collection[str]) -> str | None:
    """Finds by which name the labels know a photo, if they do.

    Args:
      path: Of the photo below its place, such as `a/b.tar/c.jpg`.
      known: Names in the labels.
    """
    bare = os.path.basename(path)
    return next((name for name in (path, bare) if name in known), None)


def entries(place: pathlib.Path) -> Iterator[Entry]:
    """Yields each file of a place, in a stable order, without reading it.

    A file must be read before the next one is asked for.

    Raises:
      PhotosError: it is neither a tar nor a folder, or a damaged tar.
    """
    if place.is_dir():
        return _folder_entries(place)
    if place.is_file() and tarfile.is_tarfile(place):
        return _tar_entries(place)
    raise PhotosError(f"{place}: is neither a folder nor a tar of photos")


def _folder_entries(folder: pathlib.Path) -> Iterator[Entry]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".tar":
            for member, read in _tar_entries(path):
                yield f"{name}/{member}", read
        elif path.is_file():
            yield name, path.read_bytes


def _tar_entries(path: pathlib.Path) -> Iterator[Entry]:
    with _open_tar(path) as archive:
        while (member := _next_member(path, archive)) is not None:
            if member.isfile():
                name = member.name.removeprefix("./")
                yield name, functools.partial(_read_member, path, archive, member)


def _open_tar(path: pathlib.Path) -> tarfile.TarFile:
    with _naming(path):
        return tarfile.open(path)


def _next_member(
    path: pathlib.Path, archive: tarfile.TarFile
) -> tarfile.TarInfo | None:
    with _naming(path):
        return archive.next()


def _read_member(
    path: pathlib.Path, archive: tarfile.TarFile, member: tarfile.TarInfo
) -> bytes:
    with _naming(path):
        file = archive.extractfile(member)
        return b"" if file is None else file.read()


@contextlib.contextmanager
def _naming(path: pathlib.Path) -> Iterator[None]:
    try:
        yield
    except tarfile.TarError as error:
        raise PhotosError(f"{path}: damaged tar: {error}") from error
