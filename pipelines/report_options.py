"""Flags of `tillage report` as validated settings."""

import argparse
import dataclasses
from collections.abc import Callable, Sequence

from pipelines import config, flag_values, flags
from pipelines.reporting import settings
from pipelines.storage import roots

_EXAMPLE = """\
example:
  tillage report --warehouse /data/warehouse --from 2026-09-01 --to 2026-11-21 \\
      --output /data/reports/autumn

writes report.html (to be opened in a browser), report.xlsx, csv/ and parquet/ with
the same tables, and report.json with the settings. Days that are not published are
listed in the report and left out. No photo is read again.
Exit codes: 0 written, 1 failed, 2 bad usage or input.
"""


def parse(argv: Sequence[str]) -> settings.ReportConfig:
    """Reads the flags of one report.

    Raises:
      flags.UsageError: a flag is missing, unknown, or out of range.
      SystemExit: `--help` was asked for.
    """
    given, unknown = _parser().parse_known_args(list(argv))
    if unknown:
        kind = "unknown flag" if unknown[0].startswith("-") else "unexpected argument"
        raise flags.UsageError(f"{kind} {unknown[0]}; see tillage report --help")
    try:
        wanted = settings.ReportConfig(**vars(given))
    except config.SettingsError as error:
        flag = _name_of(error.setting)
        raise flags.UsageError(error.message_for(flag)) from error
    _check_place("warehouse", wanted.warehouse, roots.check_kind)
    _check_place("output", wanted.output, roots.check_kind)
    _check_place("bundle", wanted.bundle or "", roots.check_kind)
    return wanted


def _check_place(setting: str, place: str, check: Callable[[str], None]) -> None:
    try:
        check(place)
    except roots.StorageError as error:
        raise flags.UsageError(f"{_name_of(setting)} {error}") from error


@dataclasses.dataclass(frozen=True, slots=True)
class _Flag:
    """One flag.

    Attributes:
      name: As typed.
      setting: Field of `settings.ReportConfig` that it sets.
      meaning: For `--help`, with its unit.
      metavar: Name of its value, by which it is read; None: one of `LEVELS`.
      default: What `--help` says of it; empty: what the settings have.
    """

    name: str
    setting: str
    meaning: str
    metavar: str | None = None
    default: str = ""

    def add_to(self, group: argparse._ArgumentGroup) -> None:
        """Adds the flag to a parser."""
        group.add_argument(
            self.name,
            dest=self.setting,
            type=flag_values.READERS.get(self.metavar or "", str),
            choices=None if self.metavar else settings.LEVELS,
            required=not self._has_default(),
            default=argparse.SUPPRESS,
            metavar=self.metavar,
            help=self._help(),
        )

    def _has_default(self) -> bool:
        return hasattr(settings.ReportConfig, self.setting)

    def _help(self) -> str:
        if not self._has_default():
            return self.meaning
        default = getattr(settings.ReportConfig, self.setting)
        if isinstance(default, tuple):
            default = ",".join(map(str, default))
        return f"{self.meaning} (default: {self.default or default})"


_GROUPS = {
    "what and where": (
        _Flag("--warehouse", "warehouse", "folder of the tables", "WAREHOUSE"),
        _Flag("--from", "first_day", "first trading day, inclusive", "YYYY-MM-DD"),
        _Flag("--to", "last_day", "last trading day, inclusive", "YYYY-MM-DD"),
        _Flag(
            "--output",
            "output",
            "folder of the report, or a place such as gs://bucket/reports/autumn; made "
            "if need be, an older report is replaced",
            "DIR",
        ),
        _Flag(
            "--bundle",
            "bundle",
            "age model that scored the days",
            "DIR",
            default="the one that ships",
        ),
    ),
    "demand and offers": (
        _Flag("--level", "level", "tell demand by"),
        _Flag(
            "--groups",
            "group_bounds_years",
            "lower bounds in years of all age groups but the first, multiples of 5",
            "YEARS,YEARS",
        ),
        _Flag(
            "--min-baskets",
            "min_baskets",
            "fewest baskets of a reliable figure and of an offer",
            "N",
        ),
        _Flag(
            "--min-cell-baskets",
            "min_cell_baskets",
            "cells with fewer baskets are suppressed",
            "N",
        ),
    ),
    "cashier audit": (
        _Flag("--legal-age", "legal_age_years", "to buy restricted products", "YEARS"),
        _Flag(
            "--challenge-age",
            "challenge_age_years",
            "who looks younger shows ID",
            "YEARS",
        ),
        _Flag("--period-days", "period_days", "days of one audit period", "N"),
        _Flag(
            "--min-eligible-sales",
            "min_eligible_sales",
            "sales to young-looking buyers in a period; with fewer, no judgement",
            "N",
        ),
        _Flag(
            "--min-expected",
            "min_expected",
            "unchecked sales expected in a period; with fewer, no judgement",
            "X",
        ),
    ),
    "intervals": (
        _Flag(
            "--bootstrap-draws", "bootstrap_draws", "draws behind each interval", "N"
        ),
        _Flag("--seed", "seed", "of the draws; the same gives the same report", "N"),
    ),
}


def _parser() -> flags.Parser:
    parser = flags.Parser(
        prog="tillage report",
        description="Answers over a span of published days: which age group buys "
        "what, what to offer it, and a cashier audit.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for title, group in _GROUPS.items():
        section = parser.add_argument_group(title)
        for flag in group:
            flag.add_to(section)
    return parser


def _name_of(setting: str) -> str:
    return next(
        flag.name
        for group in _GROUPS.values()
        for flag in group
        if flag.setting == setting
    )
