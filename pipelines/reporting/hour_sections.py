"""Section of a report's page: restricted sales by store and hour."""

import collections
from collections.abc import Mapping

from pipelines.pages import page
from pipelines.reporting import answers, charts, items, wording

_MOST_TABLED = 200
_SUMS = (
    "restricted_sales",
    "aged_sales",
    "young_sales",
    "eligible_sales",
    "unchecked_sales",
)


def restricted_sales(found: answers.Answers) -> page.Section:
    """Lays out when and where age-restricted products are sold."""
    title = "Age-restricted sales by store and hour"
    rows = found.restricted_sales_by_hour.to_pylist()
    by_store = _sums(rows)
    if not by_store:
        return page.Section(title, [page.Paragraph("There was no such sale.")])
    most = sorted(by_store, key=lambda store: -by_store[store]["restricted_sales"])
    drawn = sorted(most[: charts.MOST_STORES])
    blocks: list[page.Block] = [
        charts.sales_by_hour({store: _by_hour(rows, store) for store in drawn})
    ]
    if len(drawn) < len(by_store):
        blocks.append(
            page.Paragraph(
                f"Drawn are the {len(drawn)} stores with the most such sales; all "
                f"{len(by_store):,} are in {wording.FILES}."
            )
        )
    table = _table(by_store, found.settings.challenge_age_years)
    return page.Section(title, [*blocks, table])


def _sums(rows: list[items.Row]) -> dict[str, dict[str, int]]:
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        of_store = sums.setdefault(row["store_id"], dict.fromkeys(_SUMS, 0))
        for name in _SUMS:
            of_store[name] += row[name]
    return dict(sorted(sums.items()))


def _by_hour(rows: list[items.Row], store_id: str) -> Mapping[int, int]:
    counts: collections.Counter[int] = collections.Counter()
    for row in rows:
        if row["store_id"] == store_id:
            counts[row["local_hour"]] += row["restricted_sales"]
    return counts


def _table(
    by_store: Mapping[str, Mapping[str, int]], challenge_age_years: int
) -> page.Table:
    rows = [
        [
            store,
            f"{sums['restricted_sales']:,}",
            wording.share_of(sums["aged_sales"], sums["restricted_sales"]),
            wording.share_of(sums["young_sales"], sums["aged_sales"]),
            f"{sums['eligible_sales']:,}",
            wording.share_of(sums["unchecked_sales"], sums["eligible_sales"]),
        ]
        for store, sums in by_store.items()
    ]
    part = (
        f", the first {_MOST_TABLED} of {len(rows):,}"
        if len(rows) > _MOST_TABLED
        else ""
    )
    return page.Table(
        f"Age-restricted sales by store{part}; cashiers and self-checkouts together",
        [
            "store",
            "age-restricted sales",
            "with an estimated age",
            f"of these, look younger than {challenge_age_years}",
            "young-looking, check logged",
            "of these, without ID check",
        ],
        rows[:_MOST_TABLED],
    )
