"""Looks for faces where most photos show them first, then everywhere."""

import itertools
from collections.abc import Iterator

from pipelines.domain import pixels
from pipelines.inference import blazeface

_BORDER = 0.4
_TILES = 2  # Tiles along the longer side, half of one overlapping.


class FaceSearch:
    """Finds faces, cheapest way first; not to be shared between threads."""

    def __init__(self, min_score: float) -> None:
        """Loads the detector; see `blazeface.BlazeFace`."""
        self._detector = blazeface.BlazeFace(min_score)

    def find(self, rgb: pixels.Picture) -> list[blazeface.Detection]:
        """Finds faces; most photos end with the first look.

        Args:
          rgb: Shape `(height, width, 3)`, dtype uint8.

        Returns:
          Faces, largest first.
        """
        return (
            self._detector.find(rgb)
            or self._detector.find(rgb, border=_BORDER)
            or self._far_away(rgb)
        )

    def _far_away(self, rgb: pixels.Picture) -> list[blazeface.Detection]:
        """Finds small faces, tile by tile."""
        found = [
            _moved(one, left, top)
            for left, top, tile in _tiles(rgb)
            for one in self._detector.find(tile)
        ]
        return blazeface.merged(found)


def _tiles(rgb: pixels.Picture) -> Iterator[tuple[int, int, pixels.Picture]]:
    """Cuts a picture into squares that overlap by half."""
    height, width = rgb.shape[:2]
    side = max(max(height, width) // _TILES, 1)
    lefts, tops = (
        range(0, max(size - side // 2, 1), max(side // 2, 1))
        for size in (width, height)
    )
    for top, left in itertools.product(tops, lefts):
        yield left, top, rgb[top : top + side, left : left + side]


def _moved(one: blazeface.Detection, right: int, down: int) -> blazeface.Detection:
    return one._replace(centre_x=one.centre_x + right, centre_y=one.centre_y + down)
