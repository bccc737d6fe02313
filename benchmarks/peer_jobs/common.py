"""What all peers share: their flags, the crops that they score, what they write."""

import argparse
import csv
import os
import pathlib
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.domain import ages, faces, pixels
from pipelines.inference import bundle as bundles
from pipelines.inference import preparation

BATCH = 32
CORES = len(os.sched_getaffinity(0))


def parse(argv: Sequence[str], description: str | None) -> argparse.Namespace:
    """Reads the flags that each peer takes."""
    parser = argparse.ArgumentParser(description=description, allow_abbrev=False)
    parser.add_argument("--photos", type=pathlib.Path, required=True)
    parser.add_argument("--bundle", required=True)
    parser.add_argument("--model", required=True, help="its Keras model, a file")
    parser.add_argument("--output", type=pathlib.Path, required=True)
    parser.add_argument("--faces", action="store_true", help="finds and crops them")
    return parser.parse_args(argv)


def list_photos(folder: pathlib.Path) -> list[str]:
    """Lists the photos of a folder, in order."""
    return [str(path) for path in sorted(folder.rglob("*.jpg"))]


class Cropper:
    """Makes of a file what the model takes, as Tillage's scoring does."""

    def __init__(self, bundle: bundles.Bundle, finds_faces: bool) -> None:
        """Loads the face finder; not to be shared between threads."""
        settings = faces.FaceSettings.from_card(bundle.card.face_settings)
        self._size_px = bundle.card.height
        self._preparer = preparation.Preparer(
            settings if finds_faces else None, self._size_px
        )

    def crop(self, path: str) -> pixels.Picture | None:
        """Reads and crops one photo.

        Returns:
          Shape `(size, size, 3)`, dtype uint8; None without a usable face.
        """
        return self._preparer.prepare(pathlib.Path(path).read_bytes()).face

    def crop_or_blank(self, path: str) -> pixels.Picture:
        """Does the same for pipelines whose batches cannot have gaps."""
        crop = self.crop(path)
        return self.blank if crop is None else crop

    @property
    def blank(self) -> pixels.Picture:
        """A black crop, in place of a face that was not found."""
        return np.zeros((self._size_px, self._size_px, 3), np.uint8)


def ages_of(
    probabilities: npt.NDArray[np.float32], temperature: float
) -> npt.NDArray[np.float64]:
    """Turns `(n, 101)` probabilities into mean ages, in years, shape `(n,)`."""
    mean, _ = ages.mean_and_sigma(ages.to_weights(probabilities, temperature))
    return mean


def write(path: pathlib.Path, rows: Iterable[tuple[str, float]]) -> None:
    """Writes one `photo, age_years` a line; without a face, if at all, a blank's."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["photo", "age_years"])
        writer.writerows((pathlib.Path(photo).name, age) for photo, age in rows)
