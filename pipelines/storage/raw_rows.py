"""What every reader of row files gives, and how text files are cut into lines."""

import dataclasses
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BLOCK_BYTES = 4 * 2**20
"""About 30,000 till lines; a single line must be shorter."""


class BadFileError(Exception):
    """A whole file cannot be read; the message is one line that says why."""


@dataclasses.dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot be read: its line in the file, and why."""

    source_row: int
    reason: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RawRows:
    """One batch of rows as they are in the file.

    Attributes:
      table: Columns of the file; none if the batch has only bad rows.
      source_rows: Line of the file of each row, shape `(table.num_rows,)`.
      bad_rows: Rows of the same stretch of the file that cannot be read.
    """

    table: pa.Table
    source_rows: npt.NDArray[np.int64]
    bad_rows: tuple[BadRow, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a text file: the number of the first, and the lines."""

    first_line: int
    lines: list[bytes]


def line_blocks(file: BinaryIO, name: str) -> Iterator[Block]:
    """Cuts a text file into blocks of whole lines.

    Args:
      file: At its start; a UTF-8 byte order mark is dropped.
      name: For messages.

    Yields:
      Blocks of about `BLOCK_BYTES`; lines come without LF or CR LF.

    Raises:
      BadFileError: a line is longer than a block.
    """
    first_line, rest = 1, file.read(3).removeprefix(b"\xef\xbb\xbf")
    while piece := file.read(BLOCK_BYTES):
        whole, newline, rest = (rest + piece).rpartition(b"\n")
        if newline:
            lines = whole.replace(b"\r\n", b"\n").removesuffix(b"\r").split(b"\n")
            yield Block(first_line, lines)
            first_line += len(lines)
        elif len(rest) > BLOCK_BYTES:
            raise BadFileError(
                f"{name}: line {first_line} is longer than {BLOCK_BYTES >> 20} MiB"
            )
    if rest:
        yield Block(
            first_line, [line.removesuffix(b"\r") for line in rest.split(b"\n")]
        )


def text_fault(line: bytes) -> str | None:
    """Says why a line is not plain text; None if it is."""
    if b"\0" in line:
        return "holds a NUL byte"
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return f"is not UTF-8 text (byte {error.start + 1})"
    return None
