"""Flags of `tillage purge` as validated settings."""

import argparse
import datetime
from collections.abc import Sequence

from pipelines import config, flag_values, flags
from pipelines.retention import settings
from pipelines.storage import roots

_EXAMPLE = """\
examples:
  tillage purge --warehouse /data/warehouse --input /data/tills \\
      --photos-after-days 7 --tables-after-days 400 --dry-run
  tillage purge --warehouse gs://chain-warehouse --tables-after-days 400

Photos go once their day is published and its scores are kept; a day that is not
published keeps its photos. Of the tables, those with a row for each photo, receipt or
line go, and kept scores with them; demand, cashier_days and runs stay. With --input,
tables wait until the photos of their day are gone. Every purge also clears away what
dead runs left. What was deleted, when, and by which rule stands in
WAREHOUSE/purges/date=DAY/. The same command may be given again at any time.
Exit codes: 0 purged, 1 a day could not be purged, 2 bad usage or input.
"""
_FLAGS = {
    "warehouse": "--warehouse",
    "input_root": "--input",
    "as_of": "--as-of",
    "photos_after_days": "--photos-after-days",
    "tables_after_days": "--tables-after-days",
    "leftovers_after_days": "--leftovers-after-days",
}
"""The flag behind each setting."""


def parse(argv: Sequence[str], today: datetime.date) -> settings.PurgeConfig:
    """Reads the flags of one purge.

    Raises:
      flags.UsageError: a flag is missing, unknown, or out of range.
      SystemExit: `--help` was asked for.
    """
    given = vars(_parser(today).parse_args(list(argv)))
    if given["as_of"] > today and not given["is_dry_run"]:
        raise flags.UsageError(
            f"--as-of must not be after today, {today}, but with --dry-run; "
            f"received {given['as_of']}"
        )
    try:
        wanted = settings.PurgeConfig(**given)
    except config.SettingsError as error:
        flag = _FLAGS[error.setting]
        raise flags.UsageError(error.message_for(flag)) from error
    for setting, place in (
        ("warehouse", wanted.warehouse),
        ("input_root", wanted.input_root or ""),
    ):
        try:
            roots.check_kind(place)
        except roots.StorageError as error:
            raise flags.UsageError(f"{_FLAGS[setting]} {error}") from error
    return wanted


def _parser(today: datetime.date) -> flags.Parser:
    parser = flags.Parser(
        prog="tillage purge",
        description="Deletes photos, rows and leftovers that are older than they may "
        "be.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_places(parser.add_argument_group("what and where"), today)
    _add_limits(parser.add_argument_group("limits"))
    return parser


def _add_places(group: argparse._ArgumentGroup, today: datetime.date) -> None:
    group.add_argument(
        "--warehouse", required=True, metavar="WAREHOUSE", help="folder of the tables"
    )
    group.add_argument(
        "--input",
        dest="input_root",
        metavar="ROOT",
        help="folder, or gs://bucket/prefix, with photos/ (default: none)",
    )
    group.add_argument(
        "--as-of",
        type=flag_values.date,
        default=today,
        metavar="YYYY-MM-DD",
        help="day from which ages count (default: today, UTC)",
    )
    group.add_argument(
        "--dry-run",
        dest="is_dry_run",
        action="store_true",
        help="say what would go, and change nothing",
    )


def _add_limits(group: argparse._ArgumentGroup) -> None:
    for name, meaning, default in (
        ("photos", "photos of published days", None),
        ("tables", "rows for single photos, receipts and lines", None),
        ("leftovers", "unfinished and refused runs", 7),
    ):
        group.add_argument(
            f"--{name}-after-days",
            type=int,
            default=default,
            metavar="N",
            help=f"days after which {meaning} go (default: "
            f"{'never' if default is None else default})",
        )
