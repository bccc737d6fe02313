"""Products of a made-up supermarket, and which age groups like which of them."""

import dataclasses
import decimal
import functools

import numpy as np
import numpy.typing as npt

from pipelines.sample import people


@dataclasses.dataclass(frozen=True, slots=True)
class Product:
    """Something on the shelf.

    Attributes:
      product_id: Number on the receipt.
      name: For people.
      category: Its shelf.
      cents: Price of one piece.
      popularity: Relative share of lines, the same at every age.
      is_restricted: Not sold to the young.
      minimum_age: Years, where it is not the chain's usual one.
    """

    product_id: str
    name: str
    category: str
    cents: int
    popularity: float
    is_restricted: bool = False
    minimum_age: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Preference:
    """A planted liking.

    Attributes:
      product_id: What is liked.
      low_age: Youngest who like it, years.
      high_age: Oldest who like it, years.
      factor: How many times as often as by others it is chosen.
    """

    product_id: str
    low_age: int
    high_age: int
    factor: float


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """So much of a product, and what it costs."""

    product: Product
    quantity: decimal.Decimal
    amount: decimal.Decimal


PRODUCTS = (
    Product("1001", "Whole milk 1 l", "Dairy", 119, 6),
    Product("1002", "Butter 250 g", "Dairy", 229, 4),
    Product("1003", "Natural yoghurt", "Dairy", 99, 4),
    Product("1004", "Gouda slices", "Dairy", 249, 4),
    Product("1005", "Oat drink", "Dairy", 199, 1.5),
    Product("1101", "Rye bread", "Bakery", 279, 4),
    Product("1102", "Bread rolls, 6", "Bakery", 189, 5),
    Product("1103", "Plum cake", "Bakery", 349, 1.2),
    Product("1201", "Bananas", "Fruit and vegetables", 149, 6),
    Product("1202", "Apples 1 kg", "Fruit and vegetables", 249, 4),
    Product("1203", "Tomatoes", "Fruit and vegetables", 199, 4),
    Product("1204", "Potatoes 2 kg", "Fruit and vegetables", 299, 3),
    Product("1205", "Avocado", "Fruit and vegetables", 129, 1.5),
    Product("1301", "Minced beef 400 g", "Meat", 449, 3),
    Product("1302", "Chicken breast", "Meat", 599, 3),
    Product("1303", "Tofu, smoked", "Meat alternatives", 229, 1),
    Product("1401", "Spaghetti 500 g", "Dry goods", 129, 4),
    Product("1402", "Ramen cup", "Dry goods", 169, 1.2),
    Product("1403", "Rice 1 kg", "Dry goods", 219, 3),
    Product("1404", "Muesli", "Dry goods", 299, 2.5),
    Product("1501", "Ground coffee 500 g", "Hot drinks", 599, 3),
    Product("1502", "Herbal tea", "Hot drinks", 219, 1.2),
    Product("1601", "Mineral water 6 x 1.5 l", "Soft drinks", 294, 4),
    Product("1602", "Cola 1.25 l", "Soft drinks", 149, 3),
    Product("1603", "Energy drink", "Soft drinks", 139, 1.2),
    Product("1604", "Orange juice", "Soft drinks", 249, 3),
    Product("1701", "Crisps", "Snacks", 199, 3),
    Product("1702", "Milk chocolate", "Snacks", 119, 3),
    Product("1703", "Protein bar", "Snacks", 199, 1.2),
    Product("1704", "Marzipan", "Snacks", 299, 1),
    Product("1801", "Frozen pizza", "Frozen", 329, 3),
    Product("1802", "Fish fingers", "Frozen", 349, 2),
    Product("1901", "Nappies, 44", "Baby", 1195, 0.7),
    Product("1902", "Fruit purée for babies", "Baby", 109, 0.8),
    Product("2001", "Shower gel", "Toiletries", 195, 2),
    Product("2002", "Toothpaste", "Toiletries", 145, 2),
    Product("2003", "Denture cleaner", "Toiletries", 299, 0.4),
    Product("2101", "Washing powder", "Household", 699, 1.5),
    Product("2102", "Kitchen roll", "Household", 249, 2),
    Product("2201", "Cat food", "Pets", 99, 2),
    Product("2301", "Crossword magazine", "Press", 320, 0.6),
    Product("9001", "Lager 6 x 0.5 l", "Beer", 594, 5, True),
    Product("9002", "Craft beer 0.33 l", "Beer", 199, 2, True),
    Product("9101", "Red wine 0.75 l", "Wine", 549, 3, True),
    Product("9102", "Sparkling wine", "Wine", 499, 2, True),
    Product("9201", "Vodka 0.7 l", "Spirits", 999, 1.5, True, 18),
    Product("9202", "Herb liqueur 0.5 l", "Spirits", 899, 1, True, 18),
    Product("9301", "Cigarettes", "Tobacco", 820, 3, True, 18),
)

