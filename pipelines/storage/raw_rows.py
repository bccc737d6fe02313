"""What every reader of row files gives, and how text files are cut into lines."""

import dataclasses
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BLOCK_BYTES = 4 * 2**20
"""About 30,000 till lines; a single line must be shorter."""

MAX_COLUMNS = 1_000
"""Columns of one file; each costs memory in every batch."""


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
    """Whole lines of a text file.

    Attributes:
      first_line: Number of the first, from 1.
      lines: Without LF or CR LF.
      too_long: Places of lines longer than `BLOCK_BYTES`; they are empty here.
    """

    first_line: int
    lines: list[bytes]
    too_long: frozenset[int] = frozenset()

    def faults(self) -> dict[int, str]:
        """Says what is wrong with the lines that are too long."""
        return dict.fromkeys(self.too_long, f"the line {TOO_LONG}")


TOO_LONG = f"is longer than {BLOCK_BYTES >> 20} MiB"


def line_blocks(file: BinaryIO) -> Iterator[Block]:
    """Cuts a text file into blocks of whole lines, of about `BLOCK_BYTES`.

    Args:
      file: At its start; a UTF-8 byte order mark is dropped.
    """
    first_line, rest, is_cut = 1, file.read(3).removeprefix(b"\xef\xbb\xbf"), False
    while piece := file.read(BLOCK_BYTES):
        whole, newline, rest = (rest + piece).rpartition(b"\n")
        if newline:
            block = _block(first_line, whole, is_cut)
            yield block
            first_line, is_cut = first_line + len(block.lines), False
        if len(rest) > BLOCK_BYTES:
            rest, is_cut = b"", True
    if rest or is_cut:
        yield _block(first_line, rest, is_cut)


def _block(first_line: int, whole: bytes, is_first_cut: bool) -> Block:
    lines = whole.replace(b"\r\n", b"\n").removesuffix(b"\r").split(b"\n")
    too_long = {i for i, line in enumerate(lines) if len(line) > BLOCK_BYTES}
    if is_first_cut:
        too_long.add(0)
    for place in too_long:
        lines[place] = b""
    return Block(first_line, lines, frozenset(too_long))


def text_fault(line: bytes) -> str | None:
    """Says why a line is not plain text; None if it is."""
    if b"\0" in line:
        return "holds a NUL byte"
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return f"is not UTF-8 text (byte {error.start + 1})"
    return None


def check_width(num_columns: int, name: str) -> None:
    """Checks the number of columns of a file.

    Raises:
      BadFileError: there are more than `MAX_COLUMNS`.
    """
    if num_columns > MAX_COLUMNS:
        raise BadFileError(
            f"{name}: {num_columns:,} columns, more than {MAX_COLUMNS:,}"
        )
