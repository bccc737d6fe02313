"""Small training sets of synthetic pictures."""

import csv
import io
import pathlib
import tarfile

import cv2
import numpy as np


def picture(rng: np.random.Generator, age_years: float, size_px: int = 48) -> bytes:
    """Draws a picture whose brightness is its age; a JPEG."""
    rgb = np.full((size_px, size_px, 3), 40 + 2 * age_years)
    noisy = np.clip(rgb + rng.normal(0, 6, rgb.shape), 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", noisy)[1].tobytes()


def write_labels(path: pathlib.Path, rows, columns=("file_name", "real_age", "source")):
    """Writes a labels file."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def write_photos(folder: pathlib.Path, count: int, seed: int = 0, source: str = "one"):
    """Writes photos of ages 0 to 90 into a folder; gives rows for the labels."""
    rng = np.random.default_rng(seed)
    rows = []
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        age_years = int(rng.integers(0, 91))
        name = f"{source}_{number:04d}.jpg"
        (folder / name).write_bytes(picture(rng, age_years))
        rows.append((name, age_years, source))
    return rows


def pack(folder: pathlib.Path, archive: pathlib.Path) -> pathlib.Path:
    """Packs the files of a folder into a tar."""
    with tarfile.open(archive, "w") as file:
        for path in sorted(folder.iterdir()):
            content = path.read_bytes()
            member = tarfile.TarInfo(path.name)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return archive
