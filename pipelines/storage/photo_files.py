"""Finds the photos of a day: loose files and members of tar batches."""

import pathlib
import posixpath
import tarfile
from collections.abc import Iterator
from typing import NamedTuple

from pipelines import records
from pipelines.storage import roots, tar_members

_PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
_BATCH_SUFFIX = ".tar"
_MAX_PHOTO_BYTES = 64 * 2**20

UNREADABLE = "tar batch could not be read"
"""Begins the reason of a batch that may hold photos which nobody has seen."""


class FoundPhotos(NamedTuple):
    """What lies in one folder; every file and member is in one of the two lists."""

    refs: list[records.PhotoRef]
    rejections: list[records.Rejection]


def folders_of(root: roots.Root, day_folder: str) -> list[str]:
    """Lists what can be listed apart from the rest.

    Returns:
      Sub-folders and tar batches right below the day, and `""` for all else there.
      A photo belongs to the one that its path begins with.
    """
    batches = [
        name
        for entry in root.files(day_folder, recursive=False)
        if _is_batch(name := _below(day_folder, entry)) and _is_usable(entry)
    ]
    folders = [name for name in root.folders(day_folder) if roots.is_text(name)]
    return ["", *folders, *batches]


def find_photos(root: roots.Root, day_folder: str, folder: str) -> FoundPhotos:
    """Lists the photos of one folder.

    Args:
      root: Input root.
      day_folder: `photos/date=…`.
      folder: One of `folders_of`.

    Returns:
      Photos sorted by path, and a rejection for each file that is no photo, and
      for each tar member that is unsafe, unreadable or listed twice.
    """
    found = FoundPhotos([], [])
    for entry in _entries(root, day_folder, folder):
        _add_file(found, root, entry, _below(day_folder, entry))
    found.refs.sort(key=lambda ref: ref.photo)
    return found


def by_file(
    root: roots.Root, day_folder: str
) -> Iterator[tuple[roots.Entry, FoundPhotos]]:
    """Yields each file of a day with what lies in it; see `find_photos`."""
    for entry in root.files(day_folder):
        found = FoundPhotos([], [])
        _add_file(found, root, entry, _below(day_folder, entry))
        yield entry, found


def _add_file(
    found: FoundPhotos, root: roots.Root, entry: roots.Entry, photo: str
) -> None:
    suffix = posixpath.splitext(photo)[1].lower()
    if not _is_usable(entry):
        reason = entry.fault or "file name is not UTF-8"
        found.rejections.append(_rejected(photo, reason))
    elif suffix == _BATCH_SUFFIX:
        _add_members(found, root, entry, photo)
    elif suffix in _PHOTO_SUFFIXES:
        _add_photo(found, entry, photo)
    else:
        found.rejections.append(
            _rejected(photo, "neither a photo (jpg, png, webp) nor a tar batch")
        )


def _entries(root: roots.Root, day_folder: str, folder: str) -> Iterator[roots.Entry]:
    if folder:
        inside = list(root.files(f"{day_folder}/{folder}"))
        yield from inside
        if inside:
            return
    for entry in root.files(day_folder, recursive=False):
        name = _below(day_folder, entry)
        is_apart = _is_batch(name) and _is_usable(entry)
        if name == folder or (not folder and not is_apart):
            yield entry
    if not folder:
        for name in root.folders(day_folder):
            if not roots.is_text(name):
                yield from root.files(f"{day_folder}/{name}")


def _below(day_folder: str, entry: roots.Entry) -> str:
    return entry.path.removeprefix(f"{day_folder}/")


def _is_batch(name: str) -> bool:
    return name.lower().endswith(_BATCH_SUFFIX)


def _is_usable(entry: roots.Entry) -> bool:
    return roots.is_text(entry.path) and not entry.fault


def _add_photo(found: FoundPhotos, entry: roots.Entry, photo: str) -> None:
    if entry.size > _MAX_PHOTO_BYTES:
        found.rejections.append(_rejected(photo, _too_large(entry.size)))
        return
    found.refs.append(
        records.PhotoRef(
            photo=photo,
            file=entry.path,
            generation=entry.generation,
            offset=0,
            size=entry.size,
        )
    )


def _add_members(
    found: FoundPhotos, root: roots.Root, entry: roots.Entry, batch: str
) -> None:
    names: set[str] = set()
    try:
        with root.open(entry.path) as file:
            for member in tar_members.read(file):
                photo = f"{batch}/{member.name}"
                unsafe = _why_unsafe(member, names, entry.size)
                names.add(member.name)
                if unsafe:
                    found.rejections.append(_rejected(photo, unsafe))
                else:
                    found.refs.append(_member_ref(entry, photo, member))
    except tarfile.TarError as error:
        reason = f"tar batch cannot be read past here: {error}"
        found.rejections.append(_rejected(batch, reason))
    except OSError as error:
        # The next run may read it.
        reason = f"{UNREADABLE}: {error.strerror}"
        found.rejections.append(_rejected(batch, reason))


def _member_ref(
    entry: roots.Entry, photo: str, member: tarfile.TarInfo
) -> records.PhotoRef:
    return records.PhotoRef(
        photo=photo,
        file=entry.path,
        generation=f"{entry.generation}-{member.offset_data}",
        offset=member.offset_data,
        size=member.size,
    )


def _why_unsafe(
    member: tarfile.TarInfo, names: set[str], batch_size: int
) -> str | None:
    path = pathlib.PurePosixPath(member.name)
    if not roots.is_text(member.name):
        return "tar member's name is not UTF-8"
    if "\0" in member.name:
        return "tar member's name holds a NUL byte"
    if not member.isreg() or member.issparse():
        return "tar member is not a plain file"
    if path.is_absolute() or ".." in path.parts or "\\" in member.name:
        return "tar member leads out of its batch"
    if member.name in names:
        return "second tar member of this name"
    if path.suffix.lower() not in _PHOTO_SUFFIXES:
        return "tar member is not a photo (jpg, png, webp)"
    if member.size > _MAX_PHOTO_BYTES:
        return _too_large(member.size)
    if member.offset_data + member.size > batch_size:
        return "tar batch ends in the middle of this member"
    return None


def _too_large(size: int) -> str:
    return f"{size} bytes is more than a photo may have ({_MAX_PHOTO_BYTES})"


def _rejected(photo: str, reason: str) -> records.Rejection:
    name = roots.escape(photo).replace("\0", "\\0")
    return records.Rejection("list", name, reason)
