"""What each flag of `tillage score` is called, takes, sets and means."""

import argparse
import dataclasses
import datetime
import operator
from collections.abc import Sequence

from pipelines import config, flag_values

_EXAMPLE = """\
example:
  export TILLAGE_PSEUDONYM_KEY=$(cat /etc/tillage/key)
  tillage score --input /data/tills --output /data/warehouse --date 2026-11-21

Flags that are not listed here, such as those of a --runner, go to Apache Beam.
Exit codes: 0 published, 1 refused or failed, 2 bad usage or input; for more see
--detailed-exit-codes and docs/operations.md.
"""


class UsageError(Exception):
    """The command cannot be carried out as given; the message says how to mend it."""


class Parser(argparse.ArgumentParser):
    """Raises `UsageError` where argparse would print and exit."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Raises the message."""
        raise UsageError(message)


def parser() -> Parser:
    """Makes the parser of `tillage score`.

    It gives the flags that were typed, under the names of their settings; those
    that were not typed are left out, so that defaults are the settings' own.
    """
    score = Parser(
        prog="tillage score",
        description="Scores one trading day and publishes its tables.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for title, group in _GROUPS.items():
        section = score.add_argument_group(title)
        for flag in group:
            flag.add_to(section)
    return score


def offered() -> list["Flag"]:
    """Lists every flag, as `--help` does."""
    return [flag for group in _GROUPS.values() for flag in group]


def name_of(setting: str) -> str:
    """Names the flag behind a field of the settings, such as `--batch-size`."""
    return next(
        flag.name for flag in offered() if flag.setting.rpartition(".")[2] == setting
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Flag:
    """One flag.

    Attributes:
      name: As typed.
      setting: Path of the field of `config.ScoreConfig` that it sets.
      meaning: For `--help`, with its unit.
      metavar: Name of its value, by which it is read; None: its choices, or it takes
        none.
      choices: All the texts it takes; None: any.
      default: What `--help` says of it; None: what the settings have.
    """

    name: str
    setting: str
    meaning: str
    metavar: str | None = None
    choices: Sequence[str] | None = None
    default: str | None = None

    @property
    def is_switch(self) -> bool:
        """Whether it takes no value."""
        return self.metavar is None and self.choices is None

    @property
    def is_required(self) -> bool:
        """Whether a command without it is refused."""
        return "." not in self.setting and not hasattr(config.ScoreConfig, self.setting)

    def add_to(self, group: argparse._ArgumentGroup) -> None:
        """Adds the flag to a parser."""
        if self.is_switch:
            group.add_argument(
                self.name,
                dest=self.setting,
                action="store_true",
                default=argparse.SUPPRESS,
                help=self.meaning,
            )
            return
        group.add_argument(
            self.name,
            dest=self.setting,
            type=flag_values.READERS.get(self.metavar or "", str),
            choices=self.choices,
            required=self.is_required,
            default=argparse.SUPPRESS,
            metavar=self.metavar,
            help=self._help(),
        )

    def _help(self) -> str:
        if self.is_required:
            return self.meaning
        default = self.default or _as_typed(
            operator.attrgetter(self.setting)(config.ScoreConfig)
        )
        return f"{self.meaning} (default: {default})"


def _as_typed(value: object) -> str:
    if isinstance(value, datetime.time):
        return value.isoformat("minutes")
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


_GROUPS = {
    "what and where": (
        Flag(
            "--input",
            "input_root",
            "folder, or gs://bucket/prefix, with photos/, purchases/",
            "ROOT",
        ),
        Flag("--output", "output_root", "folder of the tables", "WAREHOUSE"),
        Flag("--date", "day", "the stores' local trading day", "YYYY-MM-DD"),
        Flag("--bundle", "bundle", "age model", "DIR", default="the one that ships"),
        Flag(
            "--pseudonym-key-file",
            "secrecy.key_file",
            "secret behind the pseudonyms; file or gs:// place",
            "FILE",
            default="$TILLAGE_PSEUDONYM_KEY",
        ),
        Flag(
            "--cashier-ids",
            "secrecy.cashier_ids",
            "omit: write no pseudonyms, need no secret",
            choices=config.CASHIER_IDS,
        ),
    ),
    "photos to ages": (
        Flag(
            "--engine", "scoring.engine", "what runs the model", choices=config.ENGINES
        ),
        Flag(
            "--face-crop",
            "scoring.face_crop",
            "auto: find the face; none: the whole photo",
            choices=config.FACE_CROPS,
        ),
        Flag(
            "--batch-size", "scoring.batch_size", "photos per call of the engine", "N"
        ),
        Flag(
            "--min-face-px",
            "scoring.min_face_px",
            "smallest face side in pixels of the photo",
            "N",
            default="the bundle's",
        ),
        Flag(
            "--min-size-ratio",
            "scoring.min_size_ratio",
            "times larger than the next face, else several_faces",
            "X",
            default="the bundle's",
        ),
        Flag(
            "--min-sharpness",
            "scoring.min_sharpness",
            "below it a face is blurred",
            "X",
            default="the bundle's",
        ),
    ),
    "joining and tables": (
        Flag(
            "--day-starts-at",
            "joining.day_starts_at",
            "local start of a trading day",
            "HH:MM",
        ),
        Flag(
            "--timezone",
            "joining.timezone",
            "of stores not in stores.csv, such as Europe/Berlin",
            "ZONE",
        ),
        Flag(
            "--restricted-categories",
            "joining.restricted_categories",
            "categories sold to adults only, where tills do not say",
            "A,B",
        ),
        Flag(
            "--match-slack-seconds",
            "joining.match_slack_seconds",
            "farthest from a transaction that a photo may lie",
            "S",
        ),
        Flag(
            "--max-clock-offset-seconds",
            "joining.max_clock_offset_seconds",
            "largest clock error that is corrected",
            "S",
        ),
        Flag(
            "--legal-age",
            "joining.legal_age_years",
            "to buy restricted products",
            "YEARS",
        ),
        Flag(
            "--challenge-age",
            "joining.challenge_age_years",
            "who looks younger shows ID",
            "YEARS",
        ),
        Flag(
            "--eligible-probability",
            "joining.eligible_probability",
            "of being under it, from which a sale counts",
            "P",
        ),
        Flag(
            "--age-groups",
            "joining.age_groups",
            "lower bounds in years of all groups but the first",
            "YEARS,YEARS",
        ),
        Flag(
            "--join-partitions",
            "joining.num_partitions",
            "parts the join is split into",
            "N",
        ),
    ),
    "running and publishing": (
        Flag("--workers", "num_workers", "worker processes", "N", default="one a core"),
        Flag("--fresh", "is_fresh", "ignore scores kept from earlier runs"),
        Flag(
            "--max-rejected-fraction",
            "limits.max_rejected_fraction",
            "of photos, and of lines, 0 to 1",
            "X",
        ),
        Flag(
            "--allow-shrink",
            "limits.allow_shrink",
            "let the day replace a published one that is fuller",
        ),
        Flag("--table-shards", "num_table_shards", "files per table and day", "N"),
        Flag(
            "--hang-seconds",
            "hang_seconds",
            "silence after which workers are restarted",
            "S",
        ),
        Flag(
            "--detailed-exit-codes",
            "has_detailed_exit_codes",
            "3: refused by the gate, 4: another run of the day is at work",
        ),
        Flag("--runner", "runner", "Beam runner", "RUNNER", default="this machine"),
    ),
}
