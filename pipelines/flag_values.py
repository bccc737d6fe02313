"""Values of flags, read from text.

Raises `argparse.ArgumentTypeError`, with what the value should look like.
"""

import argparse
import datetime
from collections.abc import Callable

_THIS_MACHINE = ("direct", "directrunner")


def date(text: str) -> datetime.date:
    """Reads a date such as `2026-11-21`."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"a date looks like 2026-11-21, not {text!r}"
        ) from error


def time_of_day(text: str) -> datetime.time:
    """Reads a time of day such as `04:00`."""
    try:
        return datetime.time.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"a time of day looks like 04:00, not {text!r}"
        ) from error


def names(text: str) -> tuple[str, ...]:
    """Reads names between commas; gives them sorted, each once."""
    return tuple(sorted({name.strip() for name in text.split(",") if name.strip()}))


def bounds(text: str) -> tuple[int, ...]:
    """Reads whole years between commas, such as `25,45,65`."""
    try:
        return tuple(int(bound) for bound in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"age groups look like 25,45,65, not {text!r}"
        ) from error


def runner(text: str) -> str | None:
    """Reads the name of a Beam runner; None: this machine, supervised."""
    return None if text.lower() in _THIS_MACHINE else text


READERS: dict[str, Callable[[str], object]] = {
    "A,B": names,
    "HH:MM": time_of_day,
    "N": int,
    "P": float,
    "RUNNER": runner,
    "S": float,
    "X": float,
    "YEARS": int,
    "YEARS,YEARS": bounds,
    "YYYY-MM-DD": date,
}
"""How a value is read, by its name in `--help`; those that are not here are text."""
