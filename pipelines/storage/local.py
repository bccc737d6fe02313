"""Local folders as a storage root."""

import contextlib
import datetime
import errno
import os
import pathlib
import shutil
import stat
from collections.abc import Iterator
from typing import BinaryIO

from pyarrow import fs

from pipelines.storage import durable, roots

_MAX_PATH_BYTES = 4_095
"""What Linux takes as the name of a file to open."""

_MAX_DEPTH = 64
_NO_FILE = "neither a file nor a folder"
_TOO_LONG = "path too long to be opened"


class LocalRoot:
    """A folder of the local file system; see `roots.Root`."""

    reads_at_once = 0

    def __init__(self, folder: str) -> None:
        """Opens `folder`, which need not exist yet."""
        self._folder = pathlib.Path(folder).absolute()
        self._prefix = os.path.join(self._folder, "")

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
            if not entry.name.startswith(".")
            and _is_folder(entry)
            and not self._fault(entry)
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
        # A pipe in the place of a file would keep its reader waiting for ever.
        handle = os.open(self._folder / path, os.O_RDONLY | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise FileNotFoundError(
                errno.ENOENT, "not a plain file", str(self._folder / path)
            )
        return os.fdopen(handle, "rb")

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
            found = target.stat(follow_symlinks=entry.fault is None)
        except FileNotFoundError:
            return True
        if stat.S_ISDIR(found.st_mode) or _generation(found) != entry.generation:
            return False
        target.unlink(missing_ok=True)
        return True

    def drop_empty_folders(self, path: str) -> None:
        """Deletes a folder, and those below it, where nothing is left in them."""
        for folder, _, _ in os.walk(self._folder / path, topdown=False):
            # It is not empty, or a link to a folder.
            with contextlib.suppress(OSError):
                os.rmdir(folder)

    def _walk(
        self,
        folder: pathlib.Path,
        recursive: bool,
        depth: int = 0,
        is_linked: bool = False,
    ) -> Iterator[roots.Entry]:
        if not folder.is_dir():
            return
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.name.startswith("."):
                continue
            fault = self._fault(entry)
            if not fault and _is_folder(entry):
                is_link = entry.is_symlink()
                fault = _fault_of_nesting(depth, is_link and is_linked)
                if not fault:
                    if recursive:
                        below = pathlib.Path(entry.path)
                        yield from self._walk(
                            below, True, depth + 1, is_linked or is_link
                        )
                    continue
            # A file may go while its folder is listed.
            with contextlib.suppress(FileNotFoundError):
                yield self._entry(entry, fault)

    def sweep(self, path: str) -> None:
        """Deletes what killed writers left below a folder."""
        durable.sweep(str(self._folder / path))

    def _fault(self, entry: os.DirEntry[str]) -> str | None:
        if len(os.fsencode(entry.path)) > _MAX_PATH_BYTES:
            return _TOO_LONG
        if entry.is_symlink():
            return self._fault_of_link(entry)
        is_known = entry.is_file(follow_symlinks=False) or _is_folder(entry)
        return None if is_known else _NO_FILE

    def _fault_of_link(self, link: os.DirEntry[str]) -> str | None:
        target = pathlib.Path(os.path.realpath(link.path))
        if not target.is_relative_to(os.path.realpath(self._folder)):
            return "link that leads out of the input folder"
        if pathlib.Path(os.path.realpath(os.path.dirname(link.path))).is_relative_to(
            target
        ):
            return "link to a folder that it lies in"
        if target.is_dir() or target.is_file():
            return None
        return _NO_FILE if target.exists() else "link that leads nowhere"

    def _entry(self, entry: os.DirEntry[str], fault: str | None) -> roots.Entry:
        # Days have hundreds of thousands of files; pathlib would take half of the time.
        path = entry.path.removeprefix(self._prefix)
        if fault == _TOO_LONG:
            # Nothing can be asked of it.
            now = datetime.datetime.now(datetime.UTC)
            return roots.Entry(
                path=path, size=0, generation="", updated_at_utc=now, fault=fault
            )
        found = entry.stat(follow_symlinks=not fault)
        return roots.Entry(
            path=path,
            size=found.st_size,
            generation=_generation(found),
            updated_at_utc=datetime.datetime.fromtimestamp(
                found.st_mtime, datetime.UTC
            ),
            fault=fault,
        )


def _generation(found: os.stat_result) -> str:
    return f"{found.st_mtime_ns}-{found.st_size}"


def _is_folder(entry: os.DirEntry[str]) -> bool:
    # A link in a circle makes `entry.is_dir` raise.
    if entry.is_symlink():
        return os.path.isdir(entry.path)
    return entry.is_dir(follow_symlinks=False)


def _fault_of_nesting(depth: int, is_link_in_linked: bool) -> str | None:
    if depth >= _MAX_DEPTH:
        return f"folder below {_MAX_DEPTH} others"
    # Links that lead to each other would list the same files times and again.
    return "link in a linked folder" if is_link_in_linked else None
