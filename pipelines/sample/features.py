"""Eyes, nose, mouth, ears, glasses and shoulders of a rendered person."""

import numpy as np

from pipelines.sample import looks, painting
from pipelines.sample.painting import both, curve, ellipse
from pipelines.sample.proportions import Face
from pipelines.sample.skin import shade

_BLACK = np.full(3, 14, np.float32)
_WHITE = np.full(3, 240, np.float32)
_LIP: painting.Colour = np.array((176, 76, 80), np.float32)
_FRAME = np.array((38, 34, 36), np.float32)


def draw_body(
    painter: painting.Painter, look: looks.Look, age: looks.Ageing, face: Face
) -> None:
    """Draws shoulders, neck and ears."""
    neck, shoulder = 0.42 + 0.18 * age.growth, 1.25 + 0.85 * age.growth
    y = face.chin
    body = curve(
        (-shoulder, 4.5),
        (-shoulder, y + 0.95),
        (-neck - 0.2, y + 0.42),
        (0, y + 0.5),
        (neck + 0.2, y + 0.42),
        (shoulder, y + 0.95),
        (shoulder, 4.5),
    )
    painter.fill(body, colour=look.clothes)
    throat = curve(
        (-neck, y - 0.5),
        (-neck, y + 0.35),
        (0, y + 0.72),
        (neck, y + 0.35),
        (neck, y - 0.5),
    )
    painter.fill(throat, colour=shade(look.skin, 0.76))
    under_chin = ellipse(0, y + 0.05, neck * 0.75, 0.14)
    painter.fill(under_chin, colour=shade(look.skin, 0.5), opacity=0.7, blur=0.06)
    x, ear_y, size = face.half_width + 0.01, face.eye_y + 0.2, 0.24 + 0.06 * age.wear
    painter.fill(*both(ellipse(x, ear_y, 0.13, size)), colour=shade(look.skin, 0.86))
    inner = both(ellipse(x, ear_y, 0.06, size * 0.6))
    painter.fill(*inner, colour=shade(look.skin, 0.6), opacity=0.6, blur=0.03)


def draw_eyes(
    painter: painting.Painter, look: looks.Look, age: looks.Ageing, face: Face
) -> None:
    """Draws eyes and lids; the lids drop with the years."""
    lid = shade(look.skin, 0.45)
    x, y = face.eye_x, face.eye_y
    opening = face.eye_size * (0.62 - 0.2 * age.wear - 0.08 * age.growth)
    upper, lower = _eyelids(x, y, face.eye_size, opening, 0.02 * (1 - 2 * age.wear))
    eye = np.concatenate([upper, lower[1:]])
    painter.fill(*both(eye), colour=_WHITE, depth=1)
    iris_y, iris = y - 0.1 * opening, 0.12 - 0.012 * age.growth
    for size, colour in ((iris, look.eyes), (0.055, _BLACK)):
        disc = ellipse(x, iris_y, size * 0.95, min(size, opening * 1.05), 16)
        painter.fill(*both(disc), colour=colour, depth=1)
    glints = (
        ellipse(side * x + 0.035, iris_y - 0.03, 0.02, 0.02, 8) for side in (-1, 1)
    )
    painter.fill(*glints, colour=_WHITE, opacity=0.9, depth=1)
    painter.stroke(*both(upper), colour=shade(lid, 0.6), width=0.055, opacity=0.95)
    fold = upper - (0, 0.06 - 0.02 * age.wear)
    painter.stroke(
        *both(fold),
        *both(lower),
        colour=lid,
        width=0.03,
        opacity=0.45 + 0.35 * age.wear,
    )


def draw_brows(
    painter: painting.Painter, look: looks.Look, age: looks.Ageing, face: Face
) -> None:
    """Draws eyebrows: faint in infancy, grey late."""
    colour = shade(looks.hair_colour(look, age), 0.75 - 0.25 * age.grey)
    x, y = face.eye_x, face.eye_y - 0.27 + 0.03 * age.wear
    arch = curve(
        (x - 0.22, y + 0.03),
        (x + 0.05, y - 0.05),
        (x + 0.28, y + 0.03 + 0.05 * age.wear),
    )
    thick, opacity = look.brows * (0.045 + 0.05 * age.growth), 0.35 + 0.5 * age.growth
    painter.stroke(*both(arch), colour=colour, width=thick, opacity=opacity, blur=0.012)


