"""Flags of `tillage inspect` as validated settings."""

import argparse
import dataclasses
from collections.abc import Sequence

from pipelines.domain import faces
from training import config, flags
from training.inspection import settings

_EXAMPLE = """\
example:
  tillage inspect --images photos.tar more_photos/ --labels labels.csv more.csv \\
      --output inspection

Labels are CSV files with the columns file_name and real_age (years, 0 to 120); of
further columns, source and sex say most. Nothing of the set is changed.

writes into --output:
  inspection.html  report to look at: one file, with its plots and photos inside
  inspection.json  its figures
  findings.csv     every suspicious photo or label, why, and what training does
  splits.csv       the photos that training uses, each with its split; to be given to
                   tillage train and tillage evaluate as --labels

Exit codes: 0 inspected, whatever was found, 2 bad usage or input.
"""

_FACES = faces.FaceSettings()
_DEFAULTS = {
    field.name: field.default for field in dataclasses.fields(settings.InspectConfig)
}


def parse(argv: Sequence[str]) -> settings.InspectConfig:
    """Reads the flags of one run.

    Raises:
      flags.UsageError: a flag is missing, unknown, or out of range.
      SystemExit: `--help` was asked for.
    """
    given = _parser().parse_args(list(argv))
    try:
        return settings.InspectConfig(
            sources=flags.sources(given.images, given.labels),
            output=given.output,
            face_crop=given.face_crop,
            framed_copies=given.framed_copies,
            face_settings=dataclasses.replace(_FACES, min_face_px=given.min_face_px),
            pictures_per_group=given.pictures,
            num_threads=given.threads,
        )
    except ValueError as error:
        raise flags.UsageError(str(error)) from error


def _parser() -> flags.Parser:
    parser = flags.parser(
        "tillage inspect",
        "Checks a set of labelled photos and writes a report on it.",
        _EXAMPLE,
    )
    places = parser.add_argument_group("what and where")
    flags.add_places(places)
    flags.add_report(places)
    _add_looking(parser.add_argument_group("how training would look at the photos"))
    _add_running(parser.add_argument_group("report and running"))
    return parser


def _add_looking(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--face-crop",
        choices=config.FACE_CROPS,
        default=_DEFAULTS["face_crop"],
        help="auto finds faces; none takes photos as crops (default: %(default)s)",
    )
    group.add_argument(
        "--framed-copies",
        action="store_true",
        help="also look at each photo in a larger camera frame: for collections of "
        "cropped faces",
    )
    group.add_argument(
        "--min-face-px",
        type=int,
        default=_FACES.min_face_px,
        metavar="PX",
        help="smallest side of a face, and of a photo that is not tiny, in pixels "
        "(default: %(default)s)",
    )


def _add_running(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--pictures",
        type=int,
        default=_DEFAULTS["pictures_per_group"],
        metavar="N",
        help="photos shown of each age group and of each reason "
        "(default: %(default)s); 0: none, for reports that may hold no photo",
    )
    group.add_argument(
        "--threads",
        type=int,
        default=_DEFAULTS["num_threads"],
        metavar="N",
        help="CPU threads; 0: all (default: %(default)s)",
    )
