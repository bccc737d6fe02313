"""What a rendered person looks like: what is theirs for life, and what age does."""

import dataclasses

import numpy as np
import numpy.typing as npt

from pipelines.sample import painting

HAIR_STYLES = ("short", "buzz", "curly", "bob", "long", "bun")

_SKIN_TONES = np.array(
    [
        (244, 214, 196),
        (236, 196, 170),
        (222, 178, 146),
        (202, 154, 118),
        (172, 122, 88),
        (142, 98, 70),
        (116, 78, 56),
    ],
    np.float32,
)
_HAIR_COLOURS = np.array(
    [
        (28, 24, 24),
        (52, 36, 28),
        (84, 56, 36),
        (122, 82, 48),
        (176, 136, 84),
        (140, 66, 36),
    ],
    np.float32,
)
_EYE_COLOURS = np.array(
    [(60, 40, 28), (84, 58, 34), (78, 96, 62), (80, 110, 140)], np.float32
)
_GREY = np.array((206, 204, 202), np.float32)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Look:
    """The features that stay with a person.

    Attributes:
      skin: Colour of the skin.
      hair: Colour of the hair in youth.
      eyes: Colour of the irises.
      clothes: Colour of the top.
      hair_style: One of `HAIR_STYLES`.
      has_fringe: Hair falls on the forehead.
      recession: How far the hair recedes in old age, 0 to 1.
      width: Width of the face, about 1.
      length: Length of the face, about 1.
      jaw: Width of the jaw, about 0.
      nose: Width of the nose, about 1.
      lips: Fullness of the lips, about 1.
      brows: Thickness of the eyebrows, about 1.
      glasses_from_age: Years.
      beard: How full the beard is, 0 to 1; 0 for none.
      pattern_seed: Seed of the skin's and hair's fine pattern.
    """

    skin: painting.Colour
    hair: painting.Colour
    eyes: painting.Colour
    clothes: painting.Colour
    hair_style: str
    has_fringe: bool
    recession: float
    width: float
    length: float
    jaw: float
    nose: float
    lips: float
    brows: float
    glasses_from_age: float
    beard: float
    pattern_seed: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ageing:
    """What the years do, each smooth in age.

    Attributes:
      growth: 0 at birth, nearing 1 at about 20 years.
      wear: 0 up to 15 years, then linear to 1 at 90.
      grey: Share of grey hair.
      old: 0 up to 50 years, then linear to 1 at 90.
    """

    growth: float
    wear: float
    grey: float
    old: float


def sample_look(rng: np.random.Generator) -> Look:
    """Draws a person."""
    masculine = rng.random() < 0.5
    style = rng.choice(HAIR_STYLES[:3] if masculine else HAIR_STYLES[2:])
    has_beard = masculine and rng.random() < 0.3
    tone = rng.uniform(0, len(_SKIN_TONES) - 1)
    return Look(
        skin=_between(_SKIN_TONES, tone),
        hair=_hair_colour(rng, tone),
        eyes=_EYE_COLOURS[rng.integers(2 if tone > 3 else 4)],
        clothes=rng.uniform(40, 200, 3).astype(np.float32),
        hair_style=str(style),
        has_fringe=bool(not masculine and rng.random() < 0.3),
        recession=float(rng.uniform(0.3, 1.0) if masculine else rng.uniform(0, 0.25)),
        width=float(rng.normal(1.0, 0.03)),
        length=float(rng.normal(1.0, 0.03)),
        jaw=float(rng.normal(0.05 if masculine else 0.0, 0.04)),
        nose=float(rng.normal(1.0, 0.08)),
        lips=float(rng.normal(0.9 if masculine else 1.1, 0.1)),
        brows=float(rng.normal(1.2 if masculine else 0.85, 0.12)),
        glasses_from_age=float(
            rng.choice([8, 20, 45, 60, 200], p=[0.04, 0.08, 0.13, 0.15, 0.6])
        ),
        beard=float(rng.uniform(0.4, 0.9)) if has_beard else 0.0,
        pattern_seed=int(rng.integers(2**31)),
    )


def ageing(age_years: float) -> Ageing:
    """Says how far an age has changed a face."""
    return Ageing(
        growth=float(1 - np.exp(-(((age_years + 1.5) / 10) ** 1.35))),
        wear=float(np.clip((age_years - 15) / 75, 0, 1)),
        grey=float(1 / (1 + np.exp(-(age_years - 54) / 7.5))),
        old=float(np.clip((age_years - 50) / 40, 0, 1)),
    )


def hair_colour(look: Look, age: Ageing) -> painting.Colour:
    """Blends the hair of youth with grey."""
    return look.hair + (_GREY - look.hair) * np.float32(0.92 * age.grey)


def _hair_colour(rng: np.random.Generator, tone: float) -> painting.Colour:
    darkest = 2 if tone > 2.5 else len(_HAIR_COLOURS)
    shade = _HAIR_COLOURS[rng.integers(darkest)]
    return np.asarray(shade * np.float32(rng.uniform(0.85, 1.15)), np.float32)


def _between(colours: npt.NDArray[np.float32], at: float) -> painting.Colour:
    low = min(int(at), len(colours) - 2)
    return colours[low] + (colours[low + 1] - colours[low]) * np.float32(at - low)
