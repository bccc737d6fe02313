"""Finds the customer's face."""

import cv2

from pipelines.domain import faces, pixels
from pipelines.inference import blazeface, face_search

# The detector marks brow to chin; a box reaches from the hairline to the chin.
_SIDES = 1.25


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
          The finding, its box in pixels of `rgb`; the same for the same pixels.
        """
        boxes = [_box(found) for found in self._search.find(rgb)]
        return faces.judge(rgb, boxes, self._settings, divisor)


def _box(found: blazeface.Detection) -> faces.Box:
    side = max(round(_SIDES * found.side), 1)
    top = found.centre_y - side * (0.5 + faces.RAISED)
    return faces.Box(round(found.centre_x - side / 2), round(top), side)
