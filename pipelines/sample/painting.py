"""Antialiased, soft-edged shapes in units of the figure, painted on a frame."""

import dataclasses
import functools
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
"""Positions `(n, 2)` as x to the right and y down; 1.0 is half an adult face."""
Colour = npt.NDArray[np.float32]
"""RGB, shape `(3,)`, range 0 to 255."""

Planes = npt.NDArray[np.float32]
"""A frame as RGB planes, shape `(3, height, width)`, range 0 to 255.

Planes, because numpy blends a mask into them five times as fast as into pixels.
"""
Pattern = npt.NDArray[np.float32]
"""A pattern of brightness, shape `(rows, columns)`."""

_SUBPIXEL_BITS = 4
_LEAST_BLUR_PX = 0.4
_STEPS = 5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pose:
    """Where and how a head is held.

    Attributes:
      x_px: Centre of the face within the frame.
      y_px: Centre of the face within the frame.
      unit_px: Pixels of half an adult face's width.
      roll_radians: Tilt towards a shoulder.
      yaw: Turn to the side; -1 to 1, where 0.2 is a clear turn.
      pitch: Nod; as `yaw`.
    """

    x_px: float
    y_px: float
    unit_px: float
    roll_radians: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0


class Painter:
    """Paints in the units of one figure on a frame of pixels."""

    def __init__(self, frame: Planes, pose: Pose) -> None:
        """Paints on `frame`, in place."""
        self._frame = frame
        self._pose = pose
        cos, sin = np.cos(pose.roll_radians), np.sin(pose.roll_radians)
        self._turn = np.array([[cos, sin], [-sin, cos]]) * pose.unit_px

    def fill(
        self,
        *shapes: Points,
        colour: Colour,
        opacity: float = 1.0,
        blur: float = 0.0,
        depth: float = 0.0,
    ) -> None:
        """Fills polygons, all at once.

        Args:
          *shapes: Corners of each, in units.
          colour: RGB.
          opacity: 0 to 1.
          blur: Standard deviation of the soft edge, in units.
          depth: How far in front of the head's axis they lie: 0 for its outline,
            1 for features of the face; these move when the head turns.
        """
        area, mask = self._mask(shapes, blur, depth)
        if mask.size:
            patch = self._frame[area]
            cover = mask * np.float32(opacity / 255)
            patch += (colour[:, None, None] - patch) * cover

    def stroke(
        self,
        *lines: Points,
        colour: Colour,
        width: float,
        opacity: float = 1.0,
        blur: float = 0.0,
        depth: float = 1.0,
        taper: bool = True,
    ) -> None:
        """Draws lines of `width` units, pointed at their ends if `taper`."""
        ribbons = [_ribbon(line, width / 2, taper) for line in lines]
        self.fill(*ribbons, colour=colour, opacity=opacity, blur=blur, depth=depth)

    def texture(
        self,
        *shapes: Points,
        pattern: Pattern,
        strength: float,
        blur: float = 0.0,
        depth: float = 0.0,
    ) -> None:
        """Multiplies what is inside polygons by `1 + strength * pattern`.

        Args:
          *shapes: Corners of each, in units.
          pattern: About -1 to 1; stretched over the polygons.
          strength: Share of the brightness.
          blur: Softness of the edge, in units.
          depth: See `fill`.
        """
        area, mask = self._mask(shapes, blur, depth)
        if mask.size:
            stretched = cv2.resize(pattern, mask.shape[::-1])
            self._frame[area] *= 1 + mask * np.float32(strength / 255) * stretched

    def _mask(
        self, shapes: Sequence[Points], blur: float, depth: float
    ) -> tuple[tuple[slice, slice, slice], npt.NDArray[np.uint8]]:
        corners = [self._to_px(shape, depth) for shape in shapes]
        sigma_px = blur * self._pose.unit_px
        margin = int(2.5 * sigma_px) + 2
        left, top, right, bottom = self._bounds(np.concatenate(corners), margin)
        shape = (max(bottom - top, 0), max(right - left, 0))
        mask: npt.NDArray[np.uint8] = np.zeros(shape, np.uint8)
        if mask.size:
            fine = 1 << _SUBPIXEL_BITS
            polygons = [
                ((each - (left, top)) * fine).astype(np.int32) for each in corners
            ]
            for polygon in polygons:
                cv2.fillPoly(mask, [polygon], 255, cv2.LINE_AA, _SUBPIXEL_BITS)
            if sigma_px > _LEAST_BLUR_PX:
                _soften(mask, sigma_px)
        return (slice(None), slice(top, bottom), slice(left, right)), mask

    def _bounds(self, corners: Points, margin: int) -> tuple[int, int, int, int]:
        height, width = self._frame.shape[1:]
        left, top = (int(low) - margin for low in corners.min(axis=0))
        right, bottom = (int(high) + 1 + margin for high in corners.max(axis=0))
        return max(left, 0), max(top, 0), min(right, width), min(bottom, height)

    def _to_px(self, points: Points, depth: float) -> Points:
        turned = points
        if depth:
            x, y = points[:, 0], points[:, 1]
            bulge = depth * np.sqrt(np.maximum(1.2 - 0.7 * x**2 - 0.25 * y**2, 0.05))
            turned = points + bulge[:, None] * (self._pose.yaw, self._pose.pitch)
        return turned @ self._turn + (self._pose.x_px, self._pose.y_px)


