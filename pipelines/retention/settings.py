"""Settings of a purge: frozen, validated, of real types."""

import dataclasses
import datetime

from pipelines import config

_MAX_DAYS = 36_500


@dataclasses.dataclass(frozen=True, kw_only=True)
class PurgeConfig:
    """Everything that one run of `tillage purge` is asked to do.

    A day is older than a limit if more days than that lie between it and `as_of`.

    Attributes:
      warehouse: Folder of the tables, or a place in a bucket.
      as_of: Day from which ages count.
      input_root: Folder with `photos/`; None: photos are nobody's business here.
      photos_after_days: Days that a photo is kept; None: for ever.
      tables_after_days: Days that rows for single photos, receipts and lines are kept;
        None: for ever.
      leftovers_after_days: Days that an unfinished or refused run is left alone.
      is_dry_run: Whether to say what would go, and change nothing.
    """

    warehouse: str
    as_of: datetime.date
    input_root: str | None = None
    photos_after_days: int | None = None
    tables_after_days: int | None = None
    leftovers_after_days: int = 7
    is_dry_run: bool = False

    def __post_init__(self) -> None:
        """Checks the values.

        Raises:
          config.SettingsError: one cannot be used.
        """
        for place in ("warehouse", "input_root"):
            received = getattr(self, place)
            if received == "":
                raise config.SettingsError(place, "must not be empty", "''")
        for limit in ("photos_after_days", "tables_after_days", "leftovers_after_days"):
            received = getattr(self, limit)
            if received is not None and not 0 <= received <= _MAX_DAYS:
                rule = f"must be between 0 and {_MAX_DAYS} days"
                raise config.SettingsError(limit, rule, received)
        if self.photos_after_days is not None and self.input_root is None:
            rule = "needs --input, where the photos are"
            raise config.SettingsError("photos_after_days", rule, "none")
        self._check_order()

    def _check_order(self) -> None:
        photos, tables = self.photos_after_days, self.tables_after_days
        # What tells which photos were scored goes with the tables.
        if photos is not None and tables is not None and tables < photos:
            rule = f"must not be less than --photos-after-days, {photos}"
            raise config.SettingsError("tables_after_days", rule, tables)

    def asks_for_photos_of(self, day: datetime.date) -> bool:
        """Tells whether the photos of a day are older than they may be."""
        return self._is_older(day, self.photos_after_days)

    def asks_for_tables_of(self, day: datetime.date) -> bool:
        """Tells whether the rows of a day are older than they may be."""
        return self._is_older(day, self.tables_after_days)

    def _is_older(self, day: datetime.date, limit: int | None) -> bool:
        return limit is not None and (self.as_of - day).days > limit
