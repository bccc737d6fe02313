"""Renders sample trading days: `tillage sample-day --output /tmp/tills`."""

import argparse
import sys
from collections.abc import Sequence

from pipelines import flag_values, flags
from pipelines.sample import days, settings, summary

_EXAMPLE = """\
examples:
  tillage sample-day --output /tmp/tills --days 2
  tillage sample-day --output /tmp/tills --faces faces.tar --labels labels.csv \\
      --purchase-lines lines.parquet

The folder then holds photos/, captures/, purchases/ and stores.csv for `tillage
score`, and truth/ to check it by. The same flags give the same bytes.
Exit codes: 0 rendered, 2 bad usage or input.
"""
_NUMBERS = (
    ("--days", "num_days", settings.SampleSettings.num_days, "trading days in a row"),
    ("--stores", "num_stores", settings.SampleSettings.num_stores, "stores"),
    ("--seed", "seed", settings.SampleSettings.seed, "of all that is left to chance"),
    ("--workers", "num_workers", 0, "processes; 0: one a core"),
)


def main(argv: Sequence[str]) -> int:
    """Renders days.

    Args:
      argv: Flags.

    Returns:
      Exit code: 0, or 2 for bad usage or input.
    """
    try:
        wanted = parse(argv)
        tally = days.render(wanted)
    except flags.UsageError as error:
        print(f"tillage sample-day: {error}", file=sys.stderr)
        return 2
    print("\n".join(summary.lines(wanted, tally)))
    return 0


def parse(argv: Sequence[str]) -> settings.SampleSettings:
    """Reads the flags.

    Raises:
      flags.UsageError: a flag is missing, unknown, or out of range.
      SystemExit: `--help` was asked for.
    """
    given = vars(_parser().parse_args(list(argv)))
    if given["transactions_per_store"] is None:
        given["transactions_per_store"] = (
            settings.REAL_TRANSACTIONS
            if given["purchase_lines"]
            else settings.RENDERED_TRANSACTIONS
        )
    given["faces"] = tuple(given["faces"])
    try:
        return settings.SampleSettings(**given)
    except ValueError as error:
        raise flags.UsageError(str(error)) from error


def _parser() -> flags.Parser:
    parser = flags.Parser(
        prog="tillage sample-day",
        description="Renders sample trading days: photos, purchase log and the truth.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_amounts(parser.add_argument_group("what and how much"))
    _add_sources(parser.add_argument_group("from real photos and lines"))
    return parser


def _add_amounts(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--output", required=True, metavar="DIR", help="folder to write into"
    )
    group.add_argument(
        "--date",
        dest="first_day",
        type=flag_values.date,
        default=settings.SampleSettings.first_day,
        metavar="YYYY-MM-DD",
        help="first trading day (default: %(default)s)",
    )
    for flag, name, default, meaning in _NUMBERS:
        group.add_argument(
            flag,
            dest=name,
            type=int,
            default=default,
            metavar="N",
            help=f"{meaning} (default: %(default)s)",
        )
    group.add_argument(
        "--transactions-per-store",
        type=int,
        metavar="N",
        help="receipts per store and day, each with about 1.2 photos (default: "
        f"{settings.RENDERED_TRANSACTIONS}; {settings.REAL_TRANSACTIONS} with "
        "--purchase-lines)",
    )
    group.add_argument(
        "--student-share",
        type=float,
        default=settings.SampleSettings.student_share,
        metavar="SHARE",
        help="share of shoppers, 0 to 1, who are students of 18 to 24, beside the "
        "usual ages: stores near a university (default: %(default)s)",
    )


def _add_sources(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--faces",
        action="append",
        default=[],
        metavar="DIR_OR_TAR",
        help="photos of real faces instead of rendered ones; may be repeated",
    )
    group.add_argument(
        "--labels",
        metavar="CSV",
        help="their ages: columns file_name and real_age (years), and split where "
        "a training run dealt them (its splits.csv)",
    )
    group.add_argument(
        "--face-split",
        choices=settings.FACE_SPLITS,
        default=settings.SampleSettings.face_split,
        help="test: only faces that no model is trained on (default: %(default)s)",
    )
    group.add_argument(
        "--purchase-lines",
        metavar="PARQUET",
        help="real lines with basket_id and household_age_band instead of made-up "
        "ones; baskets come back when all have come",
    )
