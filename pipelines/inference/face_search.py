"""Looks for faces where most photos show them first, then everywhere."""

import itertools
import math
from collections.abc import Iterator

from pipelines.domain import pixels
from pipelines.inference import blazeface, face_turn

_BORDER = 0.4
_TILES = 2  # Tiles along the longer side, half of one overlapping.


class FaceSearch:
    """Finds faces, cheapest way first; not to be shared between threads."""

    def __init__(self, min_score: float, min_size_ratio: float) -> None:
        """Loads the detector.

        Args:
          min_score: See `blazeface.BlazeFace`.
          min_size_ratio: Faces so many times smaller than the largest may be missed.
        """
        self._detector = blazeface.BlazeFace(min_score)
        self._clear_share = min_size_ratio * blazeface.LEAST_SHARE

    def find(self, rgb: pixels.Picture) -> list[blazeface.Detection]:
        """Finds faces; most photos end with the first look.

        Args:
          rgb: Shape `(height, width, 3)`, dtype uint8.

        Returns:
          Faces, largest first.
        """
        found = self._detector.find(rgb) or self._detector.find(rgb, border=_BORDER)
        if found and found[0].side >= self._clear_share * max(rgb.shape):
            return found
        # A small face is placed badly, and one beside it may not be seen.
        return self._far_away(rgb) or found

    def degrees_to_turn(self, rgb: pixels.Picture, face: blazeface.Detection) -> int:
        """See `face_turn.degrees_to_turn`."""
        return face_turn.degrees_to_turn(self._detector, rgb, face)

    def _far_away(self, rgb: pixels.Picture) -> list[blazeface.Detection]:
        """Finds small faces, tile by tile; enlarged pixels would show nothing new."""
        if max(rgb.shape[:2]) <= blazeface.INPUT_PX:
            return []
        found = [
            _moved(one, left, top)
            for left, top, tile in _tiles(rgb)
            for one in self._detector.find(tile)
        ]
        return blazeface.merged(found)


def _tiles(rgb: pixels.Picture) -> Iterator[tuple[int, int, pixels.Picture]]:
    """Cuts a picture into squares that overlap by half."""
    height, width = rgb.shape[:2]
    side = math.ceil(max(height, width) / _TILES)
    for top, left in itertools.product(_starts(height, side), _starts(width, side)):
        yield left, top, rgb[top : top + side, left : left + side]


def _starts(length: int, side: int) -> range:
    """Gives where tiles start, until one reaches the end."""
    step = math.ceil(side / 2)
    return range(0, max(length - side + step, 1), step)


def _moved(one: blazeface.Detection, right: int, down: int) -> blazeface.Detection:
    return one._replace(centre_x=one.centre_x + right, centre_y=one.centre_y + down)
