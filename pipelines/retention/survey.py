"""Finds the days of which something may have to go, from few listings."""

import collections
import datetime
from collections.abc import Iterator

from pipelines.publishing import warehouse
from pipelines.retention import purge_records, settings
from pipelines.storage import kept, roots
from schemas import tables

_DATE = "date="
_PER_PERSON = tuple(f"/{table.folder}/" for table in tables.PER_PERSON)
_LEFT_BEHIND = ("staging", "trash", "refused", "journal", "work")


def days(wanted: settings.PurgeConfig) -> list[datetime.date]:
    """Lists days to look at closely, ascending; those without work may be among them.

    Raises:
      roots.StorageError: a root cannot be read, or the warehouse is not there.
    """
    root = roots.at(wanted.warehouse)
    if not root.folders(""):
        raise roots.StorageError(
            f"{wanted.warehouse}: no warehouse; name the folder that tillage score "
            "--output wrote"
        )
    found = {*_with_state(root, wanted), *_with_versions(root, wanted)}
    found |= {*_with_records(root)}
    if wanted.input_root is not None and wanted.photos_after_days is not None:
        photos = roots.at(wanted.input_root)
        if not photos.folders(""):
            raise roots.StorageError(
                f"{wanted.input_root}: no photos/ there; check --input"
            )
        names = (name.removeprefix(_DATE) for name in photos.folders("photos"))
        found |= {
            day
            for day in map(_day, names)
            if day is not None and wanted.asks_for_photos_of(day)
        }
    return sorted(found)


def _with_state(
    root: roots.Root, wanted: settings.PurgeConfig
) -> Iterator[datetime.date]:
    scores: dict[datetime.date, list[roots.Entry]] = collections.defaultdict(list)
    for file in root.files(warehouse.STATE):
        _, kind, *names = file.path.split("/")
        day = _day(names[0].removesuffix(".json")) if names else None
        if day is not None and kind in _LEFT_BEHIND:
            yield day
        elif day is not None and kind == "kept":
            scores[day].append(file)
    for day, files in scores.items():
        is_at_rest = len(files) == 1 and kept.newest_published(files) is not None
        if not is_at_rest or wanted.asks_for_tables_of(day):
            yield day


def _with_versions(
    root: roots.Root, wanted: settings.PurgeConfig
) -> Iterator[datetime.date]:
    versions: dict[datetime.date, set[str]] = collections.defaultdict(set)
    for file in root.files(".versions"):
        _, name, version, *_ = file.path.split("/")
        day = _day(name)
        if day is None:
            continue
        versions[day].add(version)
        is_per_person = any(folder in file.path for folder in _PER_PERSON)
        if is_per_person and wanted.asks_for_tables_of(day):
            yield day
    yield from (day for day, names in versions.items() if len(names) > 1)


def _with_records(root: roots.Root) -> Iterator[datetime.date]:
    for file in root.files(purge_records.FOLDER):
        day = _day(file.path.split("/")[1].removeprefix(_DATE))
        if day is not None and purge_records.is_cut_off(file.path):
            yield day


def _day(name: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(name)
    except ValueError:
        return None
