"""Flags that several jobs on labelled photos share."""

import argparse
import pathlib
from collections.abc import Sequence

from training import config, errors


class UsageError(errors.InputError):
    """The command cannot be carried out as given; the message says how to mend it."""


class Parser(argparse.ArgumentParser):
    """Raises `UsageError` where argparse would print and exit."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Raises the message."""
        raise UsageError(message)


def parser(prog: str, description: str, example: str) -> Parser:
    """Makes the parser of a job.

    Args:
      prog: Such as `tillage inspect`.
      description: What the job does, in a sentence.
      example: Shown below the flags, as it is.
    """
    return Parser(
        prog=prog,
        description=description,
        epilog=example,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_report(group: argparse._ArgumentGroup) -> None:
    """Adds `--output`, the folder of a report."""
    group.add_argument(
        "--output",
        required=True,
        type=pathlib.Path,
        metavar="DIR",
        help="folder of the report; made if need be, an older report is replaced",
    )


def make_report_folder(folder: pathlib.Path) -> None:
    """Makes the folder of a report, before the work that fills it.

    Raises:
      UsageError: that is not possible.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"--output {folder}: cannot be made: {error.strerror}"
        ) from error


def add_places(group: argparse._ArgumentGroup) -> None:
    """Adds `--images` and `--labels`."""
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
        help="columns file_name and real_age (years, 0 to 120), and any others; one "
        "file for all, or one for each of --images",
    )


def sources(
    images: Sequence[pathlib.Path], labels: Sequence[pathlib.Path]
) -> tuple[config.PhotoSource, ...]:
    """Pairs places of photos with their labels.

    Raises:
      UsageError: the numbers do not fit, or something is not there.
    """
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
