"""Words and numbers of a report, as people read them."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from schemas import data_quality

FILES = "report.xlsx and in the folders csv and parquet"
"""Where the whole tables are."""

NONE = "\N{EN DASH}"
"""Stands where there is no number."""

_LEAST_CHANCE = 0.001

STATUSES = {
    "not_logged": "exposure only: no ID checks are logged",
    "insufficient_data": "too little data to judge",
    "within_limits": "within limits",
    "review": "a person should look",
}
"""Of `schemas.cashier_audit.STATUSES`."""

LOST = {
    "none": "no face",
    "several_faces": "several faces",
    "small": "face too small",
    "blurred": "blurred",
    "undecodable": "not readable",
}
"""Of `schemas.data_quality.LOST`."""

assert tuple(LOST) == data_quality.LOST


def number(value: float | None, form: str = "{:,}") -> str:
    """Writes a number; a dash where there is none."""
    return NONE if value is None else form.format(value)


def interval(row: Mapping[str, Any], name: str, form: str) -> str:
    """Writes a value and its interval, `NAME_low` to `NAME_high`."""
    value, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    if value is None or low is None or high is None:
        return number(value, form)
    return f"{form.format(value)} ({form.format(low)} to {form.format(high)})"


def chance(value: float | None) -> str:
    """Writes a p- or q-value; a dash where there is none."""
    if value is not None and value < _LEAST_CHANCE:
        return f"<{_LEAST_CHANCE:g}"
    return number(value, "{:.2g}")


def share_of(part: int, whole: int) -> str:
    """Writes a part as a percentage; a dash where there is no whole."""
    return number(part / whole if whole else None, "{:.1%}")


def counted(count: int, singular: str, plural: str = "") -> str:
    """Writes a number with its noun, such as `1 store` or `50 stores`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def day(date: datetime.date) -> str:
    """Writes a date, such as `21 November 2026`."""
    return f"{date.day} {date:%B %Y}"


def days(dates: Sequence[datetime.date]) -> str:
    """Writes ascending dates, runs of them as `3 to 5 May 2026`."""
    runs: list[list[datetime.date]] = []
    for date in dates:
        if runs and date - runs[-1][-1] == datetime.timedelta(days=1):
            runs[-1].append(date)
        else:
            runs.append([date])
    return ", ".join(
        day(run[0]) if len(run) == 1 else f"{day(run[0])} to {day(run[-1])}"
        for run in runs
    )


def people(age_group: str) -> str:
    """Says `<25`, `25-44`, `65+` in words."""
    if age_group.startswith("<"):
        return f"under {age_group[1:]} years"
    if age_group.endswith("+"):
        return f"of {age_group[:-1]} years and over"
    return f"of {age_group.replace('-', ' to ')} years"


def minors(row: Mapping[str, Any], legal_age_years: int) -> str:
    """Says how many sales may have gone to minors; a row of `schemas.minors`."""
    if not row["num_sales"]:
        return "No age-restricted sale has a known age, so nothing can be said."
    of_all = f"of {row['num_sales']:,} age-restricted sales with an estimated age"
    if not row["is_identified"]:
        return (
            f"The data cannot tell the number of sales to people under "
            f"{legal_age_years} from none at all. It is at most about "
            f"{row['high_sales']:,.0f} {of_all} (upper bound, 95% sure)."
        )
    return (
        f"About {row['sales']:,.0f} {of_all} went to people under {legal_age_years}; "
        f"likely between {row['low_sales']:,.0f} and {row['high_sales']:,.0f} "
        "(90% interval)."
    )
