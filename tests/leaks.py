"""Looks for what must never be written: photos, embeddings, cashiers' ids, the key.

It looks through files as they are, and into Parquet, Arrow, zip (XLSX) and gzip files,
and the pictures inside pages.
"""

import base64
import dataclasses
import gzip
import pathlib
import re
import zipfile
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

_BLOCK = 64
_FEWEST_DISTINCT = 16
_LONGEST_LIST = 101
_MAGIC = re.compile(
    rb"\xff\xd8\xff[\xe0-\xe2\xdb].{2}(JFIF|Exif|ICC_)|\x89PNG\r\n\x1a\n"
    rb"|RIFF.{4}WEBPVP8",
    re.DOTALL,
)
_INLINE = re.compile(rb"data:[\w/+.-]+;base64,([A-Za-z0-9+/=\s]+)")
_PRINTED = re.compile(rb"(?:\b\d{1,3}\b[\s,\[\]]+){24}")

PICTURE = "picture file"
PIXELS = "part of a photo"
PRINTED = "printed array"
EMBEDDING = "embedding"


@dataclasses.dataclass(frozen=True)
class Leak:
    """Something that must not be there."""

    kind: str
    path: pathlib.Path


class Scanner:
    """Finds leaks.

    Any run of 127 bytes of a photo holds one of its blocks of 64, and is found.
    """

    def __init__(
        self, photos: list[bytes], pixels: list[np.ndarray], words: dict[str, str]
    ) -> None:
        """Takes what to look for.

        Args:
          photos: Photo files.
          pixels: Decoded photos and crops.
          words: Kind of leak by text.
        """
        wanted = [np.frombuffer(photo, np.uint8) for photo in photos]
        wanted += [np.ascontiguousarray(one).reshape(-1) for one in pixels]
        blocks = np.concatenate([_blocks(one) for one in wanted])
        self._blocks = blocks[np.lexsort(blocks.T[::-1])]
        self._starts = (
            np.ascontiguousarray(self._blocks[:, :8])
            .view(">u8")[:, 0]
            .astype(np.uint64)
        )
        self._words = {word.encode(): kind for word, kind in words.items()}

    def scan(self, folder: pathlib.Path) -> list[Leak]:
        """Looks through all files below a folder, their names too."""
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        return [
            Leak(kind, path.relative_to(folder))
            for path in paths
            for kind in sorted(self._kinds(path, folder))
        ]

    def _kinds(self, path: pathlib.Path, folder: pathlib.Path) -> set[str]:
        found = self._in(str(path.relative_to(folder)).encode())
        for content in _contents(path.name, path.read_bytes()):
            found |= {content} if isinstance(content, str) else self._in(content)
        if path.suffix == ".log" and _PRINTED.search(path.read_bytes()):
            found.add(PRINTED)
        return found

    def _in(self, content: bytes) -> set[str]:
        found = {kind for word, kind in self._words.items() if word in content}
        if _MAGIC.search(content):
            found.add(PICTURE)
        if self._has_block(np.frombuffer(content, np.uint8)):
            found.add(PIXELS)
        return found

    def _has_block(self, content: np.ndarray) -> bool:
        for shift in range(min(8, max(len(content) - _BLOCK + 1, 0))):
            count = (len(content) - shift) // 8
            starts = content[shift : shift + 8 * count].view(">u8").astype(np.uint64)
            at = np.searchsorted(self._starts, starts)
            is_start = self._starts[np.minimum(at, len(self._starts) - 1)] == starts
            for place in np.flatnonzero(is_start):
                window = content[shift + 8 * place :][:_BLOCK]
                last = np.searchsorted(self._starts, starts[place], "right")
                same = self._blocks[at[place] : last]
                if len(window) == _BLOCK and (same == window).all(axis=1).any():
                    return True
        return False


def _blocks(content: np.ndarray) -> np.ndarray:
    whole = content[: len(content) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    # What is nearly empty is everywhere.
    ordered = np.sort(whole, axis=1)
    distinct = 1 + (np.diff(ordered, axis=1) != 0).sum(axis=1)
    return whole[distinct >= _FEWEST_DISTINCT]


def _contents(name: str, content: bytes) -> Iterator[bytes | str]:
    """Yields what is in a file, and `EMBEDDING` for a column that may be one."""
    yield content
    if name.endswith(".parquet"):
        yield from _columns(pq.read_table(pa.BufferReader(content)))
    elif name.endswith(".arrow"):
        yield from _columns(pa.ipc.open_file(pa.BufferReader(content)).read_all())
    elif name.endswith((".xlsx", ".zip")):
        with zipfile.ZipFile(pa.BufferReader(content)) as members:
            for member in members.namelist():
                yield from _contents(member, members.read(member))
    elif name.endswith(".gz"):
        yield gzip.decompress(content)
    for picture in _INLINE.finditer(content):
        yield base64.b64decode(picture[1])


def _columns(table: pa.Table) -> Iterator[bytes | str]:
    for column in table.itercolumns():
        if _may_be_embedding(column):
            yield EMBEDDING
        for chunk in column.chunks:
            yield from (bytes(part) for part in chunk.buffers() if part is not None)


def _may_be_embedding(column: pa.ChunkedArray) -> bool:
    kind = column.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return True
    if not (pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind)):
        return False
    if pa.types.is_floating(kind.value_type):
        return True
    return (pc.max(pc.list_value_length(column)).as_py() or 0) > _LONGEST_LIST
