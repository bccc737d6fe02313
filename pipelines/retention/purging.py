"""Carries out a purge, day by day, under the lock that runs of a day hold."""

import dataclasses
import datetime
import secrets
import shutil
from collections.abc import Iterator

from pipelines.publishing import (
    locks,
    places,
    publish,
    versions,
    warehouse,
)
from pipelines.retention import day_plans, purge_records, removals, settings
from pipelines.storage import deletion, kept, roots
from schemas import tables

_CHANGED = "{} files were written anew while they were purged, and stay"
_PUBLISHED_MEANWHILE = "a run has published it meanwhile; start the purge again"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DayOutcome:
    """What became of one day.

    Attributes:
      date: Trading day.
      tallies: What was deleted, or would be.
      kept: See `removals.DayPlan`.
      failure: Why the day could not be purged; None: it was.
    """

    date: datetime.date
    tallies: tuple[removals.Tally, ...] = ()
    kept: tuple[str, ...] = ()
    failure: str | None = None

    @classmethod
    def of(cls, plan: removals.DayPlan, failure: str | None = None) -> "DayOutcome":
        """Counts what a plan names; the files themselves may be a million."""
        tallies = tuple(removal.tally() for removal in plan.removals)
        return cls(date=plan.date, tallies=tallies, kept=plan.kept, failure=failure)


def purge(
    wanted: settings.PurgeConfig, dates: list[datetime.date], now: datetime.datetime
) -> Iterator[DayOutcome]:
    """Purges days; each is done when it is yielded.

    A purge that is killed and started again ends as if it had not been. A day that
    another run holds is left as it is.

    Args:
      wanted: The limits.
      dates: See `survey.days`.
      now: Now.

    Raises:
      roots.StorageError: a root cannot be read or written.
      partitions.WarehouseError: a published table cannot be read.
    """
    name = f"{purge_records.NAME}{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    for date in dates:
        day = warehouse.day(wanted.warehouse, date)
        if wanted.is_dry_run:
            yield DayOutcome.of(day_plans.make(day, wanted, now))
            continue
        try:
            with locks.day_lock(day):
                yield _purge_day(day, wanted, now, name)
        except locks.DayIsLockedError as error:
            yield DayOutcome(date=date, failure=str(error))
        except places.DayChangedError:
            yield DayOutcome(date=date, failure=_PUBLISHED_MEANWHILE)
        except OSError as error:
            yield DayOutcome(date=date, failure=f"{error.filename}: {error.strerror}")


def _purge_day(
    day: warehouse.Day, wanted: settings.PurgeConfig, now: datetime.datetime, name: str
) -> DayOutcome:
    plan = day_plans.make(day, wanted, now)
    record = purge_records.PurgeRecord(day=day, name=name, started_at_utc=now)
    if plan.needs_recovery:
        plan = _recovered(record, plan, wanted, now)
    num_changed = 0
    if plan.removals:
        record.begin(plan)
        num_changed = _carry_out(day, plan, wanted, name)
        record.end(plan)
    purge_records.close(day, plan.cut_off_purges, name)
    failure = _CHANGED.format(num_changed) if num_changed else None
    return DayOutcome.of(plan, failure)


def _recovered(
    record: purge_records.PurgeRecord,
    before: removals.DayPlan,
    wanted: settings.PurgeConfig,
    now: datetime.datetime,
) -> removals.DayPlan:
    """Ends what a dead run had begun, and decides about the rest anew."""
    cleared = tuple(
        removal
        for removal in before.removals
        if removal.kind in (removals.STAGING, removals.VERSIONS)
    )
    if cleared:
        record.begin(dataclasses.replace(before, removals=cleared))
    publish.recover(record.day)
    _adopt_scores(record.day)
    after = day_plans.make(record.day, wanted, now)
    return dataclasses.replace(after, removals=(*cleared, *after.removals))


def _adopt_scores(day: warehouse.Day) -> None:
    """Keeps the scores of a run that died right after its publish."""
    for entry in list(roots.at(day.warehouse).files(day.kept_folder)):
        run_id = kept.run_that_used(entry)
        row = publish.read_run(day, run_id) if run_id else None
        if run_id and row and row["is_published"]:
            folder = entry.path.rpartition("/")[0]
            kept.KeptScores(
                warehouse=day.warehouse, folder=folder, run_id=run_id
            ).adopt_used()


def _carry_out(
    day: warehouse.Day, plan: removals.DayPlan, wanted: settings.PurgeConfig, name: str
) -> int:
    """Deletes what a plan names.

    Returns:
      How many files were replaced meanwhile, and stay.
    """
    num_changed = 0
    if photos := plan.of(removals.PHOTOS):
        root = roots.at(wanted.input_root or "")
        num_changed += deletion.delete_seen(root, photos)
        root.drop_empty_folders(f"photos/{day.partition}")
    if plan.of(removals.TABLES):
        _drop_tables(day, plan.token, name)
    root = roots.at(day.warehouse)
    state = (*plan.of(removals.SCORES), *plan.of(removals.REFUSED))
    num_changed += deletion.delete_seen(root, state)
    for folder in (day.kept_folder, day.refused_folder):
        root.drop_empty_folders(folder)
    if plan.of(removals.WORK):
        shutil.rmtree(day.work_path)
    return num_changed


def _drop_tables(day: warehouse.Day, token: str, name: str) -> None:
    """Publishes the day without its rows of single people, in one step."""
    place, root = places.of(day), roots.at(day.warehouse)
    manifest = place.manifest()
    if manifest is not None:
        gone = {table.folder for table in tables.PER_PERSON}
        place.shrink(versions.without(manifest, gone), token, name)
        for table in sorted(gone):
            root.drop_empty_folders(f"{table}/{day.partition}")
