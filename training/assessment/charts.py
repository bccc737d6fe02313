"""Plots of an evaluation's page."""

from collections.abc import Sequence

import numpy as np

from pipelines.pages import page, plots
from training.assessment import figures, predictions

_BIN_YEARS = 5


def errors(
    groups: Sequence[figures.Group],
    what: str,
    overall_years: float,
    *,
    is_ordered: bool = True,
) -> page.Figure:
    """Draws mean error and bias of groups.

    Args:
      groups: At least one.
      what: The groups are of, with its unit.
      overall_years: Mean error of all.
      is_ordered: Whether the groups have an order, such as ages.
    """
    found = [group.figures for group in groups]
    error = plots.Series(
        name="mean error, with 95 % interval",
        values=[one.mae_years for one in found],
        low=[one.mae_low_years for one in found],
        high=[one.mae_high_years for one in found],
    )
    bias = plots.Series(
        name="bias (above 0: too old)", values=[one.bias_years for one in found]
    )
    worst = max(groups, key=lambda group: group.figures.mae_years)
    return page.Figure(
        plots.points(
            _names(groups),
            [error, bias],
            x_label=what,
            y_label="years",
            reference=0,
            is_joined=is_ordered,
        ),
        f"Error by {what.partition(',')[0]}.",
        f"Largest for {worst.value}: {worst.figures.mae_years:.1f} years; over all "
        f"{overall_years:.1f}. Under each name: photos.",
    )


def coverage(groups: Sequence[figures.Group], what: str) -> page.Figure:
    """Draws how many 90 % intervals hold, by group."""
    found = [group.figures for group in groups]
    series = plots.Series(
        name="share that holds, with 95 % interval",
        values=[one.coverage_90 for one in found],
        low=[one.coverage_90_low for one in found],
        high=[one.coverage_90_high for one in found],
    )
    off = [
        group.value
        for group in groups
        if not group.figures.coverage_90_low <= 0.9 <= group.figures.coverage_90_high
    ]
    return page.Figure(
        plots.points(
            _names(groups),
            [series],
            x_label=what,
            y_label="90 % intervals that hold",
            reference=0.9,
            is_share=True,
        ),
        f"Intervals that hold the real age, by {what.partition(',')[0]}.",
        "The line is at the 90 % that is promised. "
        + (
            f"More or fewer than chance explains: {', '.join(off)}."
            if off
            else "No group departs from it by more than chance explains."
        ),
    )


def heat_map(seen: predictions.Predictions) -> page.Figure:
    """Draws estimated against real ages."""
    real, estimated = seen.ages_years[seen.is_found], seen.estimates.mean_years
    last = max(float(real.max()), float(estimated.max()), 100.0)
    edges = np.arange(0, last + _BIN_YEARS, _BIN_YEARS)
    counts, _, _ = np.histogram2d(estimated, real, bins=(edges, edges))
    slope = float(np.polyfit(real, estimated, 1)[0]) if np.ptp(real) > 0 else 0.0
    return page.Figure(
        plots.heat_map(
            counts.astype(np.int64),
            edges,
            x_label="real age, years",
            y_label="estimated age, years",
            count_label="photos, logarithmic",
        ),
        "Estimated against real age.",
        "On the dashed line, both are the same. Ten years more of real age make "
        f"{10 * slope:.1f} years more of estimated age: below 10, the young are "
        "estimated too old and the old too young.",
    )


def reliability(found: figures.Evaluation) -> page.Figure:
    """Draws how often what was said of young people was true."""
    curves = [
        plots.Reliability(
            name=f"younger than {one.under_years}",
            said=[row.mean_said for row in one.reliability],
            observed=[row.observed for row in one.reliability],
            low=[row.observed_low for row in one.reliability],
            high=[row.observed_high for row in one.reliability],
        )
        for one in found.probabilities
        if one.reliability
    ]
    return page.Figure(
        plots.reliability(curves, x_label="probability said", y_label="share who were"),
        "Are the probabilities true?",
        "People of 13 and older, grouped by the probability that was said of them, "
        "against the share who were that young, with exact 95 % intervals. Above the "
        "line, more were young than said.",
    )


def _names(groups: Sequence[figures.Group]) -> list[str]:
    return [f"{group.value}\n{group.figures.num_photos:,}" for group in groups]
