"""Which photos of a published day may go: those that its tables account for."""

import dataclasses
from collections.abc import Mapping

import pyarrow as pa

from pipelines import records
from pipelines.publishing import partitions, warehouse
from pipelines.retention import day_states
from pipelines.storage import kept, photo_files, roots
from schemas import tables


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Accounted:
    """What a published run scored, and what it found to be no photos.

    A photo that it could not read or that killed its workers is in neither: under its
    name there may be a good one by now.

    Attributes:
      generations: Generation of each scored photo, which is in the published tables,
        and whose score is kept for late purchases.
      no_photos: Files and members that are no photos, with the reason.
    """

    generations: Mapping[str, str]
    no_photos: frozenset[tuple[str, str]]

    def holds(self, found: photo_files.FoundPhotos) -> bool:
        """Tells whether all that lies in one file is accounted for."""
        return bool(found.refs or found.rejections) and all(
            (
                *(
                    self.generations.get(ref.photo) == ref.generation
                    for ref in found.refs
                ),
                *(self._is_known(one) for one in found.rejections),
            )
        )

    def _is_known(self, one: records.Rejection) -> bool:
        is_unseen = one.reason.startswith(photo_files.UNREADABLE)
        return not is_unseen and (one.source, one.reason) in self.no_photos


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The photo files of one day.

    Attributes:
      may_go: Accounted for.
      must_stay: Not accounted for.
    """

    may_go: tuple[roots.Entry, ...]
    must_stay: tuple[roots.Entry, ...]


def split(
    input_root: str, day: warehouse.Day, state: day_states.DayState
) -> tuple[Split, str]:
    """Tells apart the photo files that may go and those that must stay.

    Returns:
      The files, and why some must stay.

    Raises:
      partitions.WarehouseError: the published tables cannot be read.
    """
    root, folder = roots.at(input_root), f"photos/{day.partition}"
    if state.manifest is None:
        return _all_stay(root, folder), "the day is not published"
    if tables.PHOTO_AGES.folder in state.manifest.purged:
        reason = "what told whether they were scored is purged; delete them by hand"
        return _all_stay(root, folder), reason
    if not state.scores:
        reason = "the scores of the published run are not kept; score the day again"
        return _all_stay(root, folder), reason
    accounted = _accounted(day, kept.read_file(day.warehouse, state.scores[0]))
    may_go: list[roots.Entry] = []
    must_stay: list[roots.Entry] = []
    for file, found in photo_files.by_file(root, folder):
        (may_go if accounted.holds(found) else must_stay).append(file)
    reason = "the published run did not account for them"
    return Split(may_go=tuple(may_go), must_stay=tuple(must_stay)), reason


def _all_stay(root: roots.Root, folder: str) -> Split:
    return Split(may_go=(), must_stay=tuple(root.files(folder)))


def _accounted(day: warehouse.Day, scores: pa.Table) -> Accounted:
    ages = _read(day, tables.PHOTO_AGES, ["photo"])
    rejected = _read(day, tables.REJECTIONS, ["stage", "source", "reason"]).to_pylist()
    in_tables = {*ages["photo"].to_pylist(), *(row["source"] for row in rejected)}
    pairs = zip(
        scores["photo"].to_pylist(), scores["generation"].to_pylist(), strict=True
    )
    return Accounted(
        generations={photo: seen for photo, seen in pairs if photo in in_tables},
        no_photos=frozenset(
            (row["source"], row["reason"]) for row in rejected if row["stage"] == "list"
        ),
    )


def _read(day: warehouse.Day, table: tables.Table, columns: list[str]) -> pa.Table:
    published = partitions.Partitions(
        warehouse=day.warehouse, table=table.folder, schema=table.schema
    )
    return published.read(day.date, columns)
