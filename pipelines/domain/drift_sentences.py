"""What a change of a camera's figures means, in words for a store manager."""

import datetime

from schemas import store_drift

_CHANGES = {
    store_drift.BRIGHTNESS: (
        "Photos of store {store_id} are {change:.0%} {how} than usual: {value:.0f} "
        "instead of {expected:.0f} on a scale of 255.",
        "brighter",
        "darker",
    ),
    store_drift.FACE_SIZE: (
        "Faces at store {store_id} are {change:.0%} {how} than usual: {value:.0f} "
        "instead of {expected:.0f} pixels. Has a camera moved?",
        "larger",
        "smaller",
    ),
    store_drift.FACE_LOSS: (
        "{how} photos of store {store_id} than usual show no usable face: {value:.1%} "
        "instead of {expected:.1%}.",
        "More",
        "Fewer",
    ),
    store_drift.MATCH_RATE: (
        "{how} photos of store {store_id} than usual belong to a sale: {value:.1%} "
        "instead of {expected:.1%}. Check the clocks of the tills.",
        "More",
        "Fewer",
    ),
    store_drift.AGE_DISTRIBUTION: (
        "The ages seen at store {store_id} are spread unlike usual: on average "
        "{ages[0]:.0f} years, {ages[1]:.0f} before. Look at the camera first.",
        "",
        "",
    ),
}
"""By measure: the sentence, and its word for more and for less."""


def alarm(
    store_id: str,
    measure: str,
    value: float,
    expected: float,
    ages: tuple[float, float],
) -> str:
    """Says what changed.

    Args:
      store_id: Store.
      measure: One of `store_drift.COMPARED`.
      value: Of the day.
      expected: Of the days before.
      ages: Mean age of the day and of the days before, years.

    Returns:
      One or two sentences.
    """
    sentence, more, fewer = _CHANGES[measure]
    return sentence.format(
        store_id=store_id,
        how=more if value > expected else fewer,
        change=abs(value - expected) / expected if expected else 0.0,
        value=value,
        expected=expected,
        ages=ages,
    )


def turned(
    store_id: str,
    is_upside_down: bool,
    share: float,
    since: datetime.date,
    is_start_known: bool,
) -> str:
    """Says that cameras are turned.

    Args:
      store_id: Store.
      is_upside_down: Whether they hang upside down; else on their side.
      share: Of the faces that stand so.
      since: First of the days in a row on which it is so.
      is_start_known: Whether the day before was another.

    Returns:
      Two sentences.
    """
    which = "Photos" if share >= 0.5 else "Some photos"
    how = "are upside down" if is_upside_down else "lie on their side"
    earlier = "" if is_start_known else " or before"
    return (
        f"{which} of store {store_id} {how}: {share:.0%} of those with a face, since "
        f"{since}{earlier}. They were turned to tell the ages; put the camera right."
    )


def no_history(store_id: str, days: int, needed: int) -> str:
    """Says why a day is not judged."""
    return f"Store {store_id} has {days} earlier days; {needed} are needed."


def no_photos(store_id: str, photos: int, needed: int) -> str:
    """Says why a day is not judged."""
    return f"Store {store_id} has {photos} photos for this; {needed} are needed."
