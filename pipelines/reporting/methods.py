"""Section of a report's page: how the figures are made, and with which settings."""

from pipelines.pages import page
from pipelines.reporting import answers, settings, wording

_METHODS = (
    "Ages: a model estimates an age from the face of each checkout photo, as a "
    "distribution over the years. It is often wrong by five years and more. Photos "
    "without one clear face give no age, and such a basket is left out.",
    "Penetration: the share of a group's baskets that hold the item, with a 90% Wilson "
    "interval. Raw index: 100 times the penetration of the group / that of all baskets "
    "with an age.",
    "Corrected index: the model mixes up groups as often as it did on photos of known "
    "age; those counts of true groups are sought that explain the observed ones best, "
    "none negative (non-negative least squares). Its 90% interval comes from a "
    "bootstrap over baskets and over the photos of known age.",
    "q-value: the share of chance findings among all that are at least as clear "
    "(Benjamini and Hochberg, over this whole report). The tests are of the raw "
    "groups, because mixing up hides differences and makes none.",
    "Small cells: figures of few baskets are not shown, and so many more that they "
    "cannot be worked out from the rest.",
    "Cashier audit: the expected number comes from the other cashiers of the same "
    "store, band of hours and kind of register, drawn towards the chain's rate where "
    "they are few. p-values and limits are exact (Poisson binomial); the limits are "
    "widened where cashiers scatter more than chance allows (overdispersion). The "
    "curves of the plot hold for a cashier with the average rate, the limits in the "
    "table for that cashier.",
    "Sales to minors: the mix of true ages of the buyers of age-restricted products is "
    "sought that explains the estimated ages best; where that does not tell minors "
    "from none at all, only an upper bound is given.",
    "Privacy: cashiers and baskets have keyed pseudonyms, and no photo or feature of a "
    "face is kept in any table. This page holds demand and audit together: give it "
    "only to people who may see both.",
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
            page.Bullets(_METHODS),
            page.Paragraph("Limits:"),
            page.Bullets(_LIMITS),
            page.Table(
                "Settings of this report",
                ["setting", "value"],
                _settings(found.settings),
                [False, False],
            ),
        ],
    )


def _settings(used: settings.ReportConfig) -> list[list[str]]:
    return [
        ["first day", wording.day(used.first_day)],
        ["last day", wording.day(used.last_day)],
        ["demand is told by", used.level],
        ["age groups", ", ".join(used.groups.labels[:-1]) + " years"],
        ["legal age", f"{used.legal_age_years} years"],
        ["challenge age: who looks younger shows ID", _years(used.challenge_age_years)],
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
