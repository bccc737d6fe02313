"""Finds the customer's face."""

import dataclasses
from collections.abc import Sequence

import cv2

from pipelines.domain import faces, pixels
from pipelines.inference import blazeface, face_search

# The detector marks brow to chin; a box reaches from the hairline to the chin.
_SIDES = 1.25
# Out of focus, a face looks alike each way.
_UNTURNED = ("none", "blurred")


class FaceFinder:
    """Looks for the one face that is closest to the camera.

    Not to be shared between threads: make one for each.
    """

    def __init__(self, settings: faces.FaceSettings | None = None) -> None:
        """Loads the detector.

        OpenCV is set to one thread: parallelism is over photos.
        """
        cv2.setNumThreads(1)
        self._settings = settings or faces.FaceSettings()
        self._search = face_search.FaceSearch(
            self._settings.min_score, self._settings.min_size_ratio
        )

    def find(self, rgb: pixels.Picture, divisor: int = 1) -> faces.Finding:
        """Finds the face of one photo.

        Args:
          rgb: Shape `(height, width, 3)`, dtype uint8.
          divisor: By how much the photo's sides were divided to get `rgb`.

        Returns:
          The finding, its box in pixels of `rgb` once that is turned as it says; the
          same for the same pixels.
        """
        found = self._search.find(rgb)
        as_it_is = self._judged(rgb, found, divisor)
        if as_it_is.status in _UNTURNED:
            return as_it_is
        degrees = self._search.degrees_to_turn(rgb, found[0])
        if degrees:
            # Only upright is a face placed as those that the model learned from.
            upright = pixels.turned(rgb, degrees)
            if again := self._search.find(upright):
                return self._judged(upright, again, divisor, degrees)
        return dataclasses.replace(as_it_is, turned_degrees=0)

    def _judged(
        self,
        rgb: pixels.Picture,
        found: Sequence[blazeface.Detection],
        divisor: int,
        turned_degrees: int | None = None,
    ) -> faces.Finding:
        boxes = [box_of(one) for one in found]
        return faces.judge(rgb, boxes, self._settings, divisor, turned_degrees)


def box_of(found: blazeface.Detection) -> faces.Box:
    """Gives the square from the hairline to the chin of an upright face."""
    side = max(round(_SIDES * found.side), 1)
    top = found.centre_y - side * (0.5 + faces.RAISED)
    return faces.Box(round(found.centre_x - side / 2), round(top), side)
