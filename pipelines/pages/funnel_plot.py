"""Draws funnel plots: ratios against what was expected, between their limits."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.pages import drawing

_INK = "#1f2a30"
_MARKERS = ("o", "^", "x", "s")
_SIZE_INCHES = (8.0, 4.6)
_HEADROOM = 1.12

Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Dots:
    """Things of one kind; each kind has a shape of its own.

    Attributes:
      name: For the legend.
      expected: Shape `(n,)`, above 0.
      ratios: Observed / expected, shape `(n,)`.
    """

    name: str
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
        for number, kind in enumerate(dots):
            axes.plot(
                kind.expected,
                kind.ratios,
                label=kind.name,
                linestyle="none",
                marker=_MARKERS[number % len(_MARKERS)],
                markersize=7 if number == 1 else 5,
                color=drawing.COLOURS[number % len(drawing.COLOURS)],
            )
        highest = max(float(np.max(kind.ratios, initial=0)) for kind in dots)
        widest = max(float(np.max(kind.expected, initial=0)) for kind in dots)
        # The limits of a handful of sales would flatten everything else.
        axes.set_ylim(0, max(highest, 2.0) * _HEADROOM)
        axes.set_xlim(0, widest * 1.04)
        return drawing.finished(figure, axes, x_label, y_label, len(dots) + len(limits))
