"""Draws plots as SVG: labelled axes, told apart without colour, the same every time."""

import dataclasses
from collections.abc import Sequence

import matplotlib
import matplotlib.colors
import matplotlib.ticker
import numpy as np
import numpy.typing as npt

from pipelines.pages import drawing

_MOST_DOTS = 2000  # More of them would make the page heavier than as pixels.

Floats = Sequence[float] | npt.NDArray[np.floating]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """Numbers that belong together.

    Attributes:
      name: For the legend.
      values: One a category or bin; NaN: none.
      low: Lower ends of the error bars; None: no bars.
      high: Upper ends.
    """

    name: str
    values: Floats
    low: Floats | None = None
    high: Floats | None = None

    def error_lengths(self) -> npt.NDArray[np.float64] | None:
        """Gives lengths below and above, shape `(2, n)`, none under 0."""
        if self.low is None or self.high is None:
            return None
        values = np.asarray(self.values, float)
        below, above = values - np.asarray(self.low), np.asarray(self.high) - values
        return np.maximum(np.stack([below, above]), 0)


def bars(
    categories: Sequence[str], series: Sequence[Series], *, x_label: str, y_label: str
) -> str:
    """Draws bars side by side; those of a single series carry their values.

    Args:
      categories: Names along the axis; a line break is kept.
      series: At least one.
      x_label: Of the axis, with its unit.
      y_label: Likewise.

    Returns:
      An `<svg>` element, the same for the same arguments.
    """
    with drawing.paper() as (figure, axes):
        places = np.arange(len(categories))
        width = 0.8 / len(series)
        for number, one in enumerate(series):
            offset = (number - (len(series) - 1) / 2) * width
            drawn = axes.bar(
                places + offset,
                np.asarray(one.values, float),
                width,
                yerr=one.error_lengths(),
                label=one.name,
                color=drawing.COLOURS[number % len(drawing.COLOURS)],
                hatch=drawing.HATCHES[number % len(drawing.HATCHES)],
                edgecolor="white",
                ecolor="#1f2a30",
                capsize=2,
            )
            if len(series) == 1 and one.low is None:
                axes.bar_label(drawn, fmt="{:,.4g}", padding=2, fontsize=8)
        axes.set_xticks(places, list(categories))
        return drawing.finished(figure, axes, x_label, y_label, len(series))


def steps(
    edges: Floats, series: Sequence[Series], *, x_label: str, y_label: str
) -> str:
    """Draws histograms over each other: the first filled, the others as outlines.

    Args:
      edges: Of the bins, ascending, one more than each series has values.
      series: Heights; at least one.
      x_label: Of the axis, with its unit.
      y_label: Likewise.

    Returns:
      An `<svg>` element.
    """
    with drawing.paper() as (figure, axes):
        for number, one in enumerate(series):
            colour = drawing.COLOURS[number % len(drawing.COLOURS)]
            axes.stairs(
                np.asarray(one.values, float),
                np.asarray(edges, float),
                label=one.name,
                fill=number == 0,
                color="#a9cbe0" if number == 0 else colour,
                linewidth=1.6,
                linestyle=drawing.style(number)["linestyle"],
            )
        return drawing.finished(figure, axes, x_label, y_label, len(series))


