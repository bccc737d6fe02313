"""Lists a day's photos and sets aside those whose scores were kept."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
from apache_beam.typehints import decorators

from pipelines import records
from pipelines.domain import partitions, rejections
from pipelines.storage import inflight, kept, photo_files, roots
from pipelines.transforms import packing
from schemas import scored_photos


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PhotoSource:
    """Where the photos of one run come from.

    Attributes:
      input_root: Root folder of the inputs.
      day_folder: `photos/date=…` below it.
      scores: What earlier runs kept.
      work_folder: Folder for progress and strikes of supervised workers, or None.
    """

    input_root: str
    day_folder: str
    scores: kept.KeptScores
    work_folder: str | None


class ListedPhotos(NamedTuple):
    """What `ListPhotos` found; each listed photo is in exactly one of the three.

    Attributes:
      to_score: `PhotoRef`.
      resumed: Kept rows, tables of `scored_photos.SCHEMA`.
      rejected: Tables of `rejections.SCHEMA`.
      counts: `dict[str, int]` with `photos_listed` and `photos_rejected`.
    """

    to_score: beam.PCollection[records.PhotoRef]
    resumed: beam.PCollection[pa.Table]
    rejected: beam.PCollection[pa.Table]
    counts: beam.PCollection[dict[str, int]]


class ListPhotos(beam.PTransform):
    """Lists photos by store folder, in parallel, and resumes kept scores.

    A kept score is resumed where the photo's bytes are the same; the scores of a
    published run are resumed even if their photos are gone.
    """

    def __init__(self, source: PhotoSource) -> None:
        """Takes the place to list."""
        super().__init__()
        self._source = source

    # Beam knows no type for a NamedTuple of outputs, and would warn.
    @decorators.no_annotations
    def expand(self, root: beam.Pipeline) -> ListedPhotos:
        """Lists, given the pipeline's root."""
        day = roots.at(self._source.input_root)
        folders = (
            root
            | "CreateFolders"
            >> beam.Create(photo_files.folders_of(day, self._source.day_folder))
            | "KeyFolders" >> beam.Map(_keyed)
        )
        kept_rows = (
            root
            | "CreateKept" >> beam.Create([self._source.scores])
            | "ReadKept" >> beam.FlatMap(_read_by_folder)
        )
        outputs = (
            {"folders": folders, "kept": kept_rows}
            | "MeetKept" >> beam.CoGroupByKey()
            | "ListFolder"
            >> beam.ParDo(_ListFolder(self._source)).with_outputs(
                "resumed", "rejected", "counts", main="to_score"
            )
        )
        return ListedPhotos(
            outputs.to_score | "SpreadPhotos" >> beam.Reshuffle(),
            outputs.resumed,
            outputs.rejected,
            outputs.counts,
        )


def _keyed(folder: str) -> tuple[str, None]:
    return folder, None


def _read_by_folder(
    scores: kept.KeptScores,
) -> Iterator[tuple[str, tuple[bool, int, bytes]]]:
    for order, (table, is_published) in enumerate(scores.read()):
        for folder, rows in partitions.by_folder(table):
            yield folder, (is_published, order, packing.pack(rows))


class _ListFolder(beam.DoFn):
    def __init__(self, source: PhotoSource) -> None:
        self._source = source

    @decorators.no_annotations
    def process(
        self, element: tuple[str, dict[str, Iterable[Any]]]
    ) -> Iterator[records.PhotoRef | beam.pvalue.TaggedOutput]:
        folder, groups = element
        found = photo_files.find_photos(
            roots.at(self._source.input_root), self._source.day_folder, folder
        )
        refs, rejected = self._without_killers(found)
        resumed = _resumable(refs, groups["kept"])
        done = set(resumed["photo"].to_pylist())
        to_score = [ref for ref in refs if ref.photo not in done]
        yield from to_score
        if done:
            yield beam.pvalue.TaggedOutput("resumed", resumed)
        if rejected:
            yield beam.pvalue.TaggedOutput("rejected", rejections.to_table(rejected))
        counts = {
            "photos_listed": len(to_score) + len(done) + len(rejected),
            "photos_rejected": len(rejected),
            "photos_gone": len(done - {ref.photo for ref in refs}),
        }
        yield beam.pvalue.TaggedOutput("counts", counts)
        if self._source.work_folder:
            inflight.write_listed(
                self._source.work_folder, folder, len(to_score), len(done)
            )

    def _without_killers(
        self, found: photo_files.FoundPhotos
    ) -> tuple[list[records.PhotoRef], list[records.Rejection]]:
        if not self._source.work_folder:
            return found
        strikes = inflight.load_strikes(self._source.work_folder)
        killers = {
            photo for photo, count in strikes.items() if count >= inflight.MAX_STRIKES
        }
        refs = [ref for ref in found.refs if ref.photo not in killers]
        killed = [
            records.Rejection("read", ref.photo, inflight.KILLED_A_WORKER)
            for ref in found.refs
            if ref.photo in killers
        ]
        return refs, found.rejections + killed


def _resumable(
    refs: list[records.PhotoRef], kept_rows: Iterable[tuple[bool, int, bytes]]
) -> pa.Table:
    photos = pa.array([ref.photo for ref in refs], pa.string())
    generations = pa.array([ref.generation for ref in refs], pa.string())
    usable = []
    for is_published, _, packed in sorted(kept_rows, key=lambda rows: rows[1]):
        table = packing.unpack(scored_photos.SCHEMA, [packed])
        now = generations.take(pc.index_in(table["photo"], photos))
        # What a published run used is used again where the photo is gone.
        is_usable = pc.equal(now, table["generation"]).fill_null(is_published)
        usable.append(table.filter(is_usable))
    return kept.newest_rows(usable)
