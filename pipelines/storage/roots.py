"""A root folder, local or remote, behind one small interface.

Every path is relative to its root, with forward slashes.
"""

import dataclasses
import datetime
import typing
from collections.abc import Iterator
from typing import Any, BinaryIO

from pyarrow import fs

_SCHEME_END = "://"


class StorageError(Exception):
    """A root cannot be used; the message says which one, why, and how to mend it."""


class UnavailableError(StorageError):
    """A root does not answer; it may later."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One stored file.

    Attributes:
      path: Path below the root.
      size: Number of bytes.
      generation: Version of the bytes; changes when the file is replaced.
      updated_at_utc: When they were written.
      fault: Why it must not be read: it is a link that leads out of the root, in a
        circle or nowhere, or no plain file, or lies too deep. None: it may.
    """

    path: str
    size: int
    generation: str
    updated_at_utc: datetime.datetime
    fault: str | None = None


def is_text(path: str) -> bool:
    """Tells whether a path can be written as UTF-8."""
    return escape(path) == path


def escape(path: str) -> str:
    """Writes a path as text; bytes that are none become escapes."""
    return path.encode("utf-8", "backslashreplace").decode()


class Root(typing.Protocol):
    """What the job asks of a storage.

    Attributes:
      reads_at_once: Files that pay to be read at the same time, as answers take
        their time; 0: one by one.
    """

    reads_at_once: int

    def describe(self, path: str = "") -> str:
        """Names a path for people, such as `/data/in/photos`."""

    def folders(self, path: str) -> list[str]:
        """Lists the sub-folders of `path`, sorted; none if it does not exist.

        Hidden folders are left out, and those that `files` finds fault with.
        """

    def files(self, path: str, recursive: bool = True) -> Iterator[Entry]:
        """Yields the files below `path`, at any depth or right below it.

        Hidden files are left out. What must not be read, such as a pipe or a link
        in a circle, is yielded with its fault, never opened.
        """

    def names(self) -> list[str]:
        """Lists what files lie right below the root, fast; none if it is not there."""

    def exists(self, path: str) -> bool:
        """Tells whether a file or folder is there."""

    def read(self, path: str, offset: int = 0, size: int | None = None) -> bytes:
        """Reads a file or a part of it.

        Raises:
          FileNotFoundError: it is gone, or no plain file.
        """

    def open(self, path: str) -> BinaryIO:
        """Opens a file for reading, with `seek`.

        Raises:
          FileNotFoundError: it is gone, or no plain file.
        """

    def arrow_source(self, path: str) -> tuple[Any, fs.FileSystem | None]:
        """Gives what Arrow opens a file by: its path and file system, or its bytes.

        Raises:
          FileNotFoundError: a remote file is gone.
        """

    def write(self, path: str, content: bytes) -> None:
        """Writes a file whole or not at all, readable by its owner alone."""

    def sweep(self, path: str) -> None:
        """Deletes what killed writers left below a folder; none may be at work."""

    def delete(self, path: str) -> None:
        """Deletes a file or a folder with all in it; no error if it is gone."""

    def delete_seen(self, entry: Entry) -> bool:
        """Deletes a file if it is still the one that was listed.

        Returns:
          Whether it is gone; False: it was replaced, and is there.
        """

    def drop_empty_folders(self, path: str) -> None:
        """Deletes a folder, and those below it, where nothing is left in them."""


def at(root: str) -> Root:
    """Opens a root folder.

    Args:
      root: A local folder, or a place such as `gs://bucket/prefix`.

    Raises:
      StorageError: the kind of storage is unknown, or cannot be used.
    """
    check_kind(root)
    if is_remote(root):
        # Takes a second to import, which a local run need not spend.
        from pipelines.storage import gcs

        return gcs.GcsRoot(root)
    from pipelines.storage import local

    return local.LocalRoot(root)


def is_remote(place: str) -> bool:
    """Tells a place such as `gs://bucket/prefix` from a local folder."""
    return _SCHEME_END in place


def check_kind(root: str) -> None:
    """Checks that a root is a local folder or a place in a bucket.

    Raises:
      StorageError: it is neither.
    """
    kind = root.partition(_SCHEME_END)[0]
    if is_remote(root) and kind != "gs":
        raise StorageError(
            f"{root}: {kind}:// is not supported; give a local folder or gs://…"
        )