def points(
    categories: Sequence[str],
    series: Sequence[Series],
    *,
    x_label: str,
    y_label: str,
    reference: float | None = None,
    is_share: bool = False,
    is_joined: bool = True,
) -> str:
    """Draws a point with its error bar for each category.

    Args:
      categories: Names along the axis; a line break is kept.
      series: At least one.
      x_label: Of the axis, with its unit.
      y_label: Likewise.
      reference: Where to draw a thin line across, such as 0 or a target.
      is_share: Whether values from 0 to 1 are shown as percentages.
      is_joined: Whether lines join them: where categories have an order.

    Returns:
      An `<svg>` element.
    """
    with drawing.paper() as (figure, axes):
        if reference is not None:
            axes.axhline(reference, color=drawing.QUIET, linewidth=1)
        for number, one in enumerate(series):
            # Side by side, so that error bars do not hide each other.
            shift = 0.12 * (number - (len(series) - 1) / 2)
            style = drawing.style(number)
            axes.errorbar(
                np.arange(len(categories)) + shift,
                np.asarray(one.values, float),
                yerr=one.error_lengths(),
                label=one.name,
                capsize=3,
                **(style if is_joined else style | {"linestyle": "none"}),
            )
        axes.set_xlim(-0.5, len(categories) - 0.5)
        if is_share:
            axes.yaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1))
        axes.set_xticks(np.arange(len(categories)), list(categories))
        return drawing.finished(figure, axes, x_label, y_label, len(series))


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Reliability:
    """What was said against what came true; shares 0 to 1, a value a bin."""

    name: str
    said: Floats
    observed: Floats
    low: Floats
    high: Floats


def reliability(curves: Sequence[Reliability], *, x_label: str, y_label: str) -> str:
    """Draws reliability curves about the diagonal on which said is true.

    Returns:
      An `<svg>` element.
    """
    with drawing.paper(drawing.SQUARE_INCHES) as (figure, axes):
        axes.plot([0, 1], [0, 1], color=drawing.QUIET, label="as often as said")
        for number, curve in enumerate(curves):
            bar = Series(
                name="", values=curve.observed, low=curve.low, high=curve.high
            ).error_lengths()
            axes.errorbar(
                np.asarray(curve.said, float),
                np.asarray(curve.observed, float),
                yerr=bar,
                label=curve.name,
                capsize=3,
                **drawing.style(number),
            )
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        axes.xaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1))
        axes.yaxis.set_major_formatter(matplotlib.ticker.PercentFormatter(1))
        return drawing.finished(figure, axes, x_label, y_label, len(curves) + 1)


def scatter(
    x: Floats, y: Floats, *, x_label: str, y_label: str, is_square: bool = False
) -> str:
    """Draws one dot a thing; where many lie on each other, it gets darker.

    Returns:
      An `<svg>` element.
    """
    with drawing.paper(drawing.SQUARE_INCHES if is_square else drawing.WIDE_INCHES) as (
        figure,
        axes,
    ):
        axes.scatter(
            np.asarray(x, float),
            np.asarray(y, float),
            s=9,
            alpha=0.35,
            c=drawing.COLOURS[0],
            rasterized=len(x) > _MOST_DOTS,
        )
        return drawing.finished(figure, axes, x_label, y_label, 1)


def heat_map(
    counts: npt.NDArray[np.integer],
    edges: Floats,
    *,
    x_label: str,
    y_label: str,
    count_label: str,
) -> str:
    """Draws how often two numbers of one scale go together, with the diagonal.

    Args:
      counts: Shape `(n, n)`, `[y][x]`.
      edges: Of the bins on both axes, ascending, shape `(n + 1,)`.
      x_label: Of the axis, with its unit.
      y_label: Likewise.
      count_label: What is counted.

    Returns:
      An `<svg>` element.
    """
    with drawing.paper(drawing.SQUARE_INCHES) as (figure, axes):
        shown = np.ma.masked_equal(np.asarray(counts), 0)
        norm = matplotlib.colors.LogNorm(1, max(int(np.max(counts, initial=0)), 10))
        # Its lightest blues are too near to the white of an empty cell.
        blues = matplotlib.colormaps["Blues"](np.linspace(0.25, 1, 256))
        colours = matplotlib.colors.ListedColormap(blues)
        mesh = axes.pcolormesh(edges, edges, shown, cmap=colours, norm=norm)
        ends = [edges[0], edges[-1]]
        axes.plot(ends, ends, color="#1f2a30", linewidth=1, linestyle="--")
        axes.set_aspect("equal")
        bar = figure.colorbar(mesh, shrink=0.8)
        bar.set_label(count_label)
        bar.ax.yaxis.set_major_formatter(matplotlib.ticker.StrMethodFormatter("{x:g}"))
        return drawing.finished(figure, axes, x_label, y_label, 1)
