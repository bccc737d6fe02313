"""The record of what was deleted: `purges/date=D/<purge>.json` in the warehouse.

Before anything goes, `<purge>.begun.json` says what will: a purge that was killed
leaves it, and the one that does the rest notes so.
"""

import dataclasses
import datetime
import json
from collections.abc import Iterable, Mapping

from pipelines.publishing import warehouse
from pipelines.retention import removals
from pipelines.storage import roots

FOLDER = "purges"
NAME = "purge-"
"""How the name of every purge begins."""

_BEGUN, _ENDED = ".begun.json", ".json"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PurgeRecord:
    """The record of one day of one purge.

    Attributes:
      day: The day.
      name: Name of the purge.
      started_at_utc: When the purge began.
    """

    day: warehouse.Day
    name: str
    started_at_utc: datetime.datetime

    def begin(self, plan: removals.DayPlan) -> None:
        """Writes what is about to go."""
        self._write(_BEGUN, "begun", plan)

    def end(self, plan: removals.DayPlan) -> None:
        """Writes what is gone."""
        self._write(_ENDED, "done", plan)
        roots.at(self.day.warehouse).delete(f"{_folder(self.day)}/{self.name}{_BEGUN}")

    def _write(self, suffix: str, state: str, plan: removals.DayPlan) -> None:
        content = {
            "purge": self.name,
            "date": self.day.date.isoformat(),
            "started_at_utc": self.started_at_utc.isoformat(),
            "state": state,
            "deleted": [
                dataclasses.asdict(removal.tally()) for removal in plan.removals
            ],
            "kept": list(plan.kept),
        }
        _write(self.day, f"{_folder(self.day)}/{self.name}{suffix}", content)


def is_cut_off(path: str) -> bool:
    """Tells whether a file is the record of a purge that was killed."""
    return path.startswith(f"{FOLDER}/") and path.endswith(_BEGUN)


def cut_off(day: warehouse.Day) -> list[str]:
    """Lists the records of purges of a day that were killed, and not resumed yet."""
    files = roots.at(day.warehouse).files(_folder(day))
    return [file.path for file in files if is_cut_off(file.path)]


def close(day: warehouse.Day, paths: Iterable[str], name: str) -> None:
    """Notes in records of killed purges which purge did what they had begun."""
    root = roots.at(day.warehouse)
    for path in paths:
        ended = path.removesuffix(_BEGUN) + _ENDED
        if not root.exists(ended):
            content = json.loads(root.read(path)) | {"state": f"resumed by {name}"}
            _write(day, ended, content)
        root.delete(path)


def _folder(day: warehouse.Day) -> str:
    return f"{FOLDER}/{day.partition}"


def _write(day: warehouse.Day, path: str, content: Mapping[str, object]) -> None:
    encoded = json.dumps(content, indent=1).encode()
    roots.at(day.warehouse).write(path, encoded)
