"""Settings of a report: frozen, validated, of real types."""

import dataclasses
import datetime
import json

from pipelines import config
from pipelines.domain import age_groups, minor_bands

LEVELS = ("category", "product")

MAX_DAYS = 1_100
"""Three years; a longer span is a slip of the keyboard."""

_MAX_GROUPS = 8
# Cells of fewer people are shown by hardly any office of statistics.
_LEAST_CELL_BASKETS = 5
_BAND_BOUNDS = age_groups.FIVE_YEAR_BANDS.bounds_years


@dataclasses.dataclass(frozen=True, kw_only=True)
class ReportConfig:
    """Everything that one run of `tillage report` is asked to do.

    Attributes:
      warehouse: Folder of the published tables.
      first_day: First trading day, inclusive.
      last_day: Last trading day, inclusive.
      output: Folder of the report; an older report there is replaced as a whole.
      level: What demand is told by, one of `LEVELS`.
      group_bounds_years: Rising lower bounds in years of all groups but the first;
        multiples of 5, because the nightly tables hold bands of five years.
      legal_age_years: From which age-restricted products may be sold.
      challenge_age_years: Who looks younger shows ID.
      period_days: Days of one period of the cashier audit.
      min_eligible_sales: Fewer in a period do not judge a cashier.
      min_expected: As above, for the unchecked sales that peers lead to expect.
      min_baskets: Fewest baskets of a reliable figure, and of an offer.
      min_cell_baskets: Cells with fewer are suppressed.
      bootstrap_draws: Behind each bootstrap interval.
      seed: Of the random draws; the same seed gives the same report.
      bundle: Folder of the age model that scored the days; None: the one that ships
        with the package.
    """

    warehouse: str
    first_day: datetime.date
    last_day: datetime.date
    output: str
    level: str = LEVELS[0]
    group_bounds_years: tuple[int, ...] = age_groups.REPORT_GROUPS.bounds_years
    legal_age_years: int = 18
    challenge_age_years: int = 25
    period_days: int = 28
    min_eligible_sales: int = 100
    min_expected: float = 5.0
    min_baskets: int = 30
    min_cell_baskets: int = 10
    bootstrap_draws: int = 200
    seed: int = 0
    bundle: str | None = None

    def __post_init__(self) -> None:
        """Checks the values.

        Raises:
          config.SettingsError: one cannot be used.
        """
        for place in ("warehouse", "output", "bundle"):
            self._require(getattr(self, place) != "", place, "must not be empty")
        choices = ", ".join(LEVELS)
        self._require(self.level in LEVELS, "level", f"must be one of {choices}")
        self._check_span()
        self._check_ages()
        self._check_between("period_days", 1, 366)
        self._check_between("min_eligible_sales", 1, 10**6)
        self._check_between("min_expected", 0, 10**6)
        self._check_between("min_cell_baskets", _LEAST_CELL_BASKETS, 10**6)
        self._check_between("min_baskets", self.min_cell_baskets, 10**6)
        self._check_between("bootstrap_draws", 20, 10_000)
        self._check_between("seed", 0, 2**32 - 1)

    @property
    def num_days(self) -> int:
        """Days of the span, published or not."""
        return (self.last_day - self.first_day).days + 1

    @property
    def groups(self) -> age_groups.AgeGroups:
        """Age groups of the report."""
        return age_groups.AgeGroups(self.group_bounds_years)

    def to_json(self) -> str:
        """Writes every setting, sorted."""
        return json.dumps(dataclasses.asdict(self), default=str, sort_keys=True)

    def _check_span(self) -> None:
        self._require(
            self.first_day <= self.last_day,
            "last_day",
            f"must not be before the first day, {self.first_day}",
        )
        self._require(
            self.num_days <= MAX_DAYS,
            "last_day",
            f"must be at most {MAX_DAYS} days from the first day, {self.first_day}",
        )

    def _check_ages(self) -> None:
        bounds = self.group_bounds_years
        self._require(
            bool(bounds)
            and len(bounds) < _MAX_GROUPS
            and bounds == tuple(sorted(set(bounds)))
            and set(bounds) <= set(_BAND_BOUNDS),
            "group_bounds_years",
            f"must be 1 to {_MAX_GROUPS - 1} rising multiples of 5 between "
            f"{_BAND_BOUNDS[0]} and {_BAND_BOUNDS[-1]} years",
        )
        self._check_between("legal_age_years", minor_bands.MIN_BUYER_YEARS + 1, 100)
        self._check_between("challenge_age_years", self.legal_age_years, 100)

    def _check_between(self, setting: str, least: float, most: float) -> None:
        # Neither NaN nor an infinity is between two numbers.
        is_met = least <= getattr(self, setting) <= most
        self._require(is_met, setting, f"must be between {least} and {most}")

    def _require(self, is_met: bool, setting: str, rule: str) -> None:
        if not is_met:
            received = getattr(self, setting)
            if isinstance(received, tuple):
                received = ",".join(map(str, received))
            raise config.SettingsError(setting, rule, received or repr(received))
