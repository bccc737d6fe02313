"""What the two logs of a day, purchases and captures, have in common."""

import dataclasses
import typing
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines import records
from pipelines.domain import captures, local_times, purchase_lines


class CheckedRows(NamedTuple):
    """One batch of rows after the checks.

    Attributes:
      rows: Good rows.
      rejections: One for each other row.
      num_ignored_columns: Columns that no one knows.
    """

    rows: pa.Table
    rejections: list[records.Rejection]
    num_ignored_columns: int


class RowFormat(typing.Protocol):
    """How the rows of one log are checked."""

    @property
    def stage(self) -> str:
        """Stage of their rejections."""

    @property
    def counter(self) -> str:
        """What their counters begin with."""

    def check_columns(self, given: pa.Schema, source_file: str) -> None:
        """Checks the columns of a file before the run starts."""

    def check_rows(
        self, table: pa.Table, source_file: str, source_rows: npt.NDArray[np.int64]
    ) -> CheckedRows:
        """Checks and normalises one batch of rows."""


@dataclasses.dataclass(frozen=True)
class PurchaseLines:
    """Rows of `purchases/`, as `schemas.purchases.LINES_SCHEMA`."""

    rules: purchase_lines.LineRules
    stage: str = purchase_lines.STAGE
    counter: str = "lines"

    def check_columns(self, given: pa.Schema, source_file: str) -> None:
        """Checks as `purchase_lines.check_columns`."""
        purchase_lines.check_columns(given, source_file)

    def check_rows(
        self, table: pa.Table, source_file: str, source_rows: npt.NDArray[np.int64]
    ) -> CheckedRows:
        """Checks as `purchase_lines.parse`."""
        parsed = purchase_lines.parse(table, source_file, source_rows, self.rules)
        return CheckedRows(parsed.lines, parsed.rejections, parsed.num_ignored_columns)


@dataclasses.dataclass(frozen=True)
class CaptureRows:
    """Rows of `captures/`, as `captures.ROWS_SCHEMA`."""

    zones: local_times.StoreZones
    stage: str = captures.STAGE
    counter: str = "captures"

    def check_columns(self, given: pa.Schema, source_file: str) -> None:
        """Checks as `captures.check_columns`."""
        captures.check_columns(given, source_file)

    def check_rows(
        self, table: pa.Table, source_file: str, source_rows: npt.NDArray[np.int64]
    ) -> CheckedRows:
        """Checks as `captures.parse`."""
        parsed = captures.parse(table, source_file, source_rows, self.zones)
        return CheckedRows(parsed.rows, parsed.rejections, parsed.num_ignored_columns)
