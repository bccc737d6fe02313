"""What each table of a report says and does not say, and how its figures are made."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class About:
    """A table in words.

    Attributes:
      title: Name for people, at most 31 characters.
      says: What can be read off it.
      does_not_say: What must not.
    """

    title: str
    says: str
    does_not_say: str


TABLES = {
    "age_group_affinity": About(
        "Age groups",
        "How often the baskets of each age group hold a product or category, beside "
        "all baskets. An index of 150 means: half as often again as all customers. "
        "Rows marked reliable rest on enough baskets and differ by more than chance.",
        "Why a group buys something, or what one customer buys. Ages are estimated; "
        "the corrected index allows for that, the raw one does not. Cells with few "
        "baskets are suppressed: empty, not zero.",
    ),
    "offers": About(
        "Offers",
        "What each age group buys more often than others, best proven first.",
        "That an offer will pay: it shows what is bought, not what an offer would "
        "change. Age-restricted products are never offered to groups that can hold "
        "minors, however much they buy.",
    ),
    "cashier_audit": About(
        "Cashier audit",
        "For each cashier (a pseudonym): sales of age-restricted products to buyers "
        "who look young, how many of them the till logged without an ID check, and "
        "how many the habits of the other cashiers of the same store, hours and kind "
        "of register lead to expect. Status review: a person should look.",
        "That anyone broke a rule. No single sale is a violation, for nearly all "
        "buyers who look under age are adults. Rows come by store and pseudonym, not "
        "by rate. Without a log of ID checks, sales to young faces are customer mix, "
        "and nobody is flagged.",
    ),
    "cashier_audit_periods": About(
        "Cashier audit by period",
        "The audit of each period by itself; a cashier is up for review only where "
        "periods repeat it.",
        "A trend: periods differ by chance, the more the fewer sales they hold.",
    ),
    "minors": About(
        "Sales to minors",
        "How many age-restricted sales of the whole chain are likely to have gone to "
        "minors, with its interval or as an upper bound.",
        "Which sales these were. Nobody can tell that from a face.",
    ),
    "restricted_sales_by_hour": About(
        "Restricted sales by hour",
        "Age-restricted sales by store, local hour and kind of register: how many "
        "buyers look young, and how many of these sales have no logged ID check.",
        "Who sold them, or that an ID check was called for: whoever looks young "
        "mostly is of age. The hour follows the customers as much as the staff.",
    ),
    "data_quality": About(
        "Data quality",
        "What became of the photos: lost for want of a usable face and why, joined to "
        "a receipt or not, receipts with an age; in all, then by store.",
        "Whether estimated ages are right; the model card of the bundle says that. "
        "Photos that match no receipt include passers-by and staff.",
    ),
    "store_drift": About(
        "Store drift",
        "Each store and day against the store's own days before: faces lost, photos "
        "matched, ages, brightness, size of faces. Alarm: look at the camera.",
        "That the model is wrong, or why something changed: a holiday changes the "
        "customers, a lamp the picture.",
    ),
}
"""By the name of the table, in the order of the report."""


@dataclasses.dataclass(frozen=True, slots=True)
class Method:
    """How a figure is made.

    Attributes:
      figure: Name of the figure.
      formula: In words and signs.
      source: Where the method comes from; empty: plain counting.
    """

    figure: str
    formula: str
    source: str = ""


METHODS = (
    Method("penetration", "baskets of the group with the item / baskets of the group"),
    Method(
        "interval of a penetration",
        "Wilson score interval, 90 %",
        "Wilson, JASA 22, 1927",
    ),
    Method("raw index", "100 · penetration of the group / penetration of all baskets"),
    Method(
        "corrected index",
        "Counts of estimated groups n and, with the item, m are what the model's "
        "confusion matrix C[estimated, true] makes of true ones: n ≈ C·N, m ≈ C·M, "
        "solved by non-negative least squares; index of M / N. Interval, 90 %: "
        "bootstrap over baskets and calibration photos.",
        "Lawson and Hanson, Solving Least Squares Problems, 1974",
    ),
    Method(
        "p and q of an index",
        "Group against all others, on estimated groups: errors of the ages weaken a "
        "difference and invent none. q: over all tests of the report.",
        "Benjamini and Hochberg, J. R. Stat. Soc. B 57, 1995",
    ),
    Method(
        "suppression",
        "Cells with fewer baskets than the setting are empty, and as many more as "
        "keep them from being worked out from sums.",
    ),
    Method(
        "eligible sale",
        "A till logged whether ID was checked, and P(age < challenge age) reaches the "
        "limit set for the nightly job.",
    ),
    Method(
        "expected unchecked sales E",
        "Sum over a cashier's eligible sales of the rate of the other cashiers in the "
        "same store, hours and kind of register, shrunk towards store and chain by "
        "empirical Bayes.",
    ),
    Method(
        "p of a cashier",
        "P(X ≥ O), X Poisson-binomial with these rates; q as above.",
    ),
    Method(
        "funnel limits",
        "Exact 95 % and 99.9 % limits of O / E, widened by the root of the "
        "overdispersion of winsorised z² where that is above 1.",
        "Spiegelhalter, Statistics in Medicine 24, 2005",
    ),
    Method(
        "expected sales to minors",
        "The ages estimated of the buyers are unfolded with what the model makes of "
        "each true age, by weighted least squares; the bootstrap redraws sales and "
        "calibration photos. Where the data cannot tell it from none, an upper bound.",
        "bound: Read, Journal of Physics G 28, 2002",
    ),
    Method("face loss", "photos without a usable face / photos"),
    Method(
        "drift of a store",
        "Deviation from the median of the days before, by their median absolute "
        "deviation; rates as 2 asin of the root, ages by Jensen-Shannon distance.",
        "Anscombe, Biometrika 35, 1948; Lin, IEEE Trans. Inf. Theory 37, 1991",
    ),
    Method("match rate", "photos with a receipt / photos with a usable face"),
)
