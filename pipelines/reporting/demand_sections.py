"""Sections of a report's page: which age group buys what, and what to offer it."""

from collections.abc import Iterator, Sequence

from pipelines.pages import page
from pipelines.reporting import answers, charts, items, wording

_MOST_TABLED = 12
_MOST_EXAMPLES = 5
_MOST_OFFERS = 10

_INDEX = ("corrected_index", "corrected_index_low", "corrected_index_high")

_SAYS = (
    "What it says: customers who look as old as this buy the item more or less often "
    "than all customers do, by about so much, in these stores and on these days.",
    "What it does not say: why. An association is no cause; offers, prices, seasons, "
    "the hour and the neighbourhood of a store differ between age groups, too.",
    "Ages are estimated from photos, and nobody's age is known. Neighbouring groups "
    "blur: the corrected index allows for how often the model mixes them up, the "
    "penetration does not. Baskets without an age are left out.",
    "Baskets are counted, not people: who shops often counts often.",
)


def demand(found: answers.Answers) -> page.Section:
    """Lays out who buys what."""
    ranked = items.clearest_first(found.age_group_affinity)
    groups = items.groups(found.age_group_affinity)
    title = "What each age group buys"
    if not ranked:
        return page.Section(title, [page.Paragraph("No basket has a known age.")])
    shown = ranked[: charts.MOST_ITEMS]
    return page.Section(
        title,
        [
            page.Paragraph(_in_short(ranked, found.settings.level)),
            page.Bullets(_SAYS),
            charts.affinity(shown, groups),
            _table(_tabled(ranked), groups, len(ranked)),
        ],
    )


def _in_short(ranked: Sequence[items.Item], level: str) -> str:
    reliable = sum(item.clarity > 0 for item in ranked)
    many = "category" if len(ranked) == 1 else "categories"
    noun = many if level == "category" else "products"
    words = (
        f"{reliable:,} of {len(ranked):,} {noun} differ reliably between age groups: "
        "more than chance explains, in baskets enough, with an interval that leaves "
        "100 out."
    )
    if len(ranked) > charts.MOST_ITEMS:
        words += (
            f" This page shows the {charts.MOST_ITEMS} with the clearest differences; "
            f"all are in {wording.FILES}."
        )
    return words


def _tabled(ranked: Sequence[items.Item]) -> Sequence[items.Item]:
    """Takes the items that differ reliably; a few others if none does."""
    reliable = [item for item in ranked if item.clarity > 0]
    return reliable[:_MOST_TABLED] or ranked[:_MOST_EXAMPLES]


def _table(
    shown: Sequence[items.Item], groups: Sequence[str], num_items: int
) -> page.Table:
    rows = [
        [item.name, group, *_figures(item.cells[group])]
        for item in shown
        for group in groups
        if group in item.cells
    ]
    part = f", first {len(shown)} of {num_items:,}" if len(shown) < num_items else ""
    return page.Table(
        f"Figures behind the map{part}. Penetration: share of the group's "
        "baskets that hold the item. In brackets: 90% intervals. q: share of chance "
        "findings among differences as clear, 0 to 1",
        [
            "item",
            "age group",
            "reliable",
            "baskets with it",
            "penetration",
            "raw index",
            "corrected index",
            "q",
        ],
        rows,
        [False, False, False, True, True, True, True, True],
    )


def _figures(row: items.Row) -> list[str]:
    if row["suppressed"]:
        return ["too few", *[wording.NONE] * 5]
    return [
        "yes" if row["reliable"] else "no",
        wording.number(row["baskets"]),
        wording.interval(row, "penetration", "{:.1%}"),
        wording.number(row["raw_index"], "{:,.0f}"),
        wording.interval(row, "corrected_index", "{:,.0f}"),
        wording.chance(row["q_value"]),
    ]


def offers(found: answers.Answers) -> page.Section:
    """Lays out what to offer whom."""
    groups = items.groups(found.age_group_affinity)
    rows = found.offers.to_pylist()
    blocks: list[page.Block] = [
        page.Paragraph(
            "What a group buys more often than all customers do, once errors of the "
            "estimated ages are allowed for. Ranked by the least that is likely (90% "
            "interval): what a group prefers for sure comes before what it may prefer "
            "strongly. An age-restricted item is never offered to a group that can "
            "hold minors, and groups of estimated age can hold some who look older."
        )
    ]
    for group in groups:
        blocks += _of_group(group, [row for row in rows if row["age_group"] == group])
    blocks.append(
        page.Paragraph(
            "An offer is an idea to try, on some customers and not on others, before "
            "money rests on it: these figures cannot tell what an offer changes."
        )
    )
    return page.Section("What to offer whom", blocks)


def _of_group(group: str, rows: Sequence[items.Row]) -> Iterator[page.Block]:
    who = f"Customers {wording.people(group)}"
    if not rows:
        yield page.Paragraph(f"{who}: nothing that they reliably prefer.")
        return
    part = (
        f": the first {_MOST_OFFERS} of {len(rows):,}, all are in {wording.FILES}"
        if len(rows) > _MOST_OFFERS
        else ""
    )
    yield page.Table(
        f"{who}{part}",
        [
            "item",
            "times as often as all customers",
            "at least",
            "at most",
            "their baskets with it",
        ],
        [
            [
                items.name_of(row),
                *(f"{row[name] / 100:,.2f}" for name in _INDEX),
                f"{row['baskets']:,}",
            ]
            for row in rows[:_MOST_OFFERS]
        ],
    )
