"""Tells which way is up for a face: the camera may hang upside down or on its side.

Key points alone do not tell. Of a face on its head, BlazeFace draws them as if it
stood upright, and of one on its side somewhere between: it is only less sure of such
faces. So a face of which it is not sure is looked at again, turned each way. The
numbers were chosen on photos of training faces; `docs/measured.md` has what they cost.
"""

import math

from pipelines.domain import pixels
from pipelines.inference import blazeface

QUARTERS = (0, 90, 180, 270)
"""Degrees, clockwise, by which a photo may be turned."""

_SURE_SCORE = 0.84
_SURE_TILT_DEGREES = 30.0
_SIDES = 2.4  # Of the face: closer, or from farther away, its turn is told less well.
# A photo turned by mistake has a wrong age; one that is not is as it always was.
_MARGIN = 0.5
_LARGEST_SCORE = 1 - 1e-6  # A float32 may round to 1, whose logit is none.
_LEAST_MERIT = 1.0  # What is barely a face in any position is none.


def degrees_to_turn(
    detector: blazeface.BlazeFace, rgb: pixels.Picture, face: blazeface.Detection
) -> int:
    """Tells by how much a picture must be turned for its face to stand upright.

    Args:
      detector: That found the face.
      rgb: Shape `(height, width, 3)`, dtype uint8.
      face: A face in it.

    Returns:
      One of `QUARTERS`, clockwise; 0 unless another is clearly better, and so for a
      face that leans by less than 45 degrees.
    """
    if _is_sure(face):
        return 0
    near = _near(rgb, face)
    as_it_is = _likeliest(detector.find(near))
    if as_it_is is not None and _is_sure(as_it_is):
        return 0
    merits = {0: _merit(as_it_is)} | {
        by: _merit(_likeliest(detector.find(pixels.turned(near, by))))
        for by in QUARTERS[1:]
    }
    best = max(QUARTERS, key=merits.__getitem__)
    is_clear = merits[best] > max(merits[0], _LEAST_MERIT) + _MARGIN
    return best if is_clear else 0


def _is_sure(face: blazeface.Detection) -> bool:
    return face.score >= _SURE_SCORE and face.tilt_degrees <= _SURE_TILT_DEGREES


def _near(rgb: pixels.Picture, face: blazeface.Detection) -> pixels.Picture:
    """Cuts out the face and what is around it, in the size of the detector."""
    side = max(round(_SIDES * face.side), 1)
    left, top = round(face.centre_x - side / 2), round(face.centre_y - side / 2)
    return pixels.resized(pixels.window(rgb, left, top, side), blazeface.INPUT_PX)


def _likeliest(found: list[blazeface.Detection]) -> blazeface.Detection | None:
    return max(found, key=lambda one: one.score, default=None)


def _merit(face: blazeface.Detection | None) -> float:
    """Rates a way to turn: how sure the detector is, in logits, and how upright."""
    if face is None:
        return -math.inf
    upright = math.cos(math.radians(face.tilt_degrees))
    score = min(face.score, _LARGEST_SCORE)
    return math.log(score / (1 - score)) + upright
