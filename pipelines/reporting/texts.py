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
        "matched, ages, brightness, size of faces; and whether photos are turned. "
        "Alarm: look at the camera.",
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
    Method(
        "estimated age",
        "A model estimates an age from the face of each checkout photo, as a "
        "distribution over the years. It is often wrong by five years and more. Photos "
        "without one clear face give no age, and such a basket is left out.",
    ),
    Method(
        "penetration",
        "Baskets of the group with the item / baskets of the group. Interval: 90 %, "
        "Wilson score.",
        "Wilson, JASA 22, 1927",
    ),
    Method("raw index", "100 · penetration of the group / penetration of all baskets"),
    Method(
        "corrected index",
        "The model mixes up age groups, about as often as it did on photos of known "
        "age. Those counts of true groups are sought that explain the counts of "
        "estimated groups best, none negative: n ≈ C·N and, with the item, m ≈ C·M, "
        "where C[estimated, true] is the model's confusion matrix; then the index of "
        "M / N. Interval: 90 %, bootstrap over baskets and photos of known age. Empty "
        "where the photos of known age cannot tell.",
        "non-negative least squares: Lawson and Hanson, Solving Least Squares "
        "Problems, 1974",
    ),
    Method(
        "p and q of an index",
        "p: how often chance alone makes a difference this clear, group against all "
        "others. Estimated groups are tested, for errors of the ages weaken a "
        "difference and invent none. q: the share of chance findings among all that "
        "are at least as clear, over all tests of the report.",
        "q: Benjamini and Hochberg, J. R. Stat. Soc. B 57, 1995",
    ),
    Method(
        "suppression",
        "Cells with fewer baskets than the setting are empty, and as many more as "
        "keep them from being worked out from sums.",
    ),
    Method(
        "eligible sale",
        "A till logged whether ID was checked, and the buyer looks young: P(age < "
        "challenge age) reaches the limit of the nightly job.",
    ),
    Method(
        "expected unchecked sales E",
        "Sum over a cashier's eligible sales of the rate of the other cashiers in the "
        "same store, band of hours and kind of register; where they are few, drawn "
        "towards store and chain (empirical Bayes).",
    ),
    Method(
        "p of a cashier",
        "P(X ≥ O): how often chance makes as many unchecked sales as observed or more, "
        "X Poisson-binomial with these rates; q as above.",
    ),
    Method(
        "funnel limits",
        "Exact 95 % and 99.9 % limits of O / E, widened where cashiers scatter more "
        "than chance allows: by the root of the overdispersion of winsorised z². The "
        "curves of the plot hold for a cashier with the average rate, the limits in "
        "the tables for that cashier.",
        "Spiegelhalter, Statistics in Medicine 24, 2005",
    ),
    Method(
        "expected sales to minors",
        "That mix of true ages of the buyers is sought which explains their estimated "
        "ages best (unfolding, weighted least squares); the bootstrap redraws sales "
        "and photos of known age. Where the data cannot tell it from none, an upper "
        "bound.",
        "bound: Read, Journal of Physics G 28, 2002",
    ),
    Method(
        "exposure",
        "Sum over a cashier's sales of the probability that the buyer was under age, "
        "under the mix of ages of the chain's buyers. Under the legal age it is an "
        "upper bound where the sales to minors of the chain are one, and counts only "
        "sales under the legal age of the report.",
    ),
    Method("face loss", "Photos without a usable face / photos"),
    Method(
        "drift of a store",
        "Deviation from the median of the days before, by their median absolute "
        "deviation; rates as 2 asin of the root, ages by Jensen-Shannon distance.",
        "Anscombe, Biometrika 35, 1948; Lin, IEEE Trans. Inf. Theory 37, 1991",
    ),
    Method("match rate", "Photos with a receipt / photos with a usable face"),
)
