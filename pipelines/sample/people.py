"""Who shops: made-up people, or the faces of a labelled set."""

import dataclasses
import functools
import typing
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from pipelines.sample import frames, looks

ADULT_AGE = 18
YOUNGEST, OLDEST = 10, 90
STUDENT_AGES = (ADULT_AGE, 24)
"""Youngest and oldest of the additional shoppers near a university, years."""

_KNOTS = ((10, 0.1), (14, 0.5), (18, 1.8), (25, 2.2), (35, 1.9), (50, 1.8), (65, 1.5))
_LATE_KNOTS = ((75, 1.0), (85, 0.35), (90, 0.1))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FaceFile:
    """Where the photo of a face lies: a file, or a part of a tar."""

    path: str
    offset: int
    size: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A shopper.

    Attributes:
      person_id: The same for all photos of one person.
      age_years: True age.
      face: What the camera sees.
    """

    person_id: str
    age_years: int
    face: frames.Rendered | FaceFile


class Crowd(typing.Protocol):
    """Where shoppers come from."""

    def person(self, rng: np.random.Generator, age_years: int) -> Person:
        """Gives somebody of that age, or as near to it as there is."""


def draw_age(rng: np.random.Generator, low: int = YOUNGEST, high: int = OLDEST) -> int:
    """Draws the age of a shopper, in years, from `low` to `high` inclusive."""
    ages, shares = shopper_ages()
    within = shares * ((ages >= low) & (ages <= high))
    if not within.sum():
        return int(np.clip(round((low + high) / 2), low, high))
    cumulated = np.cumsum(within)
    return int(ages[np.searchsorted(cumulated, rng.random() * cumulated[-1], "right")])


def minor_share() -> float:
    """Gives the share of shoppers under 18."""
    ages, shares = shopper_ages()
    return float(shares[ages < ADULT_AGE].sum())


@functools.cache
def shopper_ages() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Gives ages in years and the share of shoppers of each."""
    knots = np.array(_KNOTS + _LATE_KNOTS)
    ages = np.arange(YOUNGEST, OLDEST + 1)
    weights = np.interp(ages, knots[:, 0], knots[:, 1])
    return ages, weights / weights.sum()


class RenderedCrowd:
    """People who do not exist; each comes once."""

    def __init__(self, prefix: str) -> None:
        """Names its people `prefix` and a number."""
        self._prefix = prefix
        self._num_people = 0

    def person(self, rng: np.random.Generator, age_years: int) -> Person:
        """Makes somebody up; see `Crowd`."""
        self._num_people += 1
        return Person(
            person_id=f"{self._prefix}-{self._num_people:05d}",
            age_years=age_years,
            face=frames.Rendered(look=looks.sample_look(rng), age_years=age_years),
        )


class LabelledCrowd:
    """The faces of a labelled set; one comes back when all of its age have come."""

    def __init__(self, faces: Mapping[str, FaceFile], ages: Mapping[str, int]) -> None:
        """Deals from `faces`, keyed by file name as `ages` are, in years."""
        self._faces = faces
        by_age: dict[int, list[str]] = {}
        for name in sorted(ages):
            by_age.setdefault(ages[name], []).append(name)
        self._by_age = by_age
        self._known_ages = np.array(sorted(by_age))
        self._decks: dict[int, list[str]] = {}

    def person(self, rng: np.random.Generator, age_years: int) -> Person:
        """Deals a face; see `Crowd`."""
        nearest = int(self._known_ages[np.argmin(np.abs(self._known_ages - age_years))])
        if not self._decks.get(nearest):
            self._decks[nearest] = _shuffled(rng, self._by_age[nearest])
        name = self._decks[nearest].pop()
        return Person(person_id=name, age_years=nearest, face=self._faces[name])


def _shuffled(rng: np.random.Generator, names: Sequence[str]) -> list[str]:
    return [names[index] for index in rng.permutation(len(names))]
