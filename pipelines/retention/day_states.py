"""What a warehouse holds of one trading day: published files, and its job's state."""

import dataclasses
import datetime
import os
import pathlib

from pipelines.publishing import places, versions, warehouse
from pipelines.retention import purge_records
from pipelines.storage import kept, local, roots
from schemas import tables

Files = tuple[roots.Entry, ...]

_PER_PERSON = frozenset(table.folder for table in tables.PER_PERSON)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DayState:
    """One day as it was listed.

    Attributes:
      manifest: Of the published version; None: the day is not published.
      token: See `places.Place.token`.
      tables: Published files with rows of single photos, receipts or lines.
      old_versions: Files of versions that are not the published one.
      staging: What runs staged.
      trash: What is half deleted.
      refused: Rejections of refused runs.
      scores: Scores that the published day used; none or one file.
      other_scores: All other kept scores.
      work: Marks and strikes of this machine's workers.
      has_journal: Whether a publish was cut off.
      published_at_utc: When the published version was placed; None: it was not.
      cut_off_purges: See `purge_records.cut_off`.
    """

    manifest: versions.Manifest | None
    token: str
    tables: Files
    old_versions: Files
    staging: Files
    trash: Files
    refused: Files
    scores: Files
    other_scores: Files
    work: Files
    has_journal: bool
    published_at_utc: datetime.datetime | None
    cut_off_purges: tuple[str, ...]

    @property
    def needs_recovery(self) -> bool:
        """Whether a run died while it staged or published, or right after."""
        is_unadopted = any(kept.run_that_used(file) for file in self.other_scores)
        left = self.staging or self.trash or self.old_versions
        return self.has_journal or is_unadopted or bool(left)

    def last_unfinished_utc(self) -> datetime.datetime | None:
        """Tells when an unfinished or refused run wrote last; None: there is none."""
        left = [*self.refused, *self.other_scores]
        left += [file for file in self.staging if purge_records.NAME not in file.path]
        written = [file.updated_at_utc for file in left]
        # What a purge has left behind needs no time of grace.
        if (self.old_versions or self.has_journal) and not self.cut_off_purges:
            written += [file.updated_at_utc for file in self.old_versions]
            # A version is superseded when the next one is placed.
            written += [self.published_at_utc] if self.published_at_utc else []
        return max(written, default=None)


def read(day: warehouse.Day) -> DayState:
    """Lists one day.

    Raises:
      roots.StorageError: the warehouse cannot be read.
    """
    root = roots.at(day.warehouse)
    place = places.of(day)
    token = place.token()
    manifest = place.manifest()
    published = "" if manifest is None else day.version_folder(manifest.version)
    files = tuple(root.files(day.versions_folder))
    scores = tuple(root.files(day.kept_folder))
    used = kept.newest_published(scores) if manifest is not None else None
    return DayState(
        manifest=manifest,
        token=token,
        tables=tuple(
            file for file in files if _table_of(file, published) in _PER_PERSON
        ),
        old_versions=tuple(file for file in files if not _is_below(file, published)),
        staging=tuple(root.files(day.staging_folder)),
        trash=_trash(day),
        refused=tuple(root.files(day.refused_folder)),
        scores=() if used is None else (used,),
        other_scores=tuple(file for file in scores if file != used),
        work=_work(day),
        has_journal=not day.is_in_bucket and os.path.exists(day.journal_path),
        published_at_utc=max(
            (file.updated_at_utc for file in files if _is_below(file, published)),
            default=None,
        ),
        cut_off_purges=tuple(purge_records.cut_off(day)),
    )


def _is_below(file: roots.Entry, version: str) -> bool:
    return bool(version) and file.path.startswith(f"{version}/")


def _table_of(file: roots.Entry, version: str) -> str:
    below = file.path.removeprefix(f"{version}/")
    return below.rpartition("/")[0]


def _trash(day: warehouse.Day) -> Files:
    return () if day.is_in_bucket else tuple(_below(day, day.trash_path))


def _work(day: warehouse.Day) -> Files:
    if not os.path.isdir(day.work_path):
        return ()
    return tuple(local.LocalRoot(day.work_path).files(""))


def _below(day: warehouse.Day, folder: str) -> list[roots.Entry]:
    path = pathlib.Path(folder).relative_to(day.warehouse).as_posix()
    return list(local.LocalRoot(day.warehouse).files(path))
