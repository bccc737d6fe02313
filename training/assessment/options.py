"""Flags of `tillage evaluate` as validated settings."""

import argparse
import pathlib
from collections.abc import Sequence

from pipelines.inference import engines
from training import config, flags
from training.assessment import settings

_EXAMPLE = """\
example:
  tillage evaluate --bundle bundles/mine --images photos.tar --labels labels.csv \\
      --output evaluation

writes evaluation.json (the figures), evaluation.html (the page, to be opened in a
browser) and predictions.csv. Errors are in years; shares are 0 to 1. Judge a bundle
on photos that it was not trained on: the file splits.csv that a training leaves is a
labels file, and --split test keeps to its test photos.
Exit codes: 0 evaluated, 2 bad usage or input.
"""
_DEFAULTS = settings.EvaluateConfig


def parse(argv: Sequence[str]) -> settings.EvaluateConfig:
    """Reads the flags of one run.

    Raises:
      flags.UsageError: a flag is missing, unknown, or out of range.
      SystemExit: `--help` was asked for.
    """
    given = _parser().parse_args(list(argv))
    if given.output.exists() and not given.output.is_dir():
        raise flags.UsageError(f"--output {given.output}: is no folder")
    if given.shopper_ages is not None and not given.shopper_ages.is_file():
        raise flags.UsageError(f"--shopper-ages {given.shopper_ages}: no such file")
    try:
        return settings.EvaluateConfig(
            bundle=given.bundle,
            sources=flags.sources(given.images, given.labels),
            output=given.output,
            split=given.split,
            engine=given.engine,
            face_crop=given.face_crop,
            shopper_ages=given.shopper_ages,
            num_worst=given.worst_photos,
            num_threads=given.threads,
        )
    except ValueError as error:
        raise flags.UsageError(str(error)) from error


def _parser() -> flags.Parser:
    parser = flags.parser(
        "tillage evaluate",
        "Judges a bundle on labelled photos: figures, a page to read, and what to "
        "conclude from them.",
        _EXAMPLE,
    )
    places = parser.add_argument_group("what and where")
    places.add_argument(
        "--bundle", required=True, metavar="DIR", help="folder of the age model"
    )
    flags.add_places(places)
    flags.add_report(places)
    _add_choices(parser.add_argument_group("how"))
    return parser


def _add_choices(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--split",
        choices=settings.SPLITS,
        default=_DEFAULTS.split,
        help="photos to keep to, by the labels' column split (default: %(default)s)",
    )
    group.add_argument(
        "--engine",
        choices=engines.ENGINES,
        default=_DEFAULTS.engine,
        help="what runs the model (default: %(default)s)",
    )
    group.add_argument(
        "--face-crop",
        choices=config.FACE_CROPS,
        default=_DEFAULTS.face_crop,
        help="auto finds faces; none takes photos as crops (default: %(default)s)",
    )
    group.add_argument(
        "--shopper-ages",
        type=pathlib.Path,
        metavar="CSV",
        help="columns age (years) and photos (a count): the mix of ages at the tills "
        "(default: adults of working age alike, fewer others)",
    )
    group.add_argument(
        "--worst-photos",
        type=int,
        default=_DEFAULTS.num_worst,
        metavar="N",
        help="pictures of the largest errors on the page; 0: none "
        "(default: %(default)s)",
    )
    group.add_argument(
        "--threads",
        type=int,
        default=_DEFAULTS.num_threads,
        metavar="N",
        help="CPU threads; 0: all (default: %(default)s)",
    )
