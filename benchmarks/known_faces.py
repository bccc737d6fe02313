"""Predicts labelled photos that a bundle was not trained on, and keeps the figures.

Benchmarks of statistics draw their people from these: real errors at known ages. No
photo and no file name is kept.

python -m benchmarks.known_faces --images aaf.tar utk.tar --labels labels.csv \
    --output known.npz
"""

import argparse
import csv
import dataclasses
import pathlib
import sys
import tempfile
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.domain import ages, splits
from pipelines.inference import bundle as bundles
from pipelines.inference import engines
from training import config, labels
from training.assessment import predictions, settings

UNSEEN = ("calibration", "test")
"""Splits that neither teach a model nor choose its weights."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class KnownFaces:
    """People whose age is known, as a model sees them.

    Attributes:
      ages_years: Real ages in whole years, int64 `(n,)`.
      weights: Calibrated distributions over ages 0 to 100, uint16 `(n, 101)`; rows
        sum to 65,535.
      split: One of `pipelines.domain.splits.SPLITS` each, `(n,)`.
    """

    ages_years: npt.NDArray[np.int64]
    weights: ages.Weights
    split: npt.NDArray[np.str_]

    def take(self, chosen: npt.NDArray) -> "KnownFaces":
        """Picks people by mask or by index."""
        return KnownFaces(
            ages_years=self.ages_years[chosen],
            weights=self.weights[chosen],
            split=self.split[chosen],
        )


def save(known: KnownFaces, path: pathlib.Path) -> None:
    """Writes a NumPy archive."""
    np.savez_compressed(
        path, ages_years=known.ages_years, weights=known.weights, split=known.split
    )


def load(path: pathlib.Path) -> KnownFaces:
    """Reads what `save` wrote."""
    with np.load(path, allow_pickle=False) as stored:
        return KnownFaces(
            ages_years=stored["ages_years"],
            weights=stored["weights"],
            split=stored["split"],
        )


def main(argv: Sequence[str]) -> int:
    """Predicts, writes the archive and says how many people it holds."""
    flags = _parser().parse_args(argv)
    known = predict(
        flags.images, flags.labels, flags.bundle, flags.splits, flags.face_crop
    )
    flags.output.parent.mkdir(parents=True, exist_ok=True)
    save(known, flags.output)
    of_split = zip(*np.unique(known.split, return_counts=True), strict=True)
    counts = ", ".join(f"{count} {name}" for name, count in of_split)
    print(f"{flags.output}: {len(known.ages_years)} people ({counts})")
    return 0


def predict(
    images: Sequence[pathlib.Path],
    labels_file: pathlib.Path,
    bundle_folder: str,
    wanted: Sequence[str],
    face_crop: str = config.FACE_CROPS[0],
) -> KnownFaces:
    """Predicts the photos of some splits; those without a usable face are left out.

    Args:
      images: Tars or folders of photos.
      labels_file: CSV with `file_name`, `real_age` and, where known, `split`; where
        not, the hash of the file name tells the split.
      bundle_folder: The model.
      wanted: Of `pipelines.domain.splits.SPLITS`.
      face_crop: One of `training.config.FACE_CROPS`.

    Raises:
      errors.InputError: photos or labels cannot be used.
      bundles.BundleError: the bundle cannot be used.
    """
    chosen = {
        name: dataclasses.replace(label, split=split)
        for name, label in labels.read_labels(labels_file).items()
        if (split := label.split or splits.split_of(name)) in wanted
    }
    bundle = bundles.load(bundle_folder)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "labels.csv"
        _write(chosen, path)
        given = settings.EvaluateConfig(
            bundle=bundle_folder,
            sources=tuple(
                config.PhotoSource(images=place, labels=path) for place in images
            ),
            output=pathlib.Path(folder),
            face_crop=face_crop,
            num_worst=0,
        )
        predictor = engines.make(given.engine, bundle)
        seen = predictions.predict(given, bundle, predictor)
    return KnownFaces(
        ages_years=np.floor(seen.ages_years[seen.is_found]).astype(np.int64),
        weights=seen.distributions,
        split=np.array([chosen[name].split for name in seen.names[seen.is_found]]),
    )


def _write(chosen: Mapping[str, labels.Label], path: pathlib.Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(labels.REQUIRED_COLUMNS)
        rows.writerows((name, label.age_years) for name, label in chosen.items())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--images", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--labels", type=pathlib.Path, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--bundle", default=bundles.default_folder())
    parser.add_argument("--splits", nargs="+", choices=splits.SPLITS, default=UNSEEN)
    parser.add_argument(
        "--face-crop", choices=config.FACE_CROPS, default=config.FACE_CROPS[0]
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
