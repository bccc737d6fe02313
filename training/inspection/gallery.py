"""Fetches the few photos that a report shows."""

import collections
import pathlib
from collections.abc import Collection, Mapping, Sequence

import cv2
import numpy as np

from pipelines.domain import photos, pixels
from pipelines.pages import page, pictures
from training import photo_files
from training.inspection import scan

HEIGHT_PX = 160

_GAP_PX = 6


def fetch(
    seen: Sequence[scan.Seen], rows: Collection[int]
) -> dict[int, pixels.Picture]:
    """Reads some photos once more and shrinks them.

    Args:
      seen: All photos.
      rows: Of those to read.

    Returns:
      Pictures by row, RGB, at most `HEIGHT_PX` high; without those that cannot be
      decoded, or are not there any more.
    """
    wanted: dict[pathlib.Path, dict[str, int]] = collections.defaultdict(dict)
    for row in rows:
        wanted[seen[row].file.place][seen[row].file.path] = row
    found = {}
    for place, paths in wanted.items():
        for path, read in photo_files.entries(place):
            if path in paths and (picture := _small(read())) is not None:
                found[paths[path]] = picture
    return found


def beside(
    gallery: Mapping[int, pixels.Picture], rows: Sequence[int], caption: str
) -> page.Picture | None:
    """Puts photos next to each other; None where none of them is at hand."""
    shown = [_as_high(gallery[row]) for row in rows if row in gallery]
    if not shown:
        return None
    gap = np.full((HEIGHT_PX, _GAP_PX, 3), 255, np.uint8)
    parts = [part for one in shown for part in (gap, one)][1:]
    whole = np.concatenate(parts, axis=1)
    return page.Picture(pictures.of_pixels(whole, max(whole.shape)), caption)


def _small(encoded: bytes) -> pixels.Picture | None:
    try:
        rgb = photos.decode_photo(encoded)
    except photos.UnusablePhotoError:
        return None
    return _as_high(rgb) if rgb.shape[0] > HEIGHT_PX else rgb


def _as_high(rgb: pixels.Picture) -> pixels.Picture:
    height, width = rgb.shape[:2]
    size = max(round(width * HEIGHT_PX / height), 1), HEIGHT_PX
    way = cv2.INTER_AREA if height > HEIGHT_PX else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(rgb, size, interpolation=way), np.uint8)