def ellipse(
    x: float, y: float, half_width: float, half_height: float, num: int = 28
) -> Points:
    """Makes the corners of an ellipse, in units."""
    return _circle(num) * (half_width, half_height) + (x, y)


def curve(*through: tuple[float, float]) -> Points:
    """Makes a smooth line through given positions (Catmull-Rom spline).

    Returns:
      Points `(5 * (len(through) - 1) + 1, 2)`, ends included.
    """
    knots = np.array((through[0], *through, through[-1]), dtype=np.float64)
    knots[0] += through[0] - knots[2]
    knots[-1] += through[-1] - knots[-3]
    spans = np.stack([knots[:-3], knots[1:-2], knots[2:-1], knots[3:]], axis=1)
    return np.concatenate([(_SPLINE @ spans).reshape(-1, 2), knots[-2:-1]])


def mirrored(points: Points) -> Points:
    """Mirrors points at the figure's vertical axis."""
    return points * (-1.0, 1.0)


def both(points: Points) -> tuple[Points, Points]:
    """Gives points and their mirror image."""
    return points, mirrored(points)


def _spline_basis() -> npt.NDArray[np.float64]:
    t = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
    to_powers = np.array(
        [[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]], np.float64
    )
    return 0.5 * t ** np.arange(4) @ to_powers


_SPLINE = _spline_basis()


@functools.cache
def _circle(num: int) -> Points:
    angles = np.linspace(0, 2 * np.pi, num, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@functools.cache
def _tapering(num: int) -> Points:
    return 0.15 + 0.85 * np.sin(np.linspace(0.0, np.pi, num))[:, None]


def _soften(mask: npt.NDArray[np.uint8], sigma_px: float) -> None:
    """Blurs in place: two box filters take a tenth of a Gaussian's time."""
    side = round((6 * sigma_px**2 + 1) ** 0.5) | 1
    for _ in range(2):
        cv2.blur(mask, (side, side), dst=mask)


def _ribbon(line: Points, half_width: float, taper: bool) -> Points:
    along = np.empty_like(line)
    along[1:-1] = line[2:] - line[:-2]
    along[0], along[-1] = line[1] - line[0], line[-1] - line[-2]
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    across = along[:, ::-1] * (-half_width, half_width) / length
    if taper:
        across *= _tapering(len(line))
    return np.concatenate([line + across, (line - across)[::-1]])
