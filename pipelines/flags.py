"""What each flag of `tillage score` is called, takes and means."""

import argparse
import datetime

from pipelines import config

_EXAMPLE = """\
example:
  export TILLAGE_PSEUDONYM_KEY=$(cat /etc/tillage/key)
  tillage score --input /data/tills --output /data/warehouse --date 2026-11-21

Flags that are not listed here go to Apache Beam, such as --runner and its own.
Exit codes: 0 published, 1 refused or failed, 2 bad usage or input.
"""


class UsageError(Exception):
    """The command cannot be carried out as given; the message says how to mend it."""


class Parser(argparse.ArgumentParser):
    """Raises `UsageError` where argparse would print and exit."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Raises the message."""
        raise UsageError(message)


def parser() -> Parser:
    """Makes the parser of `tillage score`."""
    score = Parser(
        prog="tillage score",
        description="Scores one trading day and publishes its tables.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_places(score.add_argument_group("what and where"))
    _add_scoring(score.add_argument_group("photos to ages"))
    _add_joining(score.add_argument_group("joining and tables"))
    _add_running(score.add_argument_group("running and publishing"))
    return score


def _add_places(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--input", required=True, metavar="ROOT", help="folder with photos/, purchases/"
    )
    group.add_argument(
        "--output", required=True, metavar="WAREHOUSE", help="folder of the tables"
    )
    group.add_argument(
        "--date",
        required=True,
        type=_date,
        metavar="YYYY-MM-DD",
        help="the stores' local trading day",
    )
    group.add_argument(
        "--bundle", metavar="DIR", help="age model (default: the one that ships)"
    )
    group.add_argument(
        "--pseudonym-key-file",
        metavar="FILE",
        help="secret behind the pseudonyms (default: $TILLAGE_PSEUDONYM_KEY)",
    )
    group.add_argument(
        "--cashier-ids",
        choices=config.CASHIER_IDS,
        default="hmac",
        help="omit: write no pseudonyms, need no secret (default: %(default)s)",
    )


def _add_scoring(group: argparse._ArgumentGroup) -> None:
    defaults = config.Scoring()
    group.add_argument(
        "--engine",
        choices=config.ENGINES,
        default=defaults.engine,
        help="what runs the model (default: %(default)s)",
    )
    group.add_argument(
        "--face-crop",
        choices=config.FACE_CROPS,
        default=defaults.face_crop,
        help="auto: find the face; none: the whole photo (default: %(default)s)",
    )
    group.add_argument(
        "--batch-size",
        type=int,
        default=defaults.batch_size,
        metavar="N",
        help="photos per call of the engine (default: %(default)s)",
    )
    group.add_argument(
        "--min-face-px",
        type=int,
        metavar="N",
        help="smallest face side in pixels of the photo (default: the bundle's)",
    )
    group.add_argument(
        "--min-size-ratio",
        type=float,
        metavar="X",
        help="times larger than the next face, else several_faces (default: 1.5)",
    )
    group.add_argument(
        "--min-sharpness",
        type=float,
        metavar="X",
        help="below it a face is blurred (default: the bundle's)",
    )


def _add_joining(group: argparse._ArgumentGroup) -> None:
    defaults = config.Joining()
    group.add_argument(
        "--day-starts-at",
        type=datetime.time.fromisoformat,
        default=defaults.day_starts_at,
        metavar="HH:MM",
        help="local start of a trading day (default: 04:00)",
    )
    group.add_argument(
        "--timezone",
        metavar="ZONE",
        help="of stores not in stores.csv, such as Europe/Berlin",
    )
    group.add_argument(
        "--restricted-categories",
        type=_names,
        default=(),
        metavar="A,B",
        help="categories sold to adults only, where tills do not say",
    )
    group.add_argument(
        "--match-slack-seconds",
        type=float,
        default=defaults.match_slack_seconds,
        metavar="S",
        help="farthest from a transaction that a photo may lie (default: %(default)s)",
    )
    group.add_argument(
        "--max-clock-offset-seconds",
        type=float,
        default=defaults.max_clock_offset_seconds,
        metavar="S",
        help="largest clock error that is corrected (default: %(default)s)",
    )
    group.add_argument(
        "--legal-age",
        type=int,
        default=defaults.legal_age_years,
        metavar="YEARS",
        help="to buy restricted products (default: %(default)s)",
    )
    group.add_argument(
        "--challenge-age",
        type=int,
        default=defaults.challenge_age_years,
        metavar="YEARS",
        help="who looks younger shows ID (default: %(default)s)",
    )
    group.add_argument(
        "--eligible-probability",
        type=float,
        default=defaults.eligible_probability,
        metavar="P",
        help="of being under it, from which a sale counts (default: %(default)s)",
    )
    group.add_argument(
        "--age-groups",
        type=_bounds,
        default=defaults.age_groups,
        metavar="A,B",
        help="lower bounds in years of all groups but the first (default: 25,45,65)",
    )
    group.add_argument(
        "--join-partitions",
        type=int,
        default=defaults.num_partitions,
        metavar="N",
        help="parts the join is split into (default: %(default)s)",
    )


def _add_running(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--workers",
        type=int,
        default=0,
        metavar="N",
        help="worker processes (default: one a core)",
    )
    group.add_argument(
        "--fresh", action="store_true", help="ignore scores kept from earlier runs"
    )
    group.add_argument(
        "--max-rejected-fraction",
        type=float,
        default=config.Limits().max_rejected_fraction,
        metavar="X",
        help="of photos, and of lines, 0 to 1 (default: %(default)s)",
    )
    group.add_argument(
        "--allow-shrink",
        action="store_true",
        help="let the day replace a published one that is fuller",
    )
    group.add_argument(
        "--table-shards",
        type=int,
        default=1,
        metavar="N",
        help="files per table and day (default: %(default)s)",
    )
    group.add_argument(
        "--hang-seconds",
        type=float,
        default=120.0,
        metavar="S",
        help="silence after which workers are restarted (default: %(default)s)",
    )
    group.add_argument(
        "--runner", metavar="NAME", help="Beam runner (default: this machine)"
    )


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"a date looks like 2026-11-21, not {text!r}"
        ) from error


def _names(text: str) -> tuple[str, ...]:
    return tuple(sorted({name.strip() for name in text.split(",") if name.strip()}))


def _bounds(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(bound) for bound in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"age groups look like 25,45,65, not {text!r}"
        ) from error
