"""Exit codes of `tillage score`; docs/operations.md says what a scheduler does then."""

import enum


class ExitCode(enum.IntEnum):
    """How a run ended, if no signal ended it."""

    PUBLISHED = 0
    FAILED = 1
    """On its way; the same command goes on where it stopped."""
    BAD_INPUT = 2
    """Of the command or of its inputs; the same command fails again."""
    REFUSED = 3
    """By the gate; the published day is as it was."""
    DAY_IS_LOCKED = 4
    """Another run of the day is at work."""


def shown(code: int, *, is_detailed: bool) -> int:
    """Gives the code that a caller sees.

    Args:
      code: How the run ended.
      is_detailed: Whether it asked for more than published, failed and bad input.
    """
    if is_detailed or code not in (ExitCode.REFUSED, ExitCode.DAY_IS_LOCKED):
        return code
    return ExitCode.FAILED
