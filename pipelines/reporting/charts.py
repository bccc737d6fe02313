"""Plots of a report's page."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import funnel, review_rules
from pipelines.pages import funnel_plot, heat_map, page
from pipelines.reporting import items, wording
from schemas import data_quality

MOST_ITEMS = 30
MOST_STORES = 30

_FULL_SHADE_LOG2 = 2.0  # Four times as often, or a quarter, has the full colour.
_LEAST_FULL_LOSS = 0.1  # Below it, no loss gets the full colour.
_CURVE_POINTS = 400
_SHAPES = {
    "within_limits": "circle",
    "review": "triangle",
    "insufficient_data": "cross",
}
"""In the funnel, by status."""


def affinity(shown: Sequence[items.Item], groups: Sequence[str]) -> page.Figure:
    """Draws the index of items by age group.

    Args:
      shown: At least one.
      groups: Names, from the youngest.
    """
    column = items.index_name(shown)
    cells = [[item.cells.get(group) for group in groups] for item in shown]
    return page.Figure(
        heat_map.draw(
            [item.name for item in shown],
            list(groups),
            np.array([[_index_shade(cell, column) for cell in row] for row in cells]),
            [[_index_text(cell, column) for cell in row] for row in cells],
            x_label="estimated age group, years",
            y_label="",
        ),
        "Who buys what more or less often than all customers.",
        "100: as often as all customers; 200: twice as often; 50: half as often"
        + _corrected_or_not(column)
        + " Blue ground: more often; orange: less often. A question mark and no "
        "ground: not reliable, it may be chance. A dash: too few baskets to show, or "
        "the correction cannot tell.",
    )


def _corrected_or_not(column: str) -> str:
    if column == "corrected_index":
        return ", corrected for ages that the model mixes up."
    return (
        ". NOT corrected: the model mixes these age groups up too much to tell them "
        "apart."
    )


def _index_shade(cell: items.Row | None, column: str) -> float:
    if cell is None or cell[column] is None or not cell["reliable"]:
        return math.nan
    return math.log2(max(cell[column], 1.0) / 100) / _FULL_SHADE_LOG2


def _index_text(cell: items.Row | None, column: str) -> str:
    if cell is None or cell[column] is None:
        return wording.NONE
    return f"{cell[column]:,.0f}" + ("" if cell["reliable"] else " ?")


def cashiers(audit: pa.Table, rules: review_rules.ReviewRules) -> page.Figure:
    """Draws the funnel of the cashiers whose tills log ID checks.

    Args:
      audit: Rows of `schemas.cashier_audit.SCHEMA`, at least one with an expectation.
      rules: Thresholds.
    """
    known = audit.filter(pc.greater(pc.fill_null(audit["expected_unchecked"], 0), 0))
    dots = [_dots(known, status) for status in _SHAPES]
    limits = [_limits(known, level) for level in (rules.inner_level, rules.outer_level)]
    return page.Figure(
        funnel_plot.draw(
            [kind for kind in dots if len(kind.ratios)],
            limits,
            x_label="sales without an ID check that the habits of peers lead to expect",
            y_label="observed / expected",
        ),
        "Sales to young-looking buyers without an ID check, cashier by cashier.",
        "At 1, as many as expected. The more sales, the less chance can do: few lie "
        "outside the dashed lines by chance, hardly anyone outside the solid ones. "
        + " ".join(_in_words(kind) for kind in dots if len(kind.ratios)),
    )


def _in_words(kind: funnel_plot.Dots) -> str:
    many = wording.counted(len(kind.ratios), "cashier")
    return f"{kind.shape.capitalize()}: {kind.name}, {many}."


def _dots(known: pa.Table, status: str) -> funnel_plot.Dots:
    rows = known.filter(pc.equal(known["status"], status))
    return funnel_plot.Dots(
        name=wording.STATUSES[status],
        shape=_SHAPES[status],
        expected=rows["expected_unchecked"].to_numpy(),
        ratios=rows["ratio"].to_numpy(),
    )


def _limits(known: pa.Table, level: float) -> funnel_plot.Limits:
    expected = known["expected_unchecked"].to_numpy()
    rate = float(expected.sum() / known["eligible_sales"].to_numpy().sum())
    # Each cashier's is a little different: the own sales do not count in it.
    scatter = known["overdispersion"].drop_null().to_numpy()
    phi = float(np.median(scatter)) if len(scatter) else 1.0
    most = max(float(expected.max()) * 1.04 / rate, 2.0)
    sales = np.unique(np.geomspace(1, most, _CURVE_POINTS).astype(np.int64))
    curve = funnel.curve(sales, rate, level, phi)
    # Whole numbers make saw-teeth of exact limits; what is drawn encloses them.
    return funnel_plot.Limits(
        name=f"{100 * level:g}% limits",
        expected=np.asarray(sales * rate, np.float64),
        low=np.minimum.accumulate(curve.low[::-1])[::-1],
        high=np.maximum.accumulate(curve.high[::-1])[::-1],
    )


def sales_by_hour(counts: Mapping[str, Mapping[int, int]]) -> page.Figure:
    """Draws restricted sales by store and hour.

    Args:
      counts: Sales by store, at least one, then by local hour.
    """
    hours = sorted({hour for row in counts.values() for hour in row})
    found = np.array([[row.get(hour, 0) for hour in hours] for row in counts.values()])
    most = max(int(found.max(initial=0)), 1)
    store, hour = np.unravel_index(int(found.argmax()), found.shape)
    return page.Figure(
        heat_map.draw(
            list(counts),
            [f"{hour:02d}" for hour in hours],
            np.where(found > 0, found / most, np.nan),
            [[f"{count:,}" if count else "·" for count in row] for row in found],
            x_label="hour of the day, local time of the store",
            y_label="store",
        ),
        "Age-restricted sales by store and hour.",
        f"Most: {most:,}, at store {list(counts)[store]} from {hours[hour]:02d}:00. "
        "Darker: more. A dot: none.",
    )


def losses(stores: Sequence[items.Row]) -> page.Figure:
    """Draws why photos are lost.

    Args:
      stores: Rows of `schemas.data_quality` with photos, at least one.
    """
    shares = np.array(
        [
            [row[f"faces_{why}"] / row["photos"] for why in data_quality.LOST]
            for row in stores
        ]
    )
    worst = stores[int(shares.sum(axis=1).argmax())]
    full = max(float(shares.max()), _LEAST_FULL_LOSS)
    return page.Figure(
        heat_map.draw(
            [row["store_id"] for row in stores],
            [wording.LOST[why] for why in data_quality.LOST],
            -shares / full,
            [[f"{share:.1%}" for share in row] for row in shares],
            x_label="why a photo gives no age",
            y_label="store",
        ),
        "Photos lost, by store and reason.",
        "Share of the store's photos; darker: more. The largest share is lost at store "
        f"{worst['store_id']}: {worst['face_loss']:.1%} of its photos give no age.",
    )
