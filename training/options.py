"""Flags of `tillage train` as validated settings."""

import argparse
import dataclasses
import pathlib
from collections.abc import Sequence

from pipelines.domain import faces
from training import config, errors

_EXAMPLE = """\
example:
  tillage train --images photos.tar more_photos/ --labels labels.csv more.csv \\
      --output bundles/mine --license-file MY_LICENSE

Labels are CSV files with the columns file_name and real_age (years, 0 to 120), and
optionally source and sex. Photos without a label, and labels without a photo, are
left out and counted. Exit codes: 0 trained, 2 bad usage or input.
"""

_HEAD = config.HeadConfig()
_FACES = faces.FaceSettings()


class UsageError(errors.InputError):
    """The command cannot be carried out as given; the message says how to mend it."""


class _Parser(argparse.ArgumentParser):
    """Raises `UsageError` where argparse would print and exit."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise UsageError(message)


def parse(argv: Sequence[str]) -> config.TrainConfig:
    """Reads the flags of one run.

    Raises:
      UsageError: a flag is missing, unknown, or out of range.
      SystemExit: `--help` was asked for.
    """
    given = _parser().parse_args(list(argv))
    try:
        return config.TrainConfig(
            sources=_sources(given.images, given.labels),
            output=_output(given.output),
            name=given.name,
            initial_weights=given.initial_weights,
            image_size=given.image_size,
            seed=given.seed,
            recipe=given.recipe,
            face_crop=given.face_crop,
            framed_copies=given.framed_copies,
            face_settings=dataclasses.replace(_FACES, crop_margin=given.crop_margin),
            cache=given.cache,
            shopper_ages=given.shopper_ages,
            calibration_sources=tuple(given.calibration_sources),
            license_file=_license(given.license_file),
            num_threads=given.threads,
            quantization_photos=given.quantization_photos,
            head=_head(given),
        )
    except ValueError as error:
        raise UsageError(str(error)) from error


def _head(given: argparse.Namespace) -> config.HeadConfig:
    return config.HeadConfig(
        epochs=given.epochs,
        learning_rate=given.learning_rate,
        batch_size=given.batch_size,
    )


def _sources(
    images: Sequence[pathlib.Path], labels: Sequence[pathlib.Path]
) -> tuple[config.PhotoSource, ...]:
    if len(labels) == 1:
        labels = [*labels] * len(images)
    if len(labels) != len(images):
        raise UsageError(
            "--labels takes one file, or one for each of --images; "
            f"received {len(labels)} for {len(images)}"
        )
    for path in (*images, *labels):
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    return tuple(
        config.PhotoSource(images=place, labels=file)
        for place, file in zip(images, labels, strict=True)
    )


def _output(folder: pathlib.Path) -> pathlib.Path:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"--output {folder}: is there already; name a new folder")
    return folder


def _license(path: pathlib.Path | None) -> pathlib.Path | None:
    if path is not None and not path.is_file():
        raise UsageError(f"--license-file {path}: no such file")
    return path


def _parser() -> _Parser:
    parser = _Parser(
        prog="tillage train",
        description="Fits an age model on labelled photos and writes a bundle.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_places(parser.add_argument_group("what and where"))
    _add_photos(parser.add_argument_group("photos"))
    _add_fitting(parser.add_argument_group("fitting"))
    _add_export(parser.add_argument_group("calibration and export"))
    return parser


def _add_places(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--images",
        required=True,
        nargs="+",
        type=pathlib.Path,
        metavar="DIR_OR_TAR",
        help="photos: JPEG, PNG or WebP",
    )
    group.add_argument(
        "--labels",
        required=True,
        nargs="+",
        type=pathlib.Path,
        metavar="CSV",
        help="one file for all, or one for each of --images",
    )
    group.add_argument(
        "--output",
        required=True,
        type=pathlib.Path,
        metavar="BUNDLE",
        help="new folder of the bundle",
    )
    group.add_argument(
        "--cache",
        type=pathlib.Path,
        metavar="DIR",
        help="keeps crops (150 kB a photo) and features for the next run "
        "(default: none)",
    )


def _add_photos(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--image-size",
        type=int,
        default=224,
        metavar="PX",
        help="side of the model's input in pixels (default: %(default)s)",
    )
    group.add_argument(
        "--face-crop",
        choices=config.FACE_CROPS,
        default="auto",
        help="auto finds faces; none takes photos as crops (default: %(default)s)",
    )
    group.add_argument(
        "--framed-copies",
        action="store_true",
        help="show each photo in a larger camera frame, too: for collections of "
        "cropped faces",
    )
    group.add_argument(
        "--crop-margin",
        type=float,
        default=_FACES.crop_margin,
        metavar="SHARE",
        help="added on each side of a face, as a share of its side "
        "(default: %(default)s)",
    )


def _add_fitting(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--recipe",
        choices=config.RECIPES,
        default=config.RECIPES[0],
        help="how to fit (default: %(default)s)",
    )
    group.add_argument(
        "--initial-weights",
        default="imagenet",
        metavar="imagenet|random|PATH",
        help="of ResNet50; PATH may be packed with xz (default: %(default)s)",
    )
    group.add_argument(
        "--epochs",
        type=int,
        default=_HEAD.epochs,
        metavar="N",
        help="passes over the training photos (default: %(default)s)",
    )
    group.add_argument(
        "--batch-size",
        type=int,
        default=_HEAD.batch_size,
        metavar="N",
        help="photos a step (default: %(default)s)",
    )
    group.add_argument(
        "--learning-rate",
        type=float,
        default=_HEAD.learning_rate,
        metavar="RATE",
        help="of the first step (default: %(default)s)",
    )
    _add_repeating(group)


def _add_repeating(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="of everything random (default: %(default)s)",
    )
    group.add_argument(
        "--threads",
        type=int,
        default=0,
        metavar="N",
        help="CPU threads; 0: all (default: %(default)s)",
    )


def _add_export(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--name", default="ages", help="of the bundle (default: %(default)s)"
    )
    group.add_argument(
        "--shopper-ages",
        type=pathlib.Path,
        metavar="CSV",
        help="columns age and photos: the mix of ages that calibration is weighted "
        "to (default: adults of working age alike, fewer others)",
    )
    group.add_argument(
        "--calibration-sources",
        nargs="+",
        default=[],
        metavar="SOURCE",
        help="sources that calibration rests on (default: all)",
    )
    group.add_argument(
        "--quantization-photos",
        type=int,
        default=300,
        metavar="N",
        help="photos that set the int8 ranges (default: %(default)s)",
    )
    group.add_argument(
        "--license-file",
        type=pathlib.Path,
        metavar="FILE",
        help="of the bundle; its first line is the name "
        "(default: research and evaluation only)",
    )
