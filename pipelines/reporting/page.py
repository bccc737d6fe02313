"""Writes the answers of a report as a page, for people."""

import pyarrow.compute as pc

from pipelines.pages import page
from pipelines.reporting import (
    answers,
    audit_sections,
    demand_sections,
    hour_sections,
    items,
    methods,
    quality_sections,
    wording,
)
from schemas import data_quality


def make(found: answers.Answers) -> page.Page:
    """Lays out the page.

    Args:
      found: The answers; tables may be empty, `minors` has one row.

    Returns:
      The same page for the same answers. Long tables are cut, and say so; whole they
      are in the other files of the report.
    """
    return page.Page(
        title="Who buys what, and who checks ID",
        lead=_lead(found),
        sections=[
            page.Section("In short", _short(found)),
            demand_sections.demand(found),
            demand_sections.offers(found),
            audit_sections.cashiers(found),
            audit_sections.minors(found),
            hour_sections.restricted_sales(found),
            quality_sections.quality(found),
            quality_sections.drift(found),
            methods.methods(found),
        ],
        footer="Written by tillage report. The whole tables are in "
        f"{wording.FILES} beside this page.",
    )


def _lead(found: answers.Answers) -> str:
    whole = _all_stores(found)
    stores = pc.sum(pc.equal(found.data_quality["scope"], data_quality.STORE)).as_py()
    return (
        f"From {wording.day(found.settings.first_day)} to "
        f"{wording.day(found.settings.last_day)}, "
        f"{len(found.dates):,} of {wording.counted(found.settings.num_days, 'day')} "
        f"published, {wording.counted(stores or 0, 'store')}: "
        f"{wording.counted(whole['baskets'], 'basket')}, of which "
        f"{whole['baskets_with_age']:,} "
        f"({wording.share_of(whole['baskets_with_age'], whole['baskets'])}) have a "
        "known age. Known means estimated from a photo, with its error; figures say "
        "how sure they are."
    )


def _short(found: answers.Answers) -> list[page.Block]:
    whole = _all_stores(found)
    figures = page.KeyFigures(
        [
            page.KeyFigure(
                f"{whole['baskets_with_age']:,}",
                "baskets with a known age",
                f"of {whole['baskets']:,}",
            ),
            _differences(found),
            page.KeyFigure(
                f"{found.offers.num_rows:,}",
                "offers to try",
                "that an age group reliably prefers",
            ),
            _to_review(found),
            _minors(found),
        ]
    )
    notes: list[page.Block] = [page.Bullets(found.notes)] if found.notes else []
    return [figures, *notes]


def _differences(found: answers.Answers) -> page.KeyFigure:
    ranked = items.clearest_first(found.age_group_affinity)
    return page.KeyFigure(
        f"{sum(item.clarity > 0 for item in ranked):,}",
        "categories that age groups buy differently"
        if found.settings.level == "category"
        else "products that age groups buy differently",
        f"reliably, of {len(ranked):,}",
    )


def _to_review(found: answers.Answers) -> page.KeyFigure:
    statuses = found.cashier_audit["status"].to_pylist()
    if set(statuses) == {"not_logged"}:
        return page.KeyFigure(
            "exposure only", "cashier audit", "the tills log no ID checks"
        )
    return page.KeyFigure(
        f"{statuses.count('review'):,}",
        "cashiers whose figures a person should look at",
        f"of {len(statuses):,}",
    )


def _minors(found: answers.Answers) -> page.KeyFigure:
    row = found.minors.to_pylist()[0]
    label = f"sales to people under {found.settings.legal_age_years}, estimated"
    if not row["num_sales"]:
        return page.KeyFigure(wording.NONE, label, "no sale has a known age")
    if not row["is_identified"]:
        bound = f"at most {row['high_sales']:,.0f}"
        return page.KeyFigure(bound, label, "it may be none at all")
    return page.KeyFigure(
        f"about {row['sales']:,.0f}",
        label,
        f"likely {row['low_sales']:,.0f} to {row['high_sales']:,.0f}, of "
        f"{row['num_sales']:,}",
    )


def _all_stores(found: answers.Answers) -> items.Row:
    return found.data_quality.slice(0, 1).to_pylist()[0]
