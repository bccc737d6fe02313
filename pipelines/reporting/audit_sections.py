"""Sections of a report's page: the cashier audit, and restricted sales."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.domain import review_rules
from pipelines.pages import page
from pipelines.reporting import answers, charts, items, settings, wording

_MOST_CASHIERS = 1000
_RULES = review_rules.ReviewRules()
_ON_ONE_LINE = {
    "within_limits": "within\N{NO-BREAK SPACE}limits",
    "insufficient_data": "too\N{NO-BREAK SPACE}little\N{NO-BREAK SPACE}data",
}

_EXPOSURE = (
    "The tills log no ID checks, so it cannot be told whether anyone was asked. How "
    "often a cashier sells age-restricted products to young faces then depends on who "
    "comes to that register: it is an exposure, not a conduct. Nobody is flagged, and "
    "nobody can be, until the tills log each check."
)

_READ_AS = (
    "A cashier is compared with the other cashiers of the same store, at the same "
    "hours and the same kind of register, never with a rate that someone chose.",
    "That figures lie beyond the limits is a question to a person, not an answer: "
    "checks may be made and not logged, a register may draw regular customers who are "
    "known, or the habits of a whole team may differ.",
    "No single sale is listed: most buyers who look young are of age. The lists go by "
    "store and pseudonym, not by rate: between cashiers within limits, there is no "
    "better or worse.",
)


def cashiers(found: answers.Answers) -> page.Section:
    """Lays out the cashier audit."""
    audit = found.cashier_audit
    title = "Cashier audit"
    if not audit.num_rows:
        text = "No cashier has sold an age-restricted product in this span."
        return page.Section(title, [page.Paragraph(text)])
    is_unlogged = pc.equal(audit["status"], "not_logged")
    logged = audit.filter(pc.invert(is_unlogged))
    exposed = audit.filter(is_unlogged)
    blocks = _judged(logged, found) if logged.num_rows else []
    if exposed.num_rows:
        blocks += _exposed(exposed, found.settings.challenge_age_years, audit.num_rows)
    return page.Section(title, blocks)


def _judged(audit: pa.Table, found: answers.Answers) -> list[page.Block]:
    to_review = audit.filter(audit["needs_review"])
    blocks: list[page.Block] = [page.Paragraph(_in_short(audit, found))]
    if pc.sum(audit["expected_unchecked"]).as_py():
        blocks.append(charts.cashiers(audit, _RULES))
    if to_review.num_rows:
        blocks.append(_decisions(to_review.to_pylist()))
    return [*blocks, page.Bullets(_READ_AS), _figures(audit)]


def _in_short(audit: pa.Table, found: answers.Answers) -> str:
    statuses = audit["status"].to_pylist()
    num_review = statuses.count("review")
    few = statuses.count("insufficient_data")
    asked = (
        f"{wording.counted(num_review, 'has', 'have')} figures that a person should "
        "look at"
        if num_review
        else "none has figures that ask for a look"
    )
    return (
        f"Of {wording.counted(len(statuses), 'cashier')} whose tills log ID checks, "
        f"{asked}; {statuses.count('within_limits'):,} are within limits, and for "
        f"{few:,} there is too little data to judge. A look is asked for only where "
        f"sales without an ID check to buyers who look younger than "
        f"{found.settings.challenge_age_years} exceed what the habits of the peers "
        f"explain (q below {_RULES.max_q:g} and beyond the "
        f"{100 * _RULES.outer_level:g}% limit) in {_RULES.min_review_periods} of the "
        f"last {_RULES.num_periods} periods of {found.settings.period_days} days."
        + _too_short(found.settings)
    )


def _too_short(used: settings.ReportConfig) -> str:
    if used.num_days > used.period_days * (_RULES.min_review_periods - 1):
        return ""
    return (
        f" The {wording.counted(used.num_days, 'day')} of this report are fewer than "
        "that, so that no look can be asked for."
    )


def _decisions(rows: Sequence[items.Row]) -> page.Table:
    return page.Table(
        "For a person to decide: what was found on looking",
        [
            "store",
            "cashier (pseudonym)",
            "periods beyond the limits",
            "looked at by",
            "date",
            "decision",
            "why",
        ],
        [
            [
                row["store_id"],
                row["cashier_id"],
                f"{row['periods_beyond']} of {row['periods_judged']}",
                row["reviewed_by"] or "",
                row["reviewed_at"].strftime("%Y-%m-%d") if row["reviewed_at"] else "",
                row["decision"] or "",
                row["note"] or "",
            ]
            for row in rows
        ],
        [False, False, True, False, False, False, False],
        is_form=True,
    )


def _figures(audit: pa.Table) -> page.Table:
    shown = _fitting(audit)
    part = (
        f"; {shown.num_rows:,} of {audit.num_rows:,}, all are in {wording.FILES}"
        if shown.num_rows < audit.num_rows
        else ""
    )
    return page.Table(
        f"Cashiers by store and pseudonym (all periods together{part})",
        [
            "store",
            "cashier (pseudonym)",
            "status",
            "without ID check, of young-looking",
            "expected",
            "observed / expected (90%)",
            f"limit {100 * _RULES.outer_level:g}%",
            "q",
        ],
        [_row(row) for row in shown.to_pylist()],
        [False, False, False, True, True, True, True, True],
    )


def _fitting(audit: pa.Table) -> pa.Table:
    """Leaves out who could not be judged, then who is within limits, if need be."""
    for left_out in ((), ("insufficient_data",)):
        values = pa.array(left_out, pa.string())
        shown = audit.filter(pc.invert(pc.is_in(audit["status"], values)))
        if shown.num_rows <= _MOST_CASHIERS:
            return shown
    return audit.filter(audit["needs_review"])


def _row(row: items.Row) -> list[str]:
    return [
        row["store_id"],
        row["cashier_id"],
        # On one line, or a printed table is twice as long.
        _ON_ONE_LINE.get(row["status"], wording.STATUSES[row["status"]]),
        f"{row['unchecked_sales']:,} of {row['eligible_sales']:,}",
        wording.number(row["expected_unchecked"], "{:,.1f}"),
        wording.interval(row, "ratio", "{:.2f}"),
        wording.number(row["outer_high"], "{:.2f}"),
        wording.chance(row["q_value"]),
    ]


def _exposed(
    audit: pa.Table, challenge_age_years: int, num_cashiers: int
) -> list[page.Block]:
    shown = audit.slice(0, _MOST_CASHIERS)
    whom = (
        ""
        if audit.num_rows == num_cashiers
        else f"For {audit.num_rows:,} of {num_cashiers:,} cashiers: "
    )
    part = (
        f"; the first {shown.num_rows:,} of {audit.num_rows:,}, all are in "
        f"{wording.FILES}"
        if shown.num_rows < audit.num_rows
        else ""
    )
    table = page.Table(
        f"Exposure by store and pseudonym{part}",
        [
            "store",
            "cashier (pseudonym)",
            "status",
            "age-restricted sales",
            "with an estimated age",
            f"buyers expected under {challenge_age_years}",
        ],
        [_exposure_row(row) for row in shown.to_pylist()],
        [False, False, False, True, True, True],
    )
    return [page.Paragraph(f"{whom}{_EXPOSURE}"), table]


def _exposure_row(row: items.Row) -> list[str]:
    return [
        row["store_id"],
        row["cashier_id"],
        wording.STATUSES[row["status"]],
        f"{row['restricted_sales']:,}",
        f"{row['aged_sales']:,}",
        wording.number(row["exposure_under_challenge_age"], "{:,.1f}"),
    ]


def minors(found: answers.Answers) -> page.Section:
    """Lays out how many sales may have gone to minors."""
    row = found.minors.to_pylist()[0]
    words = [
        wording.minors(row, found.settings.legal_age_years),
        "The number is of the chain, not of a sale. What the cashier tables say of "
        "minors follows from the ages of the buyers alone, and blames nobody. It rests "
        "on the buyers' own mix of ages: under the mix of the photos that the model "
        "learned from, which has far more children, it would come out many times too "
        "high.",
    ]
    if row["num_sales"] and not row["is_identified"]:
        words.append(
            "So the column minor_sales_high of the cashier tables holds upper bounds "
            "as well, which add up to more than this number."
        )
    blocks = [page.Paragraph(text) for text in words]
    return page.Section("Sales to minors, as estimated", blocks)
