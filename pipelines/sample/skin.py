"""Light, wrinkles and the skin's fine pattern on a rendered face."""

import functools

import cv2
import numpy as np

from pipelines.sample import looks, painting
from pipelines.sample.painting import both, curve, ellipse
from pipelines.sample.proportions import Face

_WARM = np.array((206, 84, 84), np.float32)
_PATTERN_SIDE = 256
_NUM_SPOTS = 14


def shade(colour: painting.Colour, factor: float) -> painting.Colour:
    """Makes a colour darker (below 1) or lighter (above), within range."""
    return np.minimum(colour * np.float32(factor), np.float32(255))


def draw_shading(
    painter: painting.Painter, look: looks.Look, age: looks.Ageing, face: Face
) -> None:
    """Models the face: sockets, cheeks, forehead, jaw."""
    dark, light = shade(look.skin, 0.62), shade(look.skin, 1.14)
    x, y = face.eye_x, face.eye_y
    forehead = ellipse(0, y - 0.62, 0.55, 0.3)
    chin = ellipse(0, face.chin * 0.9, 0.2, 0.08)
    cheeks = both(ellipse(x * 1.12, (y + face.mouth_y) / 2 + 0.02, 0.26, 0.2))
    painter.fill(
        forehead, chin, *cheeks, colour=light, opacity=0.5, blur=0.1, depth=0.9
    )
    blush = 0.34 * (1 - age.growth) + 0.06
    painter.fill(*cheeks, colour=_WARM, opacity=blush, blur=0.1, depth=0.9)
    sockets = both(ellipse(x, y - 0.04, 0.33, 0.2))
    painter.fill(
        *sockets, colour=dark, opacity=0.5 + 0.3 * age.wear, blur=0.08, depth=1
    )
    w = face.half_width
    jaw = curve(
        (w * 0.93, -0.2), (w * 0.88, 0.35), (w * 0.6, face.chin * 0.8), (0.1, face.chin)
    )
    painter.stroke(*both(jaw), colour=dark, width=0.12, opacity=0.6, blur=0.07, depth=0)


def draw_wrinkles(
    painter: painting.Painter, look: looks.Look, age: looks.Ageing, face: Face
) -> None:
    """Draws the lines that come with the years, fainter the younger."""
    if age.wear <= 0:
        return
    dark, wear = shade(look.skin, 0.5), age.wear
    rows = [face.eye_y - 0.47 - 0.15 * row for row in range(4)]
    lines = [
        curve((-0.5, y + 0.03), (-0.2, y), (0.2, y), (0.5, y + 0.03)) for y in rows
    ]
    for line in _half_face_lines(age, face):
        lines += both(line)
    strength = float(0.12 + 0.58 * wear) * min(1.0, wear * 20)
    width = 0.025 + 0.035 * wear
    painter.stroke(*lines, colour=dark, width=width, opacity=strength, blur=0.014)
    hollow = curve(
        (0.7, face.eye_y + 0.4), (0.66, face.mouth_y - 0.2), (0.58, face.mouth_y)
    )
    painter.stroke(
        *both(hollow), colour=dark, width=0.1, opacity=0.3 * age.old, blur=0.05
    )
    _draw_bags(painter, look, age, face)


def draw_pattern(
    painter: painting.Painter,
    age: looks.Ageing,
    face: Face,
    rng: np.random.Generator,
) -> None:
    """Mottles the skin: patches and grain, and, late, brown spots."""
    half = _PATTERN_SIDE // 2
    top, left = rng.integers(0, half, 2)
    pattern = _mottle()[top : top + half, left : left + half]
    strength = 0.015 + 0.06 * age.wear
    painter.texture(face.outline(), pattern=pattern, strength=strength)
    places = rng.uniform((-0.8, -0.9, 0.02), (0.8, 0.8, 0.06), (_NUM_SPOTS, 3))
    if age.old > 0.02:
        spots = [ellipse(x, y, size, size * 0.8, 10) for x, y, size in places]
        flat = -np.ones((2, 2), np.float32)
        painter.texture(*spots, pattern=flat, strength=0.35 * age.old, blur=0.015)


def _half_face_lines(age: looks.Ageing, face: Face) -> list[painting.Points]:
    x, y = face.eye_x + face.eye_size, face.eye_y
    mouth_x, mouth_y = 0.36, face.mouth_y
    fold_end = mouth_y - 0.12 + 0.3 * age.wear
    crow = [
        curve((x + 0.06, y + k), (x + 0.16, y + 1.8 * k), (x + 0.25, y + 3.2 * k))
        for k in (-0.05, 0.005, 0.06)
    ]
    fold = curve(
        (0.2, face.nose_y - 0.08),
        (0.33, (face.nose_y + fold_end) / 2),
        (0.4 + 0.03 * age.wear, fold_end),
    )
    corner = curve(
        (mouth_x - 0.02, mouth_y + 0.03),
        (mouth_x + 0.02, mouth_y + 0.14),
        (mouth_x, mouth_y + 0.12 + 0.2 * age.wear),
    )
    frown = curve((0.07, y - 0.3), (0.06, y - 0.2), (0.08, y - 0.1))

    return [*crow, fold, corner, frown]


def _draw_bags(
    painter: painting.Painter, look: looks.Look, age: looks.Ageing, face: Face
) -> None:
    dark, light = shade(look.skin, 0.6), shade(look.skin, 1.12)
    x, y, size = face.eye_x, face.eye_y + 0.12, face.eye_size
    bag = curve((x - size, y), (x - 0.02, y + 0.06 + 0.09 * age.wear), (x + size, y))
    painter.stroke(
        *both(bag), colour=dark, width=0.05, opacity=0.85 * age.wear, blur=0.02
    )
    painter.stroke(
        *both(bag - (0, 0.05)),
        colour=light,
        width=0.06,
        opacity=0.4 * age.wear,
        blur=0.02,
    )


@functools.cache
def _mottle() -> painting.Pattern:
    rng = np.random.default_rng(2021)
    white = rng.standard_normal((_PATTERN_SIDE, _PATTERN_SIDE)).astype(np.float32)
    patches, grain = (cv2.GaussianBlur(white, (0, 0), sigma) for sigma in (7.0, 1.2))
    return np.asarray(
        0.7 * patches / patches.std() + 0.7 * grain / grain.std(), np.float32
    )
