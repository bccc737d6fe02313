"""Products or categories of a report, the clearest differences first."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

Row = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Item:
    """A product or category.

    Attributes:
      name: For people.
      cells: Rows of `schemas.age_group_affinity` by age group.
    """

    name: str
    cells: Mapping[str, Row]

    @property
    def clarity(self) -> float:
        """Tells how far the interval of a reliable index is from 100, as a log."""
        return max(map(_clarity, self.cells.values()), default=0.0)

    @property
    def baskets(self) -> int:
        """Counts baskets with the item that may be shown."""
        return sum(row["baskets"] or 0 for row in self.cells.values())


def name_of(row: Row) -> str:
    """Names the product or category of a row."""
    if row["level"] == "category":
        return row["category"] or "(no category)"
    return row["product_name"] or row["product_id"]


def clearest_first(affinity: pa.Table) -> list[Item]:
    """Gathers rows by item.

    Args:
      affinity: Rows of `schemas.age_group_affinity`.

    Returns:
      Items with the clearest reliable differences first, then those in most baskets.
    """
    cells: dict[tuple[str | None, ...], dict[str, Row]] = {}
    for row in affinity.to_pylist():
        key = row["product_id"], row["category"], row["product_name"]
        cells.setdefault(key, {})[row["age_group"]] = row
    found = [
        Item(name=name_of(next(iter(group.values()))), cells=group)
        for group in cells.values()
    ]
    return sorted(found, key=lambda item: (-item.clarity, -item.baskets, item.name))


def groups(affinity: pa.Table) -> list[str]:
    """Lists the age groups of a table, from the youngest."""
    pairs = zip(
        affinity["age_group_order"].to_pylist(),
        affinity["age_group"].to_pylist(),
        strict=True,
    )
    return [name for _, name in sorted(set(pairs))]


def index_name(shown: Sequence[Item]) -> str:
    """Chooses the corrected index, or the raw one where none could be corrected."""
    is_corrected = any(
        row["corrected_index"] is not None
        for item in shown
        for row in item.cells.values()
    )
    return "corrected_index" if is_corrected else "raw_index"


def _clarity(row: Row) -> float:
    low, high = row["corrected_index_low"], row["corrected_index_high"]
    if not row["reliable"] or low is None or high is None:
        return 0.0
    if low > 100:
        return math.log(low / 100)
    return max(math.log(100 / max(high, 1.0)), 0.0)
