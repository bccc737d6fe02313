"""The flags of `tillage train`, in groups."""

import argparse
import pathlib

from pipelines.domain import faces
from training import config, flags, recipes

_EXAMPLE = """\
examples:
  tillage train --images photos.tar more_photos/ --labels labels.csv more.csv \\
      --output bundles/mine --cache crops/ --license-file MY_LICENSE
  tillage train --images photos.tar --labels labels.csv --output bundles/study \\
      --recipe original

Labels are CSV files with the columns file_name and real_age (years, 0 to 120); a
column split decides where a photo goes, and others, such as source and sex, serve to
report errors by group. Photos without a label, and labels without a photo, are left
out and counted.

A killed run goes on where it stopped when the same command is given again: all that
it knows is in the folder --run, with a CSV log and TensorBoard's files.
Exit codes: 0 trained, 1 the bundle failed its own checks, 2 bad usage or input.
"""

_FACES = faces.FaceSettings()
_CHOICES = {
    recipes.DEFAULT: "distribution over ages, augmentation, averaged weights",
    recipes.ORIGINAL: "the first study's: one number, squared error, flips",
    recipes.FROZEN: "a head on ImageNet features: minutes on a CPU",
}


def parser() -> flags.Parser:
    """Builds the parser, with units, defaults and examples in its help."""
    built = flags.parser(
        "tillage train",
        "Fits an age model on labelled photos and writes a bundle.",
        _EXAMPLE,
    )
    _add_places(built.add_argument_group("what and where"))
    _add_photos(built.add_argument_group("photos"))
    _add_fitting(built.add_argument_group("fitting"))
    _add_parts(built.add_argument_group("parts of the recipe"))
    _add_export(built.add_argument_group("calibration and export"))
    return built


def _add_places(group: argparse._ArgumentGroup) -> None:
    flags.add_places(group)
    _path(group, "--output", "BUNDLE", "new folder of the bundle", required=True)
    _path(
        group,
        "--run",
        "DIR",
        "checkpoints, logs and results (default: the bundle's folder, with .run)",
    )
    _path(
        group,
        "--cache",
        "DIR",
        "keeps crops (0.5 MB a photo at 224 px) for the next run (default: in --run)",
    )


def _add_photos(group: argparse._ArgumentGroup) -> None:
    _number(group, "--image-size", 224, "PX", "side of the model's input in pixels")
    group.add_argument(
        "--face-crop",
        choices=config.FACE_CROPS,
        default=config.FACE_CROPS[0],
        help="auto finds the face; none takes whole photos (default: %(default)s)",
    )
    _number(
        group,
        "--crop-margin",
        _FACES.crop_margin,
        "SHARE",
        "of the face's side, added on each side; scoring uses the same",
    )
    group.add_argument(
        "--framed-copies",
        action="store_true",
        help="shows each small photo in a camera's frame too: for cropped faces",
    )
    group.add_argument(
        "--source-weights",
        nargs="+",
        default=[],
        metavar="SOURCE=WEIGHT",
        help="how often photos of a source are shown (default: 1 each)",
    )
    _number(group, "--max-train-photos", 0, "N", "learns from so many; 0: all")


def _add_fitting(group: argparse._ArgumentGroup) -> None:
    told = "; ".join(f"{name}: {what}" for name, what in _CHOICES.items())
    group.add_argument(
        "--recipe",
        choices=recipes.NAMES,
        default=recipes.DEFAULT,
        help=f"{told} (default: %(default)s)",
    )
    group.add_argument(
        "--initial-weights",
        default="imagenet",
        metavar="imagenet|random|PATH",
        help="PATH: weights of ResNet50 without its top, also packed with xz, or the "
        "folder of a finished run or of a bundle, to go on from its network (default: "
        "%(default)s)",
    )
    group.add_argument(
        "--precision",
        choices=recipes.PRECISIONS,
        default=recipes.PRECISIONS[0],
        help="auto: bfloat16 on GPUs and on CPUs made for it (default: %(default)s)",
    )
    _number(group, "--seed", 0, "N", "of everything random")
    _number(group, "--threads", 0, "N", "CPU threads; 0: all")
    group.add_argument(
        "--fit-only",
        action="store_true",
        dest="is_fit_only",
        help="stops after the fit; the same command without it writes the bundle, "
        "also on another machine that has --run",
    )