PREFERENCES = (
    Preference("1603", 12, 24, 4.0),
    Preference("1402", 12, 27, 3.0),
    Preference("1703", 16, 34, 3.0),
    Preference("1005", 18, 34, 2.5),
    Preference("1205", 22, 39, 2.5),
    Preference("1901", 25, 41, 5.0),
    Preference("1902", 25, 41, 5.0),
    Preference("1103", 60, 120, 3.0),
    Preference("1502", 60, 120, 3.0),
    Preference("1704", 65, 120, 4.0),
    Preference("2003", 65, 120, 8.0),
    Preference("2301", 60, 120, 5.0),
    Preference("9002", 18, 34, 3.0),
    Preference("9202", 60, 120, 4.0),
)

_YOUNG_ADULTS = (people.ADULT_AGE, 27)
_RESTRICTED_SHARE, _RESTRICTED_SHARE_OF_YOUNG = 0.22, 0.5
_MINORS_AMONG_BUYERS = 0.003
_MEAN_EXTRA_LINES = 3.6


def draw_items(
    rng: np.random.Generator, age_years: int, has_restricted: bool
) -> list[Item]:
    """Fills a basket as somebody of that age would."""
    num_plain = 1 + int(rng.poisson(_MEAN_EXTRA_LINES))
    num_restricted = int(rng.integers(1, 3)) if has_restricted else 0
    chosen = [
        int(index)
        for num, kind in ((num_plain, False), (num_restricted, True))
        for index in rng.choice(
            len(PRODUCTS), num, p=_shares(age_years, kind), replace=False
        )
    ]
    return [_item(rng, PRODUCTS[index]) for index in chosen]


def buys_restricted(rng: np.random.Generator, age_years: int) -> bool:
    """Decides whether a basket holds something age-restricted.

    The young buy it most often; of those who buy it, about 0.3 % are minors, and
    fewer where students shop as well.
    """
    low, high = _YOUNG_ADULTS
    if age_years < low:
        share = _MINORS_AMONG_BUYERS * _RESTRICTED_SHARE / people.minor_share()
    else:
        share = _RESTRICTED_SHARE_OF_YOUNG if age_years <= high else _RESTRICTED_SHARE
    return bool(rng.random() < share)


def _item(rng: np.random.Generator, product: Product) -> Item:
    pieces = int(rng.choice([1, 2, 3], p=[0.82, 0.14, 0.04]))
    cents = decimal.Decimal(product.cents * pieces)
    return Item(product, decimal.Decimal(pieces), cents.scaleb(-2))


@functools.cache
def _shares(age_years: int, is_restricted: bool) -> npt.NDArray[np.float64]:
    """Says how likely each product is next, shape `(num_products,)`."""
    weights = {
        product.product_id: product.popularity
        * (product.is_restricted == is_restricted)
        for product in PRODUCTS
    }
    for liking in PREFERENCES:
        if liking.low_age <= age_years <= liking.high_age:
            weights[liking.product_id] *= liking.factor
    likely = np.array(list(weights.values()))
    return likely / likely.sum()
