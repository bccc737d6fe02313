"""Plots and tables of ages and sizes, for the page of an inspection."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipelines.pages import page, plots
from training import study
from training.inspection import figures

_MAX_SERIES = 4
_SIZE_BINS = 30


def blocks(found: figures.Inspected) -> list[page.Block]:
    """Shows the ages of kept photos against the original study's."""
    if not found.is_kept.any():
        return [page.Paragraph("Training would use no photo."), _table(found)]
    return [
        _against_study(found),
        *_by_column(found),
        _table(found),
    ]


def _against_study(found: figures.Inspected) -> page.Figure:
    kept = found.kept_years
    study_photos = study.photos_by_age().sum()
    old, of_study = (kept >= 60).mean(), study.study_mix()[60:].sum()
    return page.Figure(
        _shares(
            [
                plots.Series(name="this set", values=_of_ages(kept)),
                plots.Series(
                    name=f"original study ({study_photos:,} photos)",
                    values=_percent(figures.study_counts()),
                ),
            ]
        ),
        "Ages of this set and of the original study.",
        f"Share of kept photos in each band of five years. The median age is "
        f"{np.median(kept):.0f} years; {old:.1%} are 60 or older, {of_study:.1%} in "
        "the study.",
    )


def _by_column(found: figures.Inspected) -> list[page.Block]:
    """Shows ages by source, or by the first column that groups photos."""
    columns = found.columns()
    name = "source" if "source" in columns else next(iter(columns), None)
    if name is None:
        return []
    values = columns[name]
    common = [one for one in figures.by_value(found, values) if one.kept]
    series = [
        plots.Series(
            name=f"{one.value or 'not given'} ({one.kept:,} photos)",
            values=_of_ages(found.ages_years[found.is_kept & (values == one.value)]),
        )
        for one in common[:_MAX_SERIES]
    ]
    means = ", ".join(
        f"{one.value or 'not given'} {one.mean_age_years:.1f}"
        for one in common[:_MAX_SERIES]
    )
    return [
        page.Figure(
            _shares(series),
            f"Ages by {name}.",
            f"Share of the kept photos of each {name}. Mean ages: {means} years.",
        )
    ]


def _table(found: figures.Inspected) -> page.Table:
    return page.Table(
        "Photos by age group",
        (
            "age group (years)",
            "photos",
            "kept",
            "share of kept",
            "share in the original study",
        ),
        [
            (
                one.age_group,
                f"{one.photos:,}",
                f"{one.kept:,}",
                f"{one.kept_share:.1%}",
                f"{one.study_share:.1%}",
            )
            for one in figures.by_age_group(found)
        ],
    )


def sizes(found: figures.Inspected) -> page.Block:
    """Shows how large the photos are."""
    sides = figures.shorter_sides(found.scanned.seen)
    sides = sides[sides > 0]
    if not len(sides):
        return page.Paragraph("No photo can be decoded.")
    edges = _size_edges(sides)
    return page.Figure(
        plots.steps(
            edges,
            [
                plots.Series(
                    name="photos",
                    values=np.histogram(sides, edges)[0].astype(float).astype(float),
                )
            ],
            x_label="shorter side (pixels)",
            y_label="photos",
        ),
        "Sizes of the photos.",
        f"The shorter side is {sides.min()} to {sides.max()} px, {np.median(sides):g} "
        "px in the middle.",
    )


def _size_edges(sides: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    step = max((int(sides.max()) // _SIZE_BINS + 9) // 10 * 10, 10)
    first = int(sides.min()) // step * step
    return np.arange(first, sides.max() + 2 * step, step, dtype=np.float64)


def _shares(series: Sequence[plots.Series]) -> str:
    return plots.steps(
        figures.BAND_EDGES_YEARS.astype(float),
        series,
        x_label="age (years)",
        y_label="share of photos (%)",
    )


def _of_ages(ages_years: figures.Floats) -> figures.Floats:
    return _percent(figures.band_counts(ages_years))


def _percent(counts: npt.NDArray[np.int64]) -> figures.Floats:
    return 100 * counts / max(int(counts.sum()), 1)