def _add_mix(group: argparse._ArgumentGroup) -> None:
    fit = recipes.FitConfig()
    _by_recipe(
        group,
        "--age-balance",
        float,
        "POWER",
        fit.age_balance,
        "0: each photo alike; 1: each age alike",
    )
    _by_recipe(
        group,
        "--child-weight",
        float,
        "WEIGHT",
        fit.child_weight,
        "how often children under 13 are shown, who do not shop alone; 1: as others",
    )


def _add_parts(group: argparse._ArgumentGroup) -> None:
    fit = recipes.FitConfig()
    _by_recipe(group, "--epochs", int, "N", fit.epochs, "passes over the photos")
    _by_recipe(
        group,
        "--head-epochs",
        int,
        "N",
        fit.head_epochs,
        "passes in which the head learns alone before",
    )
    _by_recipe(group, "--batch-size", int, "N", fit.batch_size, "photos a step")
    _by_recipe(group, "--learning-rate", float, "RATE", fit.learning_rate, "highest")
    _add_mix(group)
    group.add_argument(
        "--frozen-blocks",
        nargs="*",
        choices=recipes.BLOCKS,
        metavar="BLOCK",
        help="blocks of ResNet50 that stay as they are, the first ones cost the most: "
        f"{', '.join(recipes.BLOCKS)} (default: the recipe's; {recipes.DEFAULT}: "
        f"{' '.join(fit.frozen_blocks)})",
    )
    group.add_argument("--head", choices=recipes.HEADS, help="(default: the recipe's)")
    for flag, what in (
        ("augmentation", "varies crops, light and sharpness"),
        ("averaging", "keeps an average of the last weights"),
    ):
        group.add_argument(
            f"--{flag}",
            action=argparse.BooleanOptionalAction,
            dest=f"has_{flag}",
            help=f"{what} (default: the recipe's)",
        )


def _add_export(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--name", default="ages", help="of the bundle (default: %(default)s)"
    )
    _path(
        group,
        "--shopper-ages",
        "CSV",
        "columns age and photos: the mix of ages that calibration is weighted to "
        "(default: adults of working age alike, fewer others)",
    )
    group.add_argument(
        "--calibration-sources",
        nargs="+",
        default=[],
        metavar="SOURCE",
        help="sources that calibration rests on (default: all)",
    )
    _number(group, "--quantization-photos", 300, "N", "photos that set int8 ranges")
    _path(
        group,
        "--license-file",
        "FILE",
        "of the bundle; its first line is the name (default: research only)",
    )
    _path(group, "--ablations", "JSON", "fits to compare in the model card")


def _path(
    group: argparse._ArgumentGroup,
    flag: str,
    metavar: str,
    help_text: str,
    *,
    required: bool = False,
) -> None:
    group.add_argument(
        flag, type=pathlib.Path, metavar=metavar, help=help_text, required=required
    )


def _number(
    group: argparse._ArgumentGroup,
    flag: str,
    default: float,
    metavar: str,
    help_text: str,
) -> None:
    group.add_argument(
        flag,
        type=type(default),
        default=default,
        metavar=metavar,
        help=f"{help_text} (default: %(default)s)",
    )


def _by_recipe(
    group: argparse._ArgumentGroup,
    flag: str,
    kind: type,
    metavar: str,
    usual: float,
    help_text: str,
) -> None:
    group.add_argument(
        flag,
        type=kind,
        metavar=metavar,
        help=f"{help_text} (default: the recipe's; {recipes.DEFAULT}: {usual:g})",
    )
