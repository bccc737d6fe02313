"""Hides counts of few people, also from those who add up and subtract."""

import numpy as np
import numpy.typing as npt


def hidden(counts: npt.NDArray[np.int64], min_shown: int) -> npt.NDArray[np.bool_]:
    """Chooses the cells of each row that must not be shown.

    These are all below `min_shown`. The total of a row follows from its shown
    figures, so hidden cells must together hold `min_shown`, which takes at least two;
    until they do, the smallest shown cell of the row is hidden too.

    It does not stop a reader who compares reports of other groups or days, or who has
    the confusion matrix and solves for what a corrected index was made of.

    Args:
      counts: Shape `(rows, cells)`.
      min_shown: Least count that may be shown.

    Returns:
      True where hidden, the same shape.
    """
    is_hidden = counts < min_shown
    for _ in range(counts.shape[1]):
        held = np.where(is_hidden, counts, 0).sum(axis=1)
        gives_away = is_hidden.any(axis=1) & (held < min_shown)
        rows = np.flatnonzero(gives_away & ~is_hidden.all(axis=1))
        shown = np.where(is_hidden[rows], np.iinfo(np.int64).max, counts[rows])
        is_hidden[rows, shown.argmin(axis=1)] = True
    return is_hidden
