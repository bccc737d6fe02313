"""Joins photos with purchase lines, register by register, into table rows."""

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import apache_beam as beam
import pyarrow as pa
from apache_beam.typehints import decorators

from pipelines.domain import captures, health, joining, partitions, pseudonyms
from pipelines.transforms import packing
from schemas import purchases, tables

LoadSecret = Callable[[], pseudonyms.Pseudonyms | None]


class JoinPurchasesOutputs(NamedTuple):
    """What the join made.

    Attributes:
      rows: Table folder and rows in its schema.
      counts: `dict[str, int]` of photos, lines and transactions.
      health: `health.Health` of parts of the day.
    """

    rows: beam.PCollection[tuple[str, pa.Table]]
    counts: beam.PCollection[dict[str, int]]
    health: beam.PCollection[health.Health]


class JoinPurchases(beam.PTransform):
    """Joins parts of photos with tables of lines; all of a register meet."""

    def __init__(
        self, settings: joining.JoinSettings, load_secret: LoadSecret, num_parts: int
    ) -> None:
        """Takes how to join.

        Args:
          settings: Of the join.
          load_secret: Called on the workers, so that no secret travels.
          num_parts: Parts that the photos were split into.
        """
        super().__init__()
        self._settings = settings
        self._load_secret = load_secret
        self._num_parts = num_parts

    @decorators.no_annotations
    def expand(
        self,
        inputs: tuple[beam.PCollection[tuple[str, bytes]], beam.PCollection[pa.Table]],
    ) -> JoinPurchasesOutputs:
        """Joins.

        Args:
          inputs: Packed parts of photos (`captures.ATTRIBUTED_SCHEMA`), and tables
            of lines (`purchases.LINES_SCHEMA`).
        """
        photos, lines = inputs
        parts = lines | "SplitLines" >> packing.PackParts(
            functools.partial(partitions.by_register, num_parts=self._num_parts)
        )
        outputs = (
            {"photos": photos, "lines": parts}
            | "MeetLines" >> beam.CoGroupByKey()
            | "JoinPart"
            >> beam.ParDo(_JoinPart(self._settings, self._load_secret)).with_outputs(
                "counts", "health", main="rows"
            )
        )
        return JoinPurchasesOutputs(outputs.rows, outputs.counts, outputs.health)


class _JoinPart(beam.DoFn):
    def __init__(self, settings: joining.JoinSettings, load_secret: LoadSecret) -> None:
        self._settings = settings
        self._load_secret = load_secret

    def setup(self) -> None:
        self._secret = self._load_secret()

    @decorators.no_annotations
    def process(self, element: tuple[str, dict[str, Iterable[bytes]]]) -> Iterator[Any]:
        _, groups = element
        joined = joining.join(
            packing.unpack(captures.ATTRIBUTED_SCHEMA, groups["photos"]),
            packing.unpack(purchases.LINES_SCHEMA, groups["lines"]),
            self._settings,
            self._secret,
        )
        yield from joined.tables.items()
        yield beam.pvalue.TaggedOutput("counts", joined.counts)
        photo_ages = joined.tables[tables.PHOTO_AGES.folder]
        yield beam.pvalue.TaggedOutput(
            "health", health.of_photos(photo_ages, joined.clock_reports)
        )
