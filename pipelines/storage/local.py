"""Local folders as a storage root."""

import contextlib
import datetime
import os
import pathlib
import shutil
from collections.abc import Iterator
from typing import BinaryIO

from pyarrow import fs

from pipelines.storage import durable, roots


class LocalRoot:
    """A folder of the local file system; see `roots.Root`."""

    reads_at_once = 0

    def __init__(self, folder: str) -> None:
        """Opens `folder`, which need not exist yet."""
        self._folder = pathlib.Path(folder).absolute()

    def describe(self, path: str = "") -> str:
        """Names a path for people."""
        return str(self._folder / path)

    def folders(self, path: str) -> list[str]:
        """Lists the sub-folders of `path`, sorted; hidden ones are left out."""
        start = self._folder / path
        if not start.is_dir():
            return []
        return sorted(
            entry.name
            for entry in os.scandir(start)
            if entry.is_dir()
            and not entry.name.startswith(".")
            and not self._leads_out(entry)
        )

    def files(self, path: str, recursive: bool = True) -> Iterator[roots.Entry]:
        """Yields the files below `path`, at any depth or right below it."""
        start = self._folder / path
        if start.resolve().is_relative_to(self._folder.resolve()):
            yield from self._walk(start, recursive)

    def names(self) -> list[str]:
        """Lists what lies right below the root, folders too."""
        return os.listdir(self._folder) if self._folder.is_dir() else []

    def exists(self, path: str) -> bool:
        """Tells whether a file or folder is there."""
        return (self._folder / path).exists()

    def read(self, path: str, offset: int = 0, size: int | None = None) -> bytes:
        """Reads a file or a part of it."""
        with self.open(path) as file:
            if offset:
                file.seek(offset)
            return file.read() if size is None else file.read(size)

    def open(self, path: str) -> BinaryIO:
        """Opens a file for reading."""
        return open(self._folder / path, "rb")

    def arrow_source(self, path: str) -> tuple[str, fs.FileSystem]:
        """Gives the path: Arrow then reads no more than it needs."""
        return str(self._folder / path), fs.LocalFileSystem()

    def write(self, path: str, content: bytes) -> None:
        """Writes a file whole or not at all."""
        target = self._folder / path
        durable.make_private(str(target.parent))
        durable.write(str(target), content)

    def delete(self, path: str) -> None:
        """Deletes a file or a folder with all in it."""
        target = self._folder / path
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def delete_seen(self, entry: roots.Entry) -> bool:
        """Deletes a file if it is still the one that was listed.

        Somebody who replaces it in the same instant may lose: a file system has no
        deletion with a condition.
        """
        target = self._folder / entry.path
        try:
            found = target.stat(follow_symlinks=not entry.leads_out)
        except FileNotFoundError:
            return True
        if _generation(found) != entry.generation:
            return False
        target.unlink(missing_ok=True)
        return True

    def drop_empty_folders(self, path: str) -> None:
        """Deletes a folder, and those below it, where nothing is left in them."""
        for folder, _, _ in os.walk(self._folder / path, topdown=False):
            # It is not empty, or a link to a folder.
            with contextlib.suppress(OSError):
                os.rmdir(folder)

    def _walk(self, folder: pathlib.Path, recursive: bool) -> Iterator[roots.Entry]:
        if not folder.is_dir():
            return
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.name.startswith("."):
                continue
            if self._leads_out(entry):
                yield self._entry(entry, leads_out=True)
            elif entry.is_dir():
                if recursive:
                    yield from self._walk(pathlib.Path(entry.path), recursive)
            elif entry.is_file():
                yield self._entry(entry)

    def sweep(self, path: str) -> None:
        """Deletes what killed writers left below a folder."""
        durable.sweep(str(self._folder / path))

    def _leads_out(self, entry: os.DirEntry[str]) -> bool:
        if not entry.is_symlink():
            return False
        target = pathlib.Path(entry.path).resolve()
        return not target.is_relative_to(self._folder.resolve())

    def _entry(self, entry: os.DirEntry[str], leads_out: bool = False) -> roots.Entry:
        found = entry.stat(follow_symlinks=not leads_out)
        return roots.Entry(
            path=pathlib.Path(entry.path).relative_to(self._folder).as_posix(),
            size=found.st_size,
            generation=_generation(found),
            updated_at_utc=datetime.datetime.fromtimestamp(
                found.st_mtime, datetime.UTC
            ),
            leads_out=leads_out,
        )


def _generation(found: os.stat_result) -> str:
    return f"{found.st_mtime_ns}-{found.st_size}"
