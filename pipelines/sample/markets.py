"""What shoppers buy: made-up baskets, or baskets of real lines."""

import typing

import numpy as np

from pipelines.sample import catalogue, people


class Market(typing.Protocol):
    """Where baskets come from."""

    def next_sale(
        self, rng: np.random.Generator, crowd: people.Crowd
    ) -> tuple[people.Person, list[catalogue.Item]]:
        """Gives the next shopper and what they bring to the till."""


class MadeUpMarket:
    """Baskets filled by age from `catalogue`, planted preferences included."""

    def __init__(self, student_share: float = 0.0) -> None:
        """Opens it where this share of shoppers, 0 to 1, are students."""
        self._student_share = student_share

    def next_sale(
        self, rng: np.random.Generator, crowd: people.Crowd
    ) -> tuple[people.Person, list[catalogue.Item]]:
        """Makes a sale up; see `Market`."""
        is_student = self._student_share and rng.random() < self._student_share
        ages = people.STUDENT_AGES if is_student else (people.YOUNGEST, people.OLDEST)
        person = crowd.person(rng, people.draw_age(rng, *ages))
        has_restricted = catalogue.buys_restricted(rng, person.age_years)
        return person, catalogue.draw_items(rng, person.age_years, has_restricted)
