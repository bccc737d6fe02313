"""Reads the day's purchase lines, and its captures rows, into checked tables."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import apache_beam as beam
import pyarrow as pa
from apache_beam.typehints import decorators

from pipelines import records
from pipelines.domain import columns, rejections, row_formats
from pipelines.storage import raw_rows, roots, row_files, tabular


class ReadRowsOutputs(NamedTuple):
    """What became of the rows of all files.

    Attributes:
      rows: Good rows as tables.
      rejected: Tables of `rejections.SCHEMA`.
      counts: `dict[str, int]`: rows read and rejected, columns ignored, and files
        that could not be read to their end.
      failures: What is wrong with those files, one line each.
    """

    rows: beam.PCollection[pa.Table]
    rejected: beam.PCollection[pa.Table]
    counts: beam.PCollection[dict[str, int]]
    failures: beam.PCollection[str]


class ReadRows(beam.PTransform):
    """Reads all files of rows below a folder; a bad row is a rejection."""

    def __init__(
        self, input_root: str, folder: str, row_format: row_formats.RowFormat
    ) -> None:
        """Takes where the files are, and how their rows are checked."""
        super().__init__()
        self._input_root = input_root
        self._folder = folder
        self._format = row_format

    @decorators.no_annotations
    def expand(self, root: beam.Pipeline) -> ReadRowsOutputs:
        """Reads, given the pipeline's root; a file is read by one worker."""
        found = row_files.find(roots.at(self._input_root), self._folder)
        outputs = (
            root
            | "CreateFiles" >> beam.Create(found.paths)
            | "SpreadFiles" >> beam.Reshuffle()
            | "ReadFile"
            >> beam.ParDo(_ReadFile(self._input_root, self._format)).with_outputs(
                "rejected", "counts", "failures", main="rows"
            )
        )
        strays = root | "CreateStrays" >> beam.Create([self._reject(found.strays)])
        rejected = (outputs.rejected, strays) | "AddStrays" >> beam.Flatten()
        return ReadRowsOutputs(outputs.rows, rejected, outputs.counts, outputs.failures)

    def _reject(self, strays: list[str]) -> pa.Table:
        reason = f"not a file of rows ({', '.join(tabular.SUFFIXES)}) of this folder"
        return rejections.to_table(
            [records.Rejection(self._format.stage, path, reason) for path in strays]
        )


class _ReadFile(beam.DoFn):
    def __init__(self, input_root: str, row_format: row_formats.RowFormat) -> None:
        self._input_root = input_root
        self._format = row_format

    @decorators.no_annotations
    def process(self, path: str) -> Iterator[Any]:
        num_ignored = 0
        try:
            with roots.at(self._input_root).open(path) as file:
                for raw in tabular.read(file, path, self._format.known):
                    checked = self._format.check_rows(raw.table, path, raw.source_rows)
                    num_ignored = max(num_ignored, checked.num_ignored_columns)
                    yield from self._outputs(path, raw, checked)
        except (
            raw_rows.BadFileError,
            columns.MissingColumnError,
            columns.ColumnTypeError,
        ) as error:
            # The gate refuses the day: half of a log is worse than none.
            yield beam.pvalue.TaggedOutput("failures", str(error))
            yield beam.pvalue.TaggedOutput("counts", {"files_unreadable": 1})
        yield beam.pvalue.TaggedOutput("counts", {"columns_ignored": num_ignored})

    def _outputs(
        self, path: str, raw: raw_rows.RawRows, checked: row_formats.CheckedRows
    ) -> Iterator[Any]:
        rejected = [*checked.rejections, *self._unreadable(path, raw)]
        yield checked.rows
        if rejected:
            table = rejections.to_table(rejected)
            yield beam.pvalue.TaggedOutput("rejected", table)
        counter = self._format.counter
        counts = {
            f"{counter}_read": raw.table.num_rows + len(raw.bad_rows),
            f"{counter}_rejected": len(rejected),
        }
        yield beam.pvalue.TaggedOutput("counts", counts)

    def _unreadable(
        self, path: str, raw: raw_rows.RawRows
    ) -> Iterator[records.Rejection]:
        for bad in raw.bad_rows:
            source = f"{path}:{bad.source_row}"
            yield records.Rejection(self._format.stage, source, bad.reason)
