"""Labelled photos of faces in folders and tars, indexed without reading them all."""

import csv
import os
import pathlib
import tarfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipelines import flags
from pipelines.domain import splits
from pipelines.sample import people

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_COLUMNS = ("file_name", "real_age")
_OLDEST = 120


class _Row(NamedTuple):
    """A row of the labels; `split` is empty where they name none."""

    age_years: int
    split: str


def crowd(sources: Sequence[str], labels: str, face_split: str) -> people.LabelledCrowd:
    """Opens labelled faces as a crowd of shoppers.

    Args:
      sources: Folders and tar files.
      labels: CSV with the columns file_name and real_age (years), and optionally
        split, as `splits.csv` of a training run has it.
      face_split: `test`: only photos that no model is trained on, by that column,
        else by their names; or `all`.

    Raises:
      flags.UsageError: a source or the labels cannot be used.
    """
    rows = _read_labels(labels)
    faces = {name: face for source in sources for name, face in _files(source)}
    found = {name: rows[key] for name in faces if (key := _key(name, rows)) is not None}
    known = {
        name: row.age_years
        for name, row in found.items()
        if face_split in ("all", row.split or splits.split_of(name))
    }
    if not known:
        raise flags.UsageError(
            f"--faces {', '.join(sources)}: no photo of the split {face_split!r} has "
            f"an age in {labels}; check the file names, or try --face-split all"
        )
    return people.LabelledCrowd({name: faces[name] for name in known}, known)


def read(face: people.FaceFile) -> bytes:
    """Reads the encoded photo of a face."""
    with open(face.path, "rb") as file:
        file.seek(face.offset)
        return file.read(face.size)


def _key(name: str, ages: dict[str, _Row]) -> str | None:
    """Finds a photo's label by its path, else by its bare name."""
    bare = name.rsplit("/", 1)[-1]
    return name if name in ages else bare if bare in ages else None


def _files(source: str) -> Iterator[tuple[str, people.FaceFile]]:
    path = pathlib.Path(source)
    if path.is_dir():
        yield from _folder_files(path)
    elif path.is_file() and tarfile.is_tarfile(path):
        yield from _tar_members(path)
    else:
        raise flags.UsageError(
            f"--faces {source}: neither a folder nor a tar file; check the path"
        )


def _folder_files(folder: pathlib.Path) -> Iterator[tuple[str, people.FaceFile]]:
    for place, _, names in os.walk(folder):
        for name in names:
            file = pathlib.Path(place) / name
            if file.suffix.lower() in _SUFFIXES:
                size = file.stat().st_size
                face = people.FaceFile(path=str(file), offset=0, size=size)
                yield file.relative_to(folder).as_posix(), face


def _tar_members(path: pathlib.Path) -> Iterator[tuple[str, people.FaceFile]]:
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                if member.isfile() and member.name.lower().endswith(_SUFFIXES):
                    yield (
                        member.name.removeprefix("./"),
                        people.FaceFile(
                            path=str(path),
                            offset=member.offset_data,
                            size=member.size,
                        ),
                    )
    except tarfile.TarError as error:
        raise flags.UsageError(
            f"--faces {path}: not an uncompressed, complete tar ({error})"
        ) from error


def _read_labels(labels: str) -> dict[str, _Row]:
    try:
        with open(labels, newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            given = rows.fieldnames or []
            if missing := [name for name in _COLUMNS if name not in given]:
                raise flags.UsageError(
                    f"--labels {labels}: column {missing[0]} is missing; "
                    f"it has {', '.join(given) or 'none'}"
                )
            return {
                row["file_name"]: _Row(
                    _age(row["real_age"], labels, rows.line_num), row.get("split") or ""
                )
                for row in rows
            }
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise flags.UsageError(f"--labels {labels}: cannot be read: {error}") from error


def _age(text: str | None, labels: str, line: int) -> int:
    try:
        age_years = round(float(text or ""))
    except (ValueError, OverflowError):
        age_years = -1
    if not 0 <= age_years <= _OLDEST:
        raise flags.UsageError(
            f"--labels {labels}, line {line}: real_age must be years from 0 to "
            f"{_OLDEST}; received {text!r}"
        )
    return age_years
