"""What the two logs of a day, purchases and captures, have in common."""

import dataclasses
import typing
from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain import captures, local_times, purchase_lines, row_layouts

CheckedRows = row_layouts.CheckedRows


class RowFormat(typing.Protocol):
    """How the rows of one log are checked."""

    @property
    def stage(self) -> str:
        """Stage of their rejections."""

    @property
    def counter(self) -> str:
        """What their counters begin with."""

    @property
    def known(self) -> Collection[str]:
        """Columns that are read; others are ignored."""

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
    stage: str = purchase_lines.LAYOUT.stage
    known: Collection[str] = tuple(purchase_lines.LAYOUT.known)
    counter: str = "lines"

    def check_columns(self, given: pa.Schema, source_file: str) -> None:
        """Checks as `RowLayout.check_columns`."""
        purchase_lines.LAYOUT.check_columns(given, source_file)

    def check_rows(
        self, table: pa.Table, source_file: str, source_rows: npt.NDArray[np.int64]
    ) -> CheckedRows:
        """Checks as `purchase_lines.parse`."""
        return purchase_lines.parse(table, source_file, source_rows, self.rules)


@dataclasses.dataclass(frozen=True)
class CaptureRows:
    """Rows of `captures/`, as `captures.ROWS_SCHEMA`."""

    zones: local_times.StoreZones
    stage: str = captures.LAYOUT.stage
    known: Collection[str] = tuple(captures.LAYOUT.known)
    counter: str = "captures"

    def check_columns(self, given: pa.Schema, source_file: str) -> None:
        """Checks as `RowLayout.check_columns`."""
        captures.LAYOUT.check_columns(given, source_file)

    def check_rows(
        self, table: pa.Table, source_file: str, source_rows: npt.NDArray[np.int64]
    ) -> CheckedRows:
        """Checks as `captures.parse`."""
        return captures.parse(table, source_file, source_rows, self.zones)
