"""What each worker has in hand, which photos killed workers, and what is listed.

Small files below a work folder: they survive the death of the process that wrote
them, and cost that process microseconds.
"""

import hashlib
import itertools
import json
import os
import pathlib
import tempfile
from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from pipelines.storage import durable

MAX_STRIKES = 2
"""Worker deaths after which a photo is rejected."""

KILLED_A_WORKER = "killed a worker twice"
"""Reason of that rejection."""

_END = b"\0"


class Listed(NamedTuple):
    """Photos of one store folder.

    Attributes:
      to_score: Photos to read and score.
      resumed: Photos whose scores were kept.
    """

    to_score: int
    resumed: int


class InflightMarks:
    """Tells the supervisor which photos would be to blame for a death right now.

    One instance belongs to one thread. Mark a photo right before native code gets
    it, and clear the mark as soon as that code has returned.
    """

    def __init__(self, work_folder: str) -> None:
        """Opens a mark of this process's own below `work_folder`."""
        folder = os.path.join(work_folder, "inflight")
        durable.make_private(folder)
        self._handle, _ = tempfile.mkstemp(dir=folder, prefix=f"{os.getpid()}-")

    def mark(self, *photos: str) -> None:
        """Replaces what is marked; costs one write to the page cache."""
        names = b"".join(os.fsencode(photo) + _END for photo in photos)
        os.pwrite(self._handle, names + _END, 0)

    def clear(self) -> None:
        """Marks nothing."""
        os.pwrite(self._handle, _END, 0)

    def __del__(self) -> None:
        """Closes the mark's file."""
        if hasattr(self, "_handle"):
            os.close(self._handle)


def read_marks(work_folder: str) -> dict[int, set[str]]:
    """Reads what each process that ever marked anything has in hand.

    Returns:
      Photos by process id; empty sets included.
    """
    marked: dict[int, set[str]] = {}
    for path in sorted(pathlib.Path(work_folder, "inflight").glob("*-*")):
        # An empty name ends the mark; what follows belongs to an older, longer one.
        names = itertools.takewhile(len, path.read_bytes().split(_END))
        photos = marked.setdefault(int(path.name.split("-", 1)[0]), set())
        photos.update(map(os.fsdecode, names))
    return marked


def load_strikes(work_folder: str) -> dict[str, int]:
    """Reads how many workers each photo has killed; none if none did."""
    path = _strikes_path(work_folder)
    if not path.exists():
        return {}
    strikes: dict[str, int] = json.loads(path.read_bytes())
    return strikes


def add_strikes(work_folder: str, photos: Iterable[str]) -> None:
    """Counts one more death against each of `photos`."""
    strikes = load_strikes(work_folder)
    for photo in photos:
        strikes[photo] = strikes.get(photo, 0) + 1
    _write_json(_strikes_path(work_folder), strikes)


def forget_strikes(work_folder: str) -> None:
    """Gives every photo a fresh chance."""
    _strikes_path(work_folder).unlink(missing_ok=True)


def write_listed(
    work_folder: str, folder: str, num_to_score: int, num_resumed: int
) -> None:
    """Says how many photos of one store folder there are to do, for the progress.

    Args:
      work_folder: Work folder of the run.
      folder: Name of the store folder, such as `store=0042`; may be empty.
      num_to_score: Photos to read and score.
      num_resumed: Photos whose scores were kept.
    """
    # A folder may be called anything, as long as a file name may be.
    name = f"folder-{hashlib.sha256(os.fsencode(folder)).hexdigest()}.json"
    _write_json(
        pathlib.Path(work_folder, "listed", name),
        Listed(num_to_score, num_resumed)._asdict(),
    )


def read_listed(
    work_folder: str, known: Container[str] = frozenset()
) -> dict[str, Listed]:
    """Reads what each store folder listed in this attempt has to score.

    Args:
      work_folder: Work folder of the run.
      known: Files that need not be read again; their content does not change.

    Returns:
      Counts by the name of their file.
    """
    folder = pathlib.Path(work_folder, "listed")
    names = os.listdir(folder) if folder.is_dir() else []
    return {
        name: Listed(**json.loads((folder / name).read_bytes()))
        for name in names
        if name.startswith("folder-") and name not in known
    }


def forget_attempt(work_folder: str) -> None:
    """Deletes the marks and lists of an attempt that has ended."""
    for folder in _attempt_folders(work_folder):
        for path in folder.glob("*"):
            path.unlink()


def forget_run(work_folder: str) -> None:
    """Deletes all that is known of a run that has ended well."""
    forget_strikes(work_folder)
    forget_attempt(work_folder)
    for folder in (*_attempt_folders(work_folder), pathlib.Path(work_folder)):
        if folder.is_dir() and not durable.names(str(folder)):
            folder.rmdir()


def _attempt_folders(work_folder: str) -> list[pathlib.Path]:
    return [pathlib.Path(work_folder, name) for name in ("inflight", "listed")]


def _strikes_path(work_folder: str) -> pathlib.Path:
    return pathlib.Path(work_folder, "strikes.json")


def _write_json(path: pathlib.Path, content: Mapping[str, int]) -> None:
    durable.make_private(str(path.parent))
    # The supervisor reads at any moment: it must find all of it or none.
    encoded = json.dumps(content, sort_keys=True).encode()
    durable.write(str(path), encoded, is_lasting=False)
