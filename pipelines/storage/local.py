"""Local folders as a storage root."""

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
            generation=f"{found.st_mtime_ns}-{found.st_size}",
            leads_out=leads_out,
        )
