"""What a purge deletes of one trading day, what it keeps, and why."""

import dataclasses
import datetime

from pipelines.storage import roots

PHOTOS = "photos"
TABLES = "tables"
SCORES = "kept scores"
STAGING = "staging"
VERSIONS = "old versions"
REFUSED = "refused runs"
WORK = "work files"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Files of one kind that one rule asks for.

    Attributes:
      kind: One of the kinds above.
      rule: Such as `photos-after-days=7`.
      files: The files, below the input root if they are photos, else below the
        warehouse; work files are on this machine.
    """

    kind: str
    rule: str
    files: tuple[roots.Entry, ...]

    def tally(self) -> "Tally":
        """Counts the files."""
        return Tally(
            kind=self.kind,
            rule=self.rule,
            files=len(self.files),
            bytes=sum(file.size for file in self.files),
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How much one rule asks for.

    Attributes:
      kind: One of the kinds above.
      rule: Such as `photos-after-days=7`.
      files: Number of files.
      bytes: Bytes of all files.
    """

    kind: str
    rule: str
    files: int
    bytes: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """What is to become of one day.

    Attributes:
      date: Trading day.
      removals: What goes, none of it empty.
      kept: What stays though it is old, and why, one sentence a reason.
      needs_recovery: Whether a run died while it staged or published.
      cut_off_purges: Records of killed purges of the day.
      token: State of the day that this was chosen from.
    """

    date: datetime.date
    removals: tuple[Removal, ...] = ()
    kept: tuple[str, ...] = ()
    needs_recovery: bool = False
    cut_off_purges: tuple[str, ...] = ()
    token: str = ""

    def of(self, kind: str) -> tuple[roots.Entry, ...]:
        """Gives the files of one kind."""
        return tuple(
            file
            for removal in self.removals
            if removal.kind == kind
            for file in removal.files
        )
