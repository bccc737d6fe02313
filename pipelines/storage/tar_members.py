"""The members of a tar batch that anybody may have written.

Only headers are read. Before `tarfile` gets them they are held to what an honest
batch has: some of its releases run in circles, or ask for all memory, where a
header claims an odd size.
"""

import io
import re
import tarfile
from collections.abc import Iterator
from typing import BinaryIO

_MAX_HEADER_BYTES = 2**20
# Longer than any file name. `tarfile` takes the square of it in time.
_LONG_NUMBER = re.compile(rb"\d{256}")


def read(file: BinaryIO) -> Iterator[tarfile.TarInfo]:
    """Yields the members of an uncompressed tar, but for folders.

    Args:
      file: At its start.

    Raises:
      tarfile.TarError: there is no tar, or none past this member.
      OSError: the file cannot be read.
    """
    try:
        with tarfile.open(fileobj=_Headers(file), mode="r:") as batch:
            reached = 0
            while (member := batch.next()) is not None:
                # Sparse members hide what they claim; only the next place tells.
                if member.size < 0 or batch.offset <= reached:
                    raise tarfile.ReadError("a header claims less than no bytes")
                reached = batch.offset
                if not member.isdir():
                    yield member
            # At a header that it cannot read, `tarfile` ends as if all were well.
            file.seek(batch.offset)
            if file.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
                raise tarfile.ReadError("no header and no end mark follows")
    except RecursionError as error:
        raise tarfile.ReadError("headers are nested too deeply") from error
    except (EOFError, ValueError, OverflowError) as error:
        raise tarfile.ReadError(str(error)) from error


class _Headers(io.BufferedIOBase):
    """A file of which no more is read at a time than an honest header has."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int | None = None, /) -> bytes:
        if size is None or not 0 <= size <= _MAX_HEADER_BYTES:
            raise tarfile.ReadError(f"a header claims {size} bytes")
        found = self._file.read(size)
        if _LONG_NUMBER.search(found):
            raise tarfile.ReadError("a header holds a number of 256 digits")
        return found

    def seek(self, position: int, whence: int = 0, /) -> int:
        return self._file.seek(position, whence)

    def tell(self) -> int:
        return self._file.tell()
