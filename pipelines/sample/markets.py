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

    def next_sale(
        self, rng: np.random.Generator, crowd: people.Crowd
    ) -> tuple[people.Person, list[catalogue.Item]]:
        """Makes a sale up; see `Market`."""
        person = crowd.person(rng, people.draw_age(rng))
        has_restricted = catalogue.buys_restricted(rng, person.age_years)
        return person, catalogue.draw_items(rng, person.age_years, has_restricted)
