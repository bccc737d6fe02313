"""How all plots look: paper, pens, and the way into SVG."""

import contextlib
import io
import re
from collections.abc import Iterator
from typing import Any

import matplotlib
import matplotlib.axes
import matplotlib.figure
from matplotlib.backends import backend_svg

# Okabe and Ito's palette, darkest first: safe for the colour-blind.
COLOURS = ("#005a8c", "#d55e00", "#00795c", "#b0437d", "#6b6b6b", "#a87900")
_MARKERS = ("o", "s", "^", "D", "v", "P")
_DASHES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "+++")
QUIET = "#56646c"
WIDE_INCHES = (8.0, 3.7)
SQUARE_INCHES = (5.4, 4.9)
_LOOK: dict[Any, Any] = {
    "axes.edgecolor": QUIET,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    # What lies behind a drawing shows: the shadow that says there is more of it.
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 10,
    "grid.color": "#e3e8ea",
    "hatch.linewidth": 0.6,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "tillage",
    # A name with a dollar sign is no formula.
    "text.parse_math": False,
}


def style(number: int) -> dict[str, Any]:
    """Gives the n-th line a colour, a marker and dashes of its own."""
    return {
        "color": COLOURS[number % len(COLOURS)],
        "marker": _MARKERS[number % len(_MARKERS)],
        "linestyle": _DASHES[number % len(_DASHES)],
        "linewidth": 1.4,
        "markersize": 5,
    }


@contextlib.contextmanager
def paper(
    size_inches: tuple[float, float] = WIDE_INCHES,
) -> Iterator[tuple[matplotlib.figure.Figure, matplotlib.axes.Axes]]:
    """Lays out a sheet with one pair of axes; draw inside the `with`."""
    with matplotlib.rc_context(_LOOK):
        figure = matplotlib.figure.Figure(figsize=size_inches, layout="constrained")
        yield figure, figure.add_subplot()


def finished(
    figure: matplotlib.figure.Figure,
    axes: matplotlib.axes.Axes,
    x_label: str,
    y_label: str,
    num_series: int,
) -> str:
    """Names the axes, and the series if there are several; gives an `<svg>`."""
    axes.set(xlabel=x_label, ylabel=y_label)
    if num_series > 1:
        figure.legend(loc="outside upper left", ncols=min(num_series, 4))
    return _to_svg(figure)


def _to_svg(figure: matplotlib.figure.Figure) -> str:
    written = io.StringIO()
    backend_svg.FigureCanvasSVG(figure).print_svg(
        written, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    svg = written.getvalue()
    # Groups are named alike in every drawing; on one page no two may be.
    return re.sub(r'<g id="[^"]*"', "<g", svg[svg.index("<svg") :])
