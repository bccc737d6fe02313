"""Decides what retention asks for of one trading day, and changes nothing."""

import datetime

from pipelines.publishing import warehouse
from pipelines.retention import day_states, photos, removals, settings
from pipelines.storage import roots

_WAITS = "rows of single people wait until the photos of the day are gone"


def make(
    day: warehouse.Day, wanted: settings.PurgeConfig, now: datetime.datetime
) -> removals.DayPlan:
    """Decides about one day.

    Args:
      day: The day; its lock is held, or nothing is to be changed.
      wanted: The limits.
      now: Now; leftovers are as old as what was written last.

    Raises:
      roots.StorageError: a root cannot be read.
      partitions.WarehouseError: a published table cannot be read.
    """
    state = day_states.read(day)
    written = state.last_unfinished_utc()
    grace = datetime.timedelta(days=wanted.leftovers_after_days)
    if written is not None and now - written < grace:
        left = f"left alone: a run that is not published wrote at {written:%F %R} UTC"
        return removals.DayPlan(date=day.date, kept=(left,))
    found, kept = [], []
    if wanted.asks_for_photos_of(day.date):
        gone, reasons = _photos(day, wanted, state)
        found, kept = [gone], reasons
    if wanted.asks_for_tables_of(day.date) and state.manifest is not None:
        if _has_others(day, wanted, {file for one in found for file in one.files}):
            kept.append(_WAITS)
        else:
            found += _tables(wanted, state)
    gone_too = {file for one in found for file in one.files}
    found += _leftovers(wanted, state, gone_too, now - grace)
    return removals.DayPlan(
        date=day.date,
        removals=tuple(one for one in found if one.files),
        kept=tuple(kept),
        needs_recovery=state.needs_recovery,
        cut_off_purges=state.cut_off_purges,
        token=state.token,
    )


def _photos(
    day: warehouse.Day, wanted: settings.PurgeConfig, state: day_states.DayState
) -> tuple[removals.Removal, list[str]]:
    split, reason = photos.split(wanted.input_root or "", day, state)
    stay = len(split.must_stay)
    kept = [f"{stay:,} files of photos stay: {reason}"] if stay else []
    rule = f"photos-after-days={wanted.photos_after_days}"
    return removals.Removal(kind=removals.PHOTOS, rule=rule, files=split.may_go), kept


def _has_others(
    day: warehouse.Day, wanted: settings.PurgeConfig, gone: set[roots.Entry]
) -> bool:
    if wanted.input_root is None:
        return False
    files = roots.at(wanted.input_root).files(f"photos/{day.partition}")
    return any(file not in gone for file in files)


def _tables(
    wanted: settings.PurgeConfig, state: day_states.DayState
) -> list[removals.Removal]:
    rule = f"tables-after-days={wanted.tables_after_days}"
    # Scores and rejections have a row for each photo or line, too.
    return [
        removals.Removal(kind=kind, rule=rule, files=files)
        for kind, files in (
            (removals.TABLES, state.tables),
            (removals.SCORES, (*state.scores, *state.other_scores)),
            (removals.REFUSED, state.refused),
        )
    ]


def _leftovers(
    wanted: settings.PurgeConfig,
    state: day_states.DayState,
    others: set[roots.Entry],
    before: datetime.datetime,
) -> list[removals.Removal]:
    rule = f"leftovers-after-days={wanted.leftovers_after_days}"
    is_old = all(file.updated_at_utc <= before for file in state.work)
    work = state.work if is_old else ()
    return [
        removals.Removal(
            kind=kind,
            rule=rule,
            files=tuple(file for file in files if file not in others),
        )
        for kind, files in (
            (removals.STAGING, (*state.staging, *state.trash)),
            (removals.VERSIONS, state.old_versions),
            (removals.REFUSED, state.refused),
            (removals.SCORES, state.other_scores),
            (removals.WORK, work),
        )
    ]
