"""Flags of `tillage score`: the only argument parser of scoring."""

import argparse
import datetime
from collections.abc import Sequence

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


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError(message)


def parse(argv: Sequence[str]) -> tuple[config.ScoreConfig, list[str]]:
    """Reads the flags of one run.

    Returns:
      The settings, and the flags that are left for Beam.

    Raises:
      UsageError: a flag is missing, unknown to everybody, or out of range.
      SystemExit: `--help` was asked for.
    """
    flags, leftovers = _parser().parse_known_args(list(argv))
    _refuse_unknown(leftovers)
    try:
        return _to_config(flags), leftovers
    except ValueError as error:
        raise UsageError(str(error)) from error


def _to_config(flags: argparse.Namespace) -> config.ScoreConfig:
    return config.ScoreConfig(
        input_root=flags.input,
        output_root=flags.output,
        day=flags.date,
        bundle=flags.bundle,
        num_workers=flags.workers,
        is_fresh=flags.fresh,
        num_table_shards=flags.table_shards,
        hang_seconds=flags.hang_seconds,
        runner=None if flags.runner in (None, "DirectRunner") else flags.runner,
        scoring=config.Scoring(
            engine=flags.engine,
            face_crop=flags.face_crop,
            batch_size=flags.batch_size,
            min_face_px=flags.min_face_px,
            min_size_ratio=flags.min_size_ratio,
            min_sharpness=flags.min_sharpness,
        ),
        joining=config.Joining(
            day_starts_at=flags.day_starts_at,
            timezone=flags.timezone,
            restricted_categories=flags.restricted_categories,
            match_slack_seconds=flags.match_slack_seconds,
            max_clock_offset_seconds=flags.max_clock_offset_seconds,
            legal_age_years=flags.legal_age,
            challenge_age_years=flags.challenge_age,
            eligible_probability=flags.eligible_probability,
            age_groups=flags.age_groups,
            num_partitions=flags.join_partitions,
        ),
        limits=config.Limits(
            max_rejected_fraction=flags.max_rejected_fraction,
            allow_shrink=flags.allow_shrink,
        ),
        secrecy=config.Secrecy(
            key_file=flags.pseudonym_key_file, cashier_ids=flags.cashier_ids
        ),
    )


def _refuse_unknown(leftovers: Sequence[str]) -> None:
    if not leftovers:
        return
    # Beam takes seconds to import, and most runs pass it nothing.
    from apache_beam.options import pipeline_options

    beam_parser = _Parser(allow_abbrev=False, add_help=False)
    for options in pipeline_options.PipelineOptions.__subclasses__():
        options._add_argparse_args(beam_parser)
    _, unknown = beam_parser.parse_known_args(list(leftovers))
    if unknown:
        raise UsageError(
            f"unknown flag {unknown[0]}; see tillage score --help, "
            "or the flags of the Beam runner"
        )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tillage score",
        description="Scores one trading day and publishes its tables.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_places(parser.add_argument_group("what and where"))
    _add_scoring(parser.add_argument_group("photos to ages"))
    _add_joining(parser.add_argument_group("joining and tables"))
    _add_running(parser.add_argument_group("running and publishing"))
    return parser


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
