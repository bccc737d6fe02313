"""Draws funnel plots: ratios against what was expected, between their limits."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.pages import drawing

_INK = "#1f2a30"
_LOOKS: dict[str, dict[str, Any]] = {
    "circle": {"marker": "o", "markersize": 5, "color": drawing.COLOURS[0]},
    "triangle": {"marker": "^", "markersize": 7, "color": drawing.COLOURS[1]},
    "cross": {"marker": "x", "markersize": 5, "color": drawing.COLOURS[4]},
}
SHAPES = tuple(_LOOKS)
"""Of dots."""

_SIZE_INCHES = (8.0, 4.6)
_HEADROOM = 1.12

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Dots:
    """Things of one kind.

    Attributes:
      name: For the legend.
      shape: One of `SHAPES`; no two kinds of a plot should share it.
      expected: Shape `(n,)`, above 0.
      ratios: Observed / expected, shape `(n,)`.
    """

    name: str
    shape: str
    expected: Floats
    ratios: Floats


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Limits:
    """Two curves that chance seldom leaves.

    Attributes:
      name: For the legend, such as `99.9 % limits`.
      expected: Where they are known, ascending, shape `(n,)`.
      low: Lower ends, as ratios.
      high: Upper ends.
    """

    name: str
    expected: Floats
    low: Floats
    high: Floats


def draw(
    dots: Sequence[Dots], limits: Sequence[Limits], *, x_label: str, y_label: str
) -> str:
    """Draws the dots about 1, where observed is expected.

    Args:
      dots: Kinds, the most frequent first; at least one thing in all.
      limits: The narrowest first.
      x_label: Of the axis, with its unit.
      y_label: Likewise.

    Returns:
      An `<svg>` element, the same for the same arguments.
    """
    with drawing.paper(_SIZE_INCHES) as (figure, axes):
        axes.axhline(1.0, color=drawing.QUIET, linewidth=1)
        for number, limit in enumerate(limits):
            pen: dict[str, Any] = {
                "color": _INK,
                "linestyle": ("--", "-")[number % 2],
                "linewidth": 1.1,
            }
            axes.plot(limit.expected, limit.low, label=limit.name, **pen)
            axes.plot(limit.expected, limit.high, **pen)
        for kind in dots:
            axes.plot(
                kind.expected,
                kind.ratios,
                label=kind.name,
                linestyle="none",
                clip_on=False,
                **_LOOKS[kind.shape],
            )
        widest = max(float(np.max(kind.expected, initial=0)) for kind in dots)
        axes.set_ylim(0, _highest(dots, limits) * _HEADROOM)
        axes.set_xlim(0, widest * 1.04)
        return drawing.finished(figure, axes, x_label, y_label, len(dots) + len(limits))


def _highest(dots: Sequence[Dots], limits: Sequence[Limits]) -> float:
    """Finds the highest ratio to show: of a dot, or of a limit where most is expected.

    Limits of a handful of things would flatten all else; they may leave the plot.
    """
    of_dots = [float(np.max(kind.ratios, initial=2.0)) for kind in dots]
    of_limits = [float(limit.high[-1]) for limit in limits if len(limit.high)]
    return max(*of_dots, *of_limits, 2.0)
