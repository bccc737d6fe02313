"""When a day of a store's camera is called unusual."""

import dataclasses

from schemas import store_drift


@dataclasses.dataclass(frozen=True, kw_only=True)
class DriftSettings:
    """When a day is called unusual.

    Attributes:
      window_days: How far back days are compared with, calendar days.
      min_days: Fewest days before a day is judged.
      min_same_weekdays: From how many on, only the same weekday gives the expected.
      min_photos: Fewest photos a day; others are neither judged nor compared with.
      false_alarm_rate: Share of the store-days of steady stores with an alarm.
      min_turned_photos: Fewest turned photos a day for an alarm: people bend, and
        children lie.
      min_turned_share: Least share of the faces that they must be, too.
    """

    window_days: int = 56
    min_days: int = 14
    min_same_weekdays: int = 4
    min_photos: int = 10
    false_alarm_rate: float = 0.005
    min_turned_photos: int = 10
    min_turned_share: float = 0.1

    def __post_init__(self) -> None:
        """Checks the values.

        Raises:
          ValueError: they cannot be used.
        """
        if self.min_days < 7 or self.min_same_weekdays < 3 or self.min_photos < 1:
            raise ValueError(
                "min_days, min_same_weekdays, min_photos must be 7, 3, 1 or more. "
                f"Received: {self.min_days}, {self.min_same_weekdays}, "
                f"{self.min_photos}"
            )
        if not 0 < self.false_alarm_rate < 1:
            raise ValueError(
                "false_alarm_rate must be between 0 and 1. "
                f"Received: {self.false_alarm_rate}"
            )
        if self.min_turned_photos < 1 or not 0 < self.min_turned_share <= 1:
            raise ValueError(
                "min_turned_photos must be 1 or more, min_turned_share above 0 and at "
                f"most 1. Received: {self.min_turned_photos}, {self.min_turned_share}"
            )

    @property
    def alpha(self) -> float:
        """Limit of a measure's p-value."""
        return self.false_alarm_rate / len(store_drift.COMPARED)
