"""Fits the recipe part by part on one split and compares the errors.

Each row has what the rows above it have, and one thing more. The fits are small and
short: they say what a part brings, not what the shipped model reaches. A row that is
finished is not fitted again, and a killed one goes on where it stopped.

python -m benchmarks.ablations --images photos.tar --labels labels.csv \
    --initial-weights imagenet --output ablations/
tillage train ... --ablations ablations/ablations.json
"""

import argparse
import dataclasses
import json
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

import tqdm

RESULTS = "ablations.json"

Result = Mapping[str, object]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Part:
    """One row of the table.

    Attributes:
      name: For the table.
      folder: Of its run, a plain name.
      flags: Of `tillage train`, beside those of all rows.
      is_pretrained: Whether it starts from the given weights; else from random ones.
      is_cropped: Whether faces are found; else photos are taken whole.
    """

    name: str
    folder: str
    flags: tuple[str, ...]
    is_pretrained: bool = True
    is_cropped: bool = False


_ORIGINAL = ("--recipe=original",)
_DISTRIBUTION = (*_ORIGINAL, "--head=distribution")
_AUGMENTED = (*_DISTRIBUTION, "--augmentation")
PARTS = (
    Part(
        name="original recipe, random weights",
        folder="original-random",
        flags=_ORIGINAL,
        is_pretrained=False,
    ),
    Part(name="+ pretrained weights", folder="pretrained", flags=_ORIGINAL),
    Part(name="+ distribution head", folder="distribution", flags=_DISTRIBUTION),
    Part(name="+ augmentation", folder="augmentation", flags=_AUGMENTED),
    Part(name="+ face crop", folder="crop", flags=_AUGMENTED, is_cropped=True),
    Part(
        name="+ weight averaging",
        folder="averaging",
        flags=(*_AUGMENTED, "--averaging"),
        is_cropped=True,
    ),
    Part(
        name="+ schedule, regularisation, age balance: the default recipe",
        folder="default",
        flags=("--recipe=default",),
        is_cropped=True,
    ),
)


def main(argv: Sequence[str]) -> int:
    """Fits what is not fitted yet and prints the table.

    Returns:
      Exit code: that of the first fit that fails, else 0.
    """
    flags = _parser().parse_args(argv)
    exit_code, results = compare(flags, lambda command: subprocess.call(command))
    print("\n".join(table(results)))
    return exit_code


def compare(
    flags: argparse.Namespace, call: Callable[[list[str]], int]
) -> tuple[int, list[Result]]:
    """Fits part by part; writes the results after each.

    Args:
      flags: Of this benchmark.
      call: Runs a command and gives its exit code.

    Returns:
      Exit code of the first fit that failed, else 0; and the results of all that
      are finished, in the order of `PARTS`.
    """
    # The first of them finds the faces; the rest learn from the same photos, split
    # in the same way, because they take its list as their labels.
    order = sorted(PARTS, key=lambda part: not part.is_cropped)
    for part in tqdm.tqdm(order, desc="ablations", unit="fit"):
        if (flags.output / part.folder / "result.json").is_file():
            continue
        if exit_code := call(command_of(part, flags, order[0])):
            return exit_code, _write(flags.output)
    return 0, _write(flags.output)


def command_of(part: Part, flags: argparse.Namespace, first: Part) -> list[str]:
    """Gives the command that fits one part.

    Args:
      part: To fit.
      flags: Of this benchmark.
      first: Whose run has the list of photos and their splits.
    """
    labels = [flags.output / first.folder / "splits.csv"]
    weights = flags.initial_weights if part.is_pretrained else "random"
    return [
        *(sys.executable, "-m", "pipelines.cli", "train", "--fit-only"),
        *("--images", *map(str, flags.images)),
        *("--labels", *map(str, flags.labels if part.is_cropped else labels)),
        f"--output={flags.output / part.folder / 'bundle'}",
        f"--run={flags.output / part.folder}",
        f"--cache={flags.cache or flags.output / 'cache'}",
        f"--initial-weights={weights}",
        f"--face-crop={'auto' if part.is_cropped else 'none'}",
        f"--image-size={flags.image_size}",
        f"--epochs={flags.epochs}",
        f"--max-train-photos={flags.max_train_photos}",
        f"--seed={flags.seed}",
        *part.flags,
    ]


def _write(folder: pathlib.Path) -> list[Result]:
    """Gathers the results of what is finished, and keeps them."""
    results: list[Result] = []
    for part in PARTS:
        path = folder / part.folder / "result.json"
        if path.is_file():
            results.append({"name": part.name, **json.loads(path.read_text())})
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RESULTS).write_text(json.dumps(results, indent=1) + "\n")
    return results


def table(results: Iterable[Result]) -> list[str]:
    """Sums up results.

    Returns:
      Lines such as `+ augmentation   5.81   7.02   +1.21`.
    """
    lines = [f"{'fit':<60} {'train':>6} {'valid.':>6} {'gap':>6}   MAE in years"]
    for row in results:
        train = float(str(row["train_mae_years"]))
        validation = float(str(row["validation_mae_years"]))
        gap = validation - train
        lines.append(f"{row['name']:<60} {train:6.2f} {validation:6.2f} {gap:+6.2f}")
    lines.append(
        "Small and short fits: compare the rows, not a row with the shipped model."
    )
    return lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ablations",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for name in ("--images", "--labels"):
        parser.add_argument(
            name,
            required=True,
            nargs="+",
            type=pathlib.Path,
            help="as for tillage train",
        )
    parser.add_argument(
        "--output",
        required=True,
        type=pathlib.Path,
        help=f"folder of the runs and of {RESULTS}; goes on in one that is there",
    )
    parser.add_argument(
        "--cache",
        type=pathlib.Path,
        help="of crops (default: in --output)",
    )
    parser.add_argument(
        "--initial-weights",
        default="imagenet",
        help="of all rows but the first: imagenet or a path (default: %(default)s)",
    )
    for name, default, what in (
        ("--image-size", 112, "pixels"),
        ("--epochs", 4, "passes over the training photos"),
        ("--max-train-photos", 4000, "photos to learn from; 0: all"),
        ("--seed", 0, "of everything random"),
    ):
        parser.add_argument(
            name, type=int, default=default, help=f"{what} (default: %(default)s)"
        )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
