"""Section of a report's page: how the figures are made, and with which settings."""

from pipelines.pages import page
from pipelines.reporting import answers, settings, texts, wording

_PRIVACY = (
    "Privacy: cashiers and baskets have keyed pseudonyms, and no photo or feature of a "
    "face is kept in any table. This page holds demand and audit together: give it "
    "only to people who may see both."
)

_LIMITS = (
    "It all holds for stores, days and cameras like these, and for a model that errs "
    "here as it did on the photos of known age.",
    "Customers whose faces are not usable may buy other things than those whose are.",
    "The law and the tills' logs know the buyer's ID; an estimated age never does.",
)


def methods(found: answers.Answers) -> page.Section:
    """Lays out methods, limits and settings."""
    return page.Section(
        "How the figures are made, and their limits",
        [
            page.Bullets([*_LIMITS, _PRIVACY]),
            page.Paragraph("Figure by figure:"),
            page.Bullets([_in_words(method) for method in texts.METHODS]),
            page.Table(
                "Settings of this report",
                ["setting", "value"],
                _settings(found.settings, found.eligible_probability),
                [False, False],
            ),
        ],
    )


def _in_words(method: texts.Method) -> str:
    source = f" ({method.source})" if method.source else ""
    return f"{method.figure[0].upper()}{method.figure[1:]}: {method.formula}{source}"


def _settings(
    used: settings.ReportConfig, eligible_probability: float
) -> list[list[str]]:
    return [
        ["first day", wording.day(used.first_day)],
        ["last day", wording.day(used.last_day)],
        ["demand is told by", used.level],
        ["age groups", ", ".join(used.groups.labels[:-1]) + " years"],
        ["legal age", f"{used.legal_age_years} years"],
        ["challenge age: who looks younger shows ID", _years(used.challenge_age_years)],
        ["looks younger: probability of at least", f"{eligible_probability:g}"],
        ["period of the audit", f"{used.period_days} days"],
        ["fewest sales to judge a cashier's period", f"{used.min_eligible_sales:,}"],
        ["fewest expected sales without ID check, likewise", f"{used.min_expected:g}"],
        ["fewest baskets of a reliable figure", f"{used.min_baskets:,}"],
        ["fewest baskets of a cell that is shown", f"{used.min_cell_baskets:,}"],
        ["bootstrap draws", f"{used.bootstrap_draws:,}"],
        ["seed of the random draws", f"{used.seed}"],
        ["age model", used.bundle or "the one that ships with Tillage"],
        ["warehouse", used.warehouse],
    ]


def _years(age: int) -> str:
    return f"{age} years"
