"""What the rows of an input log look like, and how a batch of them is checked."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines import records
from pipelines.domain import columns, kinds

Columns = dict[str, pa.Array]


class CheckedRows(NamedTuple):
    """One batch of rows after the checks.

    Attributes:
      rows: Good rows, in the order of the file.
      rejections: One for each other row.
      num_ignored_columns: Columns that no one knows.
    """

    rows: pa.Table
    rejections: list[records.Rejection]
    num_ignored_columns: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class RowLayout:
    """The columns of one log, before and after the checks.

    Attributes:
      stage: Stage of its rejections.
      known: Columns that are read, and what they hold.
      required: Those of them that must be there, in every row.
      schema: Of good rows; with `source_file` and `source_row`.
    """

    stage: str
    known: Mapping[str, kinds.Kind]
    required: tuple[str, ...]
    schema: pa.Schema

    def check_columns(self, given: pa.Schema, source_file: str) -> None:
        """Checks the columns of a file before the run starts.

        Args:
          given: From `tabular.schema_of`.
          source_file: For the message.

        Raises:
          columns.MissingColumnError: a required column is not there.
          columns.ColumnTypeError: a column's type cannot hold its values.
        """
        columns.check(given, self.known, self.required, source_file)

    def check_rows(
        self,
        table: pa.Table,
        source_file: str,
        source_rows: npt.NDArray[np.int64],
        complete: Callable[[Columns, Columns, columns.Faults], Columns],
    ) -> CheckedRows:
        """Checks and normalises one batch of rows.

        Args:
          table: As read by `tabular.read`: all text, or the types of a Parquet file.
          source_file: Path below the input root.
          source_rows: Line of the file of each row, shape `(table.num_rows,)`.
          complete: Given the columns as written, as converted, and the faults so
            far: makes the columns that take more than their own values.

        Returns:
          Good rows and rejections; together as many as `table` has rows.

        Raises:
          columns.MissingColumnError: a required column is not there.
          columns.ColumnTypeError: a column's type cannot hold its values.
        """
        if table.num_rows:
            self.check_columns(table.schema, source_file)
        written = columns.take(table, self.known)
        faults = columns.Faults(table.num_rows)
        values = {
            name: columns.convert(
                name, written[name], kind, name in self.required, faults
            )
            for name, kind in self.known.items()
        }
        values |= complete(written, values, faults)
        values["source_file"] = pa.repeat(pa.scalar(source_file), table.num_rows)
        values["source_row"] = pa.array(source_rows, pa.int64())
        good = pa.array(faults.is_good)
        rows = [values[name].filter(good) for name in self.schema.names]
        return CheckedRows(
            rows=pa.Table.from_arrays(rows, schema=self.schema),
            rejections=faults.rejections(self.stage, source_file, source_rows),
            num_ignored_columns=len(set(table.column_names) - set(self.known)),
        )
