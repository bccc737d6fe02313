"""Draws heat maps whose cells carry their numbers, so that no colour is needed."""

from collections.abc import Sequence

import matplotlib.axes
import matplotlib.colors
import matplotlib.typing
import numpy as np
import numpy.typing as npt

from pipelines.pages import drawing

_BLACK, _WHITE = "#000000", "#ffffff"
_UP, _DOWN, _MIDDLE = "#005a8c", "#c04e00", "#f3f6f7"
_LONGEST_NAME = 36
_WIDTH_INCHES = 8.0
_ROW_INCHES, _MARGIN_INCHES = 0.27, 0.85

Floats = npt.NDArray[np.float64]


def draw(
    rows: Sequence[str],
    columns: Sequence[str],
    shades: Floats,
    texts: Sequence[Sequence[str]],
    *,
    x_label: str,
    y_label: str,
) -> str:
    """Draws a table of numbers on coloured ground.

    Args:
      rows: Names, from the top; long ones are cut.
      columns: Names, from the left.
      shades: Shape `(rows, columns)`, -1 (orange) over 0 (pale) to 1 (blue), so that
        a map may use one half of the scale; NaN: no ground. Others are clipped.
      texts: What stands in each cell, the same shape.
      x_label: Of the columns.
      y_label: Of the rows.

    Returns:
      An `<svg>` element, the same for the same arguments.
    """
    size_inches = (_WIDTH_INCHES, _MARGIN_INCHES + _ROW_INCHES * len(rows))
    with drawing.paper(size_inches) as (figure, axes):
        colours = matplotlib.colors.LinearSegmentedColormap.from_list(
            "shades", [_DOWN, _MIDDLE, _UP]
        )
        axes.pcolormesh(
            np.ma.masked_invalid(shades),
            cmap=colours,
            vmin=-1,
            vmax=1,
            edgecolors=_WHITE,
            linewidth=1,
        )
        _write_cells(axes, shades, texts, colours)
        _name_cells(axes, rows, columns)
        return drawing.finished(figure, axes, x_label, y_label, 1)


def _write_cells(
    axes: matplotlib.axes.Axes,
    shades: Floats,
    texts: Sequence[Sequence[str]],
    colours: matplotlib.colors.Colormap,
) -> None:
    for (row, column), shade in np.ndenumerate(shades):
        ground = _WHITE if np.isnan(shade) else colours((shade + 1) / 2)
        axes.text(
            column + 0.5,
            row + 0.5,
            texts[row][column],
            ha="center",
            va="center",
            fontsize=8.5,
            color=_readable_on(ground),
            # Inside its cell: to measure it would double the time.
            in_layout=False,
        )


def _name_cells(
    axes: matplotlib.axes.Axes, rows: Sequence[str], columns: Sequence[str]
) -> None:
    axes.grid(False)
    axes.invert_yaxis()
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.xaxis.labelpad = 8
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xticks(np.arange(len(columns)) + 0.5, list(columns))
    axes.set_yticks(np.arange(len(rows)) + 0.5, [_shortened(name) for name in rows])


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _readable_on(ground: matplotlib.typing.ColorType) -> str:
    """Chooses black or white, whichever has more contrast: always 4.5 to 1 (WCAG 2)."""
    rgb = np.array(matplotlib.colors.to_rgb(ground))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    return _WHITE if luminance < 0.179 else _BLACK
