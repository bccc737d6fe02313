"""Searches grey pictures for faces with OpenCV's cascade, cheapest way first."""

import dataclasses
import pathlib
from collections.abc import Sequence

import cv2
import numpy as np

from pipelines.domain import pixels

_FILE = "haarcascade_frontalface_alt2.xml"
_CASCADE_PX = 20  # Side of the window that the cascade was trained on.
_CONFIRM_PX = 36  # Side to which a candidate is brought to be confirmed.
_FINE_STEP = 1.1
_SURROUNDINGS = 1.8  # What is searched around it, in its sides.
_SAME_FACE = 0.4  # Centres closer than this share of a side are of one face.


@dataclasses.dataclass(frozen=True, slots=True)
class Hit:
    """A face found in a grey copy, in pixels of that copy."""

    left: float
    top: float
    side: float

    def overlaps(self, other: "Hit") -> bool:
        """Tells whether both are the same face."""
        reach = _SAME_FACE * max(self.side, other.side)
        across = self.left - other.left + (self.side - other.side) / 2
        down = self.top - other.top + (self.side - other.side) / 2
        return max(abs(across), abs(down)) < reach


class CascadeSearch:
    """Finds frontal faces.

    Candidates come from a very small copy, at coarse steps; each is confirmed, and
    placed more exactly, in its own surroundings.
    """

    def __init__(
        self,
        *,
        search_px: int,
        fine_search_px: int,
        scale_step: float,
        min_neighbors: int,
        min_size_ratio: float,
    ) -> None:
        """Loads the cascade; see `faces.FaceSettings` for the settings."""
        self._search_px = search_px
        self._fine_search_px = fine_search_px
        self._scale_step = scale_step
        self._min_neighbors = min_neighbors
        self._min_size_ratio = min_size_ratio
        folder = pathlib.Path(cv2.data.haarcascades)  # type: ignore[attr-defined]
        self._cascade = cv2.CascadeClassifier(str(folder / _FILE))

    def search(self, grey: pixels.Grey) -> list[Hit]:
        """Finds faces in the order of cost: most photos end with the first pass.

        Args:
          grey: Shape `(height, width)`, dtype uint8.

        Returns:
          Faces, largest first.
        """
        hits = self._look(grey, self._search_px)
        if hits:
            return self._with_rivals(grey, hits)
        # A face that fills the picture, or is cut by its edges.
        border = min(grey.shape) // 2
        padded = np.pad(grey, border, mode="edge")
        longest_px = self._search_px * max(padded.shape) / max(grey.shape)
        return (
            _moved(self._look(padded, round(longest_px), 1.2 * border), -border)
            or self._look_closely(grey)
            or _moved(self._look_closely(padded, 1.2 * border), -border)
        )

    def _look_closely(self, grey: pixels.Grey, least_px: float = 0) -> list[Hit]:
        neighbors = self._min_neighbors
        return self._detect(grey, self._fine_search_px, _FINE_STEP, neighbors, least_px)

    def _with_rivals(self, grey: pixels.Grey, hits: list[Hit]) -> list[Hit]:
        """Adds faces that count beside the largest but were too small to be seen."""
        rival_px = hits[0].side / self._min_size_ratio
        seen_px = _CASCADE_PX * max(grey.shape) / self._search_px
        if rival_px >= seen_px:
            return hits
        longest_px = round(max(grey.shape) * _CASCADE_PX / rival_px)
        return _merged([*hits, *self._look(grey, longest_px, most_px=hits[0].side)])

    def _look(
        self,
        grey: pixels.Grey,
        longest_px: int,
        least_px: float = 0,
        most_px: float = 0,
    ) -> list[Hit]:
        """Finds candidates in a copy of that longer side, and confirms them."""
        found = self._detect(grey, longest_px, self._scale_step, 1, least_px, most_px)
        confirmed = (self._confirm(grey, hit) for hit in found)
        return _merged([hit for hit in confirmed if hit])

    def _detect(
        self,
        grey: pixels.Grey,
        longest_px: int,
        step: float,
        neighbors: int,
        least_px: float = 0,
        most_px: float = 0,
    ) -> list[Hit]:
        small = pixels.shrunk(grey, longest_px)
        scale = max(grey.shape) / max(small.shape)
        found = self._cascade.detectMultiScale(
            small,
            step,
            neighbors,
            minSize=_square(max(least_px / scale, _CASCADE_PX)),
            maxSize=_square(most_px / scale),
        )
        return _merged(
            [
                Hit(left * scale, top * scale, side * scale)
                for left, top, side, _ in found
            ]
        )

    def _confirm(self, grey: pixels.Grey, hit: Hit) -> Hit | None:
        """Looks again around a candidate, closely."""
        scale = hit.side / _CONFIRM_PX
        reach = hit.side * (_SURROUNDINGS - 1) / 2
        left, top = round(hit.left - reach), round(hit.top - reach)
        side = round(hit.side + 2 * reach)
        around = pixels.window(grey, left, top, side)
        size = _square(side / scale)
        found = self._cascade.detectMultiScale(
            cv2.resize(around, size, interpolation=cv2.INTER_LINEAR),
            _FINE_STEP,
            self._min_neighbors,
            minSize=_square(_CASCADE_PX),
            maxSize=_square(1.5 * _CONFIRM_PX),
        )
        if not len(found):
            return None
        x, y, side, _ = max(found, key=lambda face: (face[2], -face[1], -face[0]))
        return Hit(left + x * scale, top + y * scale, side * scale)


def _merged(hits: Sequence[Hit]) -> list[Hit]:
    """Drops what overlaps a larger hit; largest first."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (-hit.side, hit.top, hit.left)):
        if not any(hit.overlaps(other) for other in kept):
            kept.append(hit)
    return kept


def _moved(hits: Sequence[Hit], by: float) -> list[Hit]:
    return [Hit(hit.left + by, hit.top + by, hit.side) for hit in hits]


def _square(side: float) -> tuple[int, int]:
    return round(side), round(side)
