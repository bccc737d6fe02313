"""Hair and beards of a rendered person."""

import numpy as np

from pipelines.sample import looks, painting
from pipelines.sample.painting import both, curve, ellipse
from pipelines.sample.proportions import Face
from pipelines.sample.skin import shade

_VOLUME = {
    "short": 0.2,
    "buzz": 0.07,
    "curly": 0.3,
    "bob": 0.22,
    "long": 0.2,
    "bun": 0.14,
}
_SIDE_END = {
    "short": 0.05,
    "buzz": -0.1,
    "curly": 0.15,
    "bob": 0.75,
    "long": 0.5,
    "bun": -0.05,
}
_STRANDS_PER_TONE = 5


def draw_behind(
    painter: painting.Painter, look: looks.Look, age: looks.Ageing, face: Face
) -> None:
    """Draws the hair that falls behind the face."""
    colour = shade(looks.hair_colour(look, age), 0.75)
    wide = face.half_width + 0.2
    if look.hair_style in ("bob", "long"):
        end = face.chin + (0.0 if look.hair_style == "bob" else 0.9)
        back = curve(
            (-wide * 0.95, end),
            (-wide * 1.08, 0.3),
            (-wide * 0.9, -0.8),
            (0, face.top - 0.15),
            (wide * 0.9, -0.8),
            (wide * 1.08, 0.3),
            (wide * 0.95, end),
        )
        painter.fill(back, colour=colour, blur=0.02)
    if look.hair_style == "bun":
        bun = ellipse(0, face.top - 0.2, 0.38, 0.32)
        painter.fill(bun, colour=colour, blur=0.02)


def draw_in_front(
    painter: painting.Painter,
    look: looks.Look,
    age: looks.Ageing,
    face: Face,
    rng: np.random.Generator,
) -> None:
    """Draws the hair on the head; it is thin in infancy and recedes in age."""
    colour = looks.hair_colour(look, age)
    fullness = float(np.clip(0.45 + 1.2 * age.growth, 0, 1))
    volume = _VOLUME[look.hair_style] * fullness * (1 - 0.35 * age.old)
    outer = _outer(look, face, volume, rng)
    inner = _hairline(look, age, face)
    cap = np.concatenate([outer, inner])
    opacity = 0.75 if look.hair_style == "buzz" else 0.55 + 0.45 * fullness
    opacity *= 1 - 0.55 * age.old * look.recession
    painter.fill(cap, colour=colour, opacity=opacity, blur=0.02)
    for tone in (0.6, 1.45):
        strands = [_strand(outer, inner, rng) for _ in range(_STRANDS_PER_TONE)]
        painter.stroke(
            *strands,
            colour=shade(colour, tone),
            width=0.07,
            opacity=0.22 * opacity,
            blur=0.02,
            depth=0,
        )


def draw_beard(
    painter: painting.Painter, look: looks.Look, age: looks.Ageing, face: Face
) -> None:
    """Draws the beard of those who wear one."""
    if not look.beard:
        return
    colour = shade(looks.hair_colour(look, age), 0.9 - 0.25 * age.grey)
    y, w = face.mouth_y, face.half_width
    half = [
        (w * 0.95, 0.3),
        (w * 0.7, y - 0.1),
        (0.36, y - 0.18),
        (0, y - 0.13),
    ]
    lower = [
        (0, face.chin + 0.03),
        (0.4, face.chin - 0.03),
        (w * 0.82, y + 0.2),
        half[0],
    ]
    side = np.concatenate([curve(*half), curve(*lower)])
    left, right = both(side)
    whole = np.concatenate([left, right[::-1]])
    painter.fill(
        whole,
        colour=colour,
        opacity=look.beard * (1 - 0.35 * age.grey),
        blur=0.04,
        depth=0.2,
    )


def _strand(
    outer: painting.Points, inner: painting.Points, rng: np.random.Generator
) -> painting.Points:
    """Follows the hair from the crown to the hairline, on one side of the parting."""
    share = rng.uniform(0.15, 0.85)
    root = outer[round(share * (len(outer) - 1))] * (0.96, 0.97)
    tip = inner[round((1 - share) * (len(inner) - 1))]
    middle = (root + tip) / 2 + (0.04 * np.sign(root[0]), 0)
    return curve(tuple(root), tuple(middle), tuple(tip))


def _outer(
    look: looks.Look, face: Face, volume: float, rng: np.random.Generator
) -> painting.Points:
    side_y = _SIDE_END[look.hair_style]
    angles = np.linspace(np.pi, 2 * np.pi, 40)
    phase = rng.uniform(0, 6)
    bumps = 0.04 * np.sin(angles * 26 + phase) if look.hair_style == "curly" else 0.0
    across = (face.half_width + 0.05 + 0.6 * volume + bumps) * np.cos(angles)
    up = (-face.top + volume + bumps) * np.sin(angles)
    arc = np.stack([across, up], axis=1)
    return np.concatenate([[(across[0], side_y)], arc, [(across[-1], side_y)]])


def _hairline(look: looks.Look, age: looks.Ageing, face: Face) -> painting.Points:
    side_y, w = _SIDE_END[look.hair_style], face.half_width
    back = look.recession * age.wear
    centre = face.top * 0.62 - 0.42 * back
    if look.has_fringe:
        centre = face.eye_y - 0.4 - 0.15 * age.wear
    temple = centre + 0.2 - 0.35 * back
    return curve(
        (w * 0.99, side_y),
        (w * 0.9, face.eye_y - 0.2),
        (w * 0.76, temple + 0.05),
        (w * 0.45, centre + 0.04 - 0.1 * back),
        (0, centre + 0.06 * back),
        (-w * 0.45, centre + 0.02 - 0.1 * back),
        (-w * 0.76, temple + 0.05),
        (-w * 0.9, face.eye_y - 0.2),
        (-w * 0.99, side_y),
    )
