"""Gives scored photos their store, register, time and transaction."""

import functools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.typehints import decorators

from pipelines.domain import captures, partitions, rejections
from pipelines.transforms import packing
from schemas import scored_photos

_IS_RESUMED = "is_resumed"


class AttributedPhotos(NamedTuple):
    """What `AttributePhotos` made of the day's scores.

    Attributes:
      photos: Part of the join and its photos, packed, `captures.ATTRIBUTED_SCHEMA`.
      rejected: Tables of `rejections.SCHEMA`.
      counts: `dict[str, int]` of photos and captures.
    """

    photos: beam.PCollection[tuple[str, bytes]]
    rejected: beam.PCollection[pa.Table]
    counts: beam.PCollection[dict[str, int]]


class AttributePhotos(beam.PTransform):
    """Joins scores with captures rows by file name; names speak for the rest.

    Every photo given is scored, resumed or rejected in the counts; photos that
    cannot be decoded go on to the tables, and are rejected as well.
    """

    def __init__(self, num_partitions: int) -> None:
        """Takes the number of parts of the joins."""
        super().__init__()
        self._num_partitions = num_partitions

    @decorators.no_annotations
    def expand(
        self,
        scores: tuple[
            beam.PCollection[pa.Table],
            beam.PCollection[pa.Table],
            beam.PCollection[pa.Table],
        ],
    ) -> AttributedPhotos:
        """Joins.

        Args:
          scores: Tables of this run's scores and of resumed scores
            (`scored_photos.SCHEMA`), and of captures rows (`captures.ROWS_SCHEMA`).
        """
        scored, resumed, rows = scores
        parts = self._num_partitions
        cut = functools.partial(partitions.by_photo_name, num_parts=parts)
        by_register = functools.partial(partitions.by_register, num_parts=parts)
        outputs = (
            {
                "scored": scored | "SplitScored" >> packing.PackParts(cut),
                "resumed": resumed | "SplitResumed" >> packing.PackParts(cut),
                "captures": rows | "SplitCaptures" >> packing.PackParts(cut),
            }
            | "MeetCaptures" >> beam.CoGroupByKey()
            | "AttributePart"
            >> beam.ParDo(_AttributePart()).with_outputs(
                "rejected", "counts", main="photos"
            )
        )
        photos = outputs.photos | "SplitPhotos" >> packing.PackParts(by_register)
        return AttributedPhotos(photos, outputs.rejected, outputs.counts)


class _AttributePart(beam.DoFn):
    @decorators.no_annotations
    def process(self, element: tuple[str, dict[str, Iterable[bytes]]]) -> Iterator[Any]:
        _, groups = element
        scores = _together(groups["scored"], groups["resumed"])
        rows = packing.unpack(captures.ROWS_SCHEMA, groups["captures"])
        attributed = captures.attribute(scores.drop_columns(_IS_RESUMED), rows)
        yield attributed.photos
        undecodable = scores.filter(scores["reason"].is_valid())
        tables = [
            rejections.to_table(attributed.rejections),
            rejections.of_photos("decode", undecodable),
        ]
        yield beam.pvalue.TaggedOutput("rejected", pa.concat_tables(tables))
        counts = _count(scores, attributed, undecodable.num_rows)
        yield beam.pvalue.TaggedOutput("counts", counts)


def _together(scored: Iterable[bytes], resumed: Iterable[bytes]) -> pa.Table:
    fresh = packing.unpack(scored_photos.SCHEMA, scored)
    kept = packing.unpack(scored_photos.SCHEMA, resumed)
    return pa.concat_tables(
        table.append_column(
            _IS_RESUMED, pa.repeat(pa.scalar(is_resumed), table.num_rows)
        )
        for table, is_resumed in ((fresh, False), (kept, True))
    )


def _count(
    scores: pa.Table, attributed: captures.Attributed, num_undecodable: int
) -> dict[str, int]:
    bad_names = pa.array(
        [rejection.source for rejection in attributed.rejections], pa.string()
    )
    is_usable = pc.and_(
        scores["reason"].is_null(),
        pc.invert(pc.is_in(scores["photo"], value_set=bad_names)),
    )
    num_resumed = pc.sum(pc.and_(is_usable, scores[_IS_RESUMED])).as_py() or 0
    num_usable = pc.sum(is_usable).as_py() or 0
    return {
        "photos_scored": num_usable - num_resumed,
        "photos_resumed": num_resumed,
        "photos_rejected": num_undecodable + len(attributed.rejections),
        "captures_duplicate": attributed.num_captures_duplicate,
        "captures_unused": attributed.num_captures_unused,
    }
