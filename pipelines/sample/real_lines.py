"""Baskets of real supermarket lines, with the buyer's age band where it is known."""

import collections
import decimal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import flags
from pipelines.sample import catalogue, people

_COLUMNS = (
    "basket_id",
    "household_age_band",
    "product_id",
    "department",
    "product_category",
    "product_type",
    "quantity",
    "sales_value",
)
_BANDS = {
    "19-24": (19, 24),
    "25-34": (25, 34),
    "35-44": (35, 44),
    "45-54": (45, 54),
    "55-64": (55, 64),
    "65+": (65, people.OLDEST),
}
_ANY_AGE = (people.YOUNGEST, people.OLDEST)
_RESTRICTED = frozenset(
    {
        "BEERS/ALES",
        "CIGARETTES",
        "CIGARS",
        "DOMESTIC WINE",
        "IMPORTED WINE",
        "LIQUOR",
        "MISC WINE",
        "TOBACCO OTHER",
    }
)
_MINORS_AMONG_BUYERS = 0.003
_CENT = decimal.Decimal("0.01")


class RealMarket:
    """Deals baskets of a file of lines; they come back when all have come."""

    def __init__(self, path: str) -> None:
        """Reads the lines.

        Raises:
          flags.UsageError: the file cannot be read or lacks a column.
        """
        self._baskets = _read_baskets(path)
        self._deck: list[int] = []

    @property
    def num_baskets(self) -> int:
        """How many different baskets there are."""
        return len(self._baskets)

    def next_sale(
        self, rng: np.random.Generator, crowd: people.Crowd
    ) -> tuple[people.Person, list[catalogue.Item]]:
        """Deals a basket and finds a buyer for it; see `markets.Market`."""
        if not self._deck:
            self._deck = rng.permutation(len(self._baskets)).tolist()
        (low, high), items = self._baskets[self._deck.pop()]
        if any(item.product.is_restricted for item in items):
            is_minor = high >= people.OLDEST and rng.random() < _MINORS_AMONG_BUYERS
            low, high = (
                (14, people.ADULT_AGE - 1)
                if is_minor
                else (max(low, people.ADULT_AGE), high)
            )
        return crowd.person(rng, people.draw_age(rng, low, high)), items


Basket = tuple[tuple[int, int], list[catalogue.Item]]


def _read_baskets(path: str) -> list[Basket]:
    table = _read_table(path)
    bands: dict[str, tuple[int, int]] = {}
    items: dict[str, list[catalogue.Item]] = collections.defaultdict(list)
    for row in table.to_pylist():
        basket = str(row["basket_id"])
        bands[basket] = _BANDS.get(str(row["household_age_band"]), _ANY_AGE)
        items[basket].append(_item(row, path))
    return [(bands[basket], items[basket]) for basket in sorted(items)]


def _read_table(path: str) -> pa.Table:
    try:
        given = pq.read_schema(path).names
        if missing := [name for name in _COLUMNS if name not in given]:
            raise flags.UsageError(
                f"--purchase-lines {path}: column {missing[0]} is missing; "
                f"it has {', '.join(given)}"
            )
        table = pq.read_table(path, columns=list(_COLUMNS))
    except (OSError, pa.ArrowException) as error:
        raise flags.UsageError(
            f"--purchase-lines {path}: cannot be read as Parquet: {error}"
        ) from error
    if not table.num_rows:
        raise flags.UsageError(f"--purchase-lines {path}: it holds no lines")
    return table


def _item(row: dict[str, object], path: str) -> catalogue.Item:
    category = str(row["product_category"] or row["department"] or "OTHER")
    amount = _decimal(row["sales_value"], path)
    product = catalogue.Product(
        product_id=str(row["product_id"]),
        name=str(row["product_type"] or category).strip().capitalize(),
        category=category,
        cents=0,
        popularity=0.0,
        is_restricted=category in _RESTRICTED,
    )
    return catalogue.Item(product, _decimal(row["quantity"], path), amount)


def _decimal(value: object, path: str) -> decimal.Decimal:
    try:
        return decimal.Decimal(str(value)).quantize(_CENT)
    except decimal.InvalidOperation as error:
        raise flags.UsageError(
            f"--purchase-lines {path}: quantity and sales_value must be numbers; "
            f"received {value!r}"
        ) from error