def draw_nose(
    painter: painting.Painter, look: looks.Look, age: looks.Ageing, face: Face
) -> None:
    """Draws the nose; it grows with the years."""
    dark, light = shade(look.skin, 0.55), shade(look.skin, 1.16)
    y, half = face.nose_y, look.nose * (0.13 + 0.05 * age.growth + 0.03 * age.wear)
    bridge = curve((0, face.eye_y - 0.15), (0, (face.eye_y + y) / 2), (0, y - 0.02))
    painter.stroke(
        bridge, colour=light, width=0.15, opacity=0.35 + 0.3 * age.growth, blur=0.04
    )
    side = curve((0.12, face.eye_y + 0.02), (0.11, y - 0.2), (half, y - 0.06))
    painter.stroke(
        *both(side), colour=dark, width=0.06, opacity=0.3 * age.growth, blur=0.03
    )
    tip = ellipse(0, y - 0.05, half * 0.6, 0.08)
    painter.fill(tip, colour=light, opacity=0.6, blur=0.04, depth=1.15)
    base = curve(
        (-half, y - 0.02),
        (-half * 0.5, y + 0.05),
        (0, y + 0.06),
        (half * 0.5, y + 0.05),
        (half, y - 0.02),
    )
    painter.stroke(base, colour=dark, width=0.05, opacity=0.7, blur=0.015, depth=1.1)
    nostrils = both(ellipse(half * 0.45, y + 0.025, 0.04, 0.022, 10))
    painter.fill(*nostrils, colour=shade(dark, 0.5), opacity=0.8, depth=1.1)


def draw_mouth(
    painter: painting.Painter, look: looks.Look, age: looks.Ageing, face: Face
) -> None:
    """Draws the mouth; lips thin with the years."""
    lip = np.float32(0.5) * _LIP + np.float32(0.45) * look.skin
    y, half = face.mouth_y, 0.24 + 0.1 * age.growth
    full = look.lips * (0.1 - 0.055 * age.wear)
    corner = y - 0.03 + 0.06 * age.wear
    upper = curve(
        (-half, corner),
        (-0.1, y - full),
        (0, y - full * 0.7),
        (0.1, y - full),
        (half, corner),
    )
    middle = curve((half, corner), (0, y + 0.015), (-half, corner))
    lower = curve((-half, corner), (0, y + full * 1.35), (half, corner))
    painter.fill(np.concatenate([upper, middle]), colour=shade(lip, 0.85), depth=1)
    painter.fill(np.concatenate([lower, middle]), colour=lip, depth=1)
    painter.stroke(middle, colour=shade(lip, 0.35), width=0.035, opacity=0.9)
    below = curve((-0.16, y + full * 1.9), (0, y + full * 2.1), (0.16, y + full * 1.9))
    painter.stroke(
        below, colour=shade(look.skin, 0.6), width=0.07, opacity=0.5, blur=0.03
    )


def draw_glasses(painter: painting.Painter, face: Face) -> None:
    """Draws thin round glasses, which leave the eyes to be seen."""
    y = face.eye_y
    rim = ellipse(face.eye_x, y + 0.02, 0.31, 0.25)
    ring = np.concatenate([rim, rim[:1]])
    arm = curve((0.74, y - 0.03), (0.97, y + 0.02))
    bridge = curve((-0.12, y), (0, y - 0.05), (0.12, y))
    for line in (*both(ring), *both(arm), bridge):
        painter.stroke(line, colour=_FRAME, width=0.035, opacity=0.9, taper=False)


def _eyelids(
    x: float, y: float, half: float, opening: float, tilt: float
) -> tuple[painting.Points, painting.Points]:
    upper = curve((x - half, y + tilt), (x, y - opening), (x + half, y - tilt))
    lower = curve((x + half, y - tilt), (x, y + opening * 0.75), (x - half, y + tilt))
    return upper, lower
