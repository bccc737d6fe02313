"""Starts `tillage score` with the parameters of a Dataflow template.

The template's launcher gives each as `--name=value`: names have underscores, and
switches have values, `--allow_shrink=true`.
"""

import sys
from collections.abc import Sequence

from pipelines import flags, options, score

LOCAL_FLAGS = ("--workers", "--hang-seconds", "--detailed-exit-codes")
"""Flags that mean nothing on Dataflow."""


def main(argv: Sequence[str]) -> int:
    """Scores one trading day on Dataflow.

    Args:
      argv: Parameters of the template and what the launcher adds for Beam. Dataflow
        has checked the former; flags that nobody knows are left out with a warning,
        for a launcher may add new ones.

    Returns:
      See `score.main`.
    """
    try:
        return score.main(to_flags(argv))
    except flags.UsageError as error:
        print(f"tillage score: {error}", file=sys.stderr)
        return 2


def parameter_of(flag: flags.Flag) -> str:
    """Names the template's parameter for a flag, such as `allow_shrink`."""
    return flag.name.removeprefix("--").replace("-", "_")


def to_flags(argv: Sequence[str]) -> list[str]:
    """Translates what the launcher gives to what `tillage score` takes.

    Raises:
      flags.UsageError: a switch is neither true nor false, or Beam cannot read a
        value.
    """
    ours = {f"--{parameter_of(flag)}": flag for flag in flags.offered()}
    taken = []
    for argument in argv:
        name, _, value = argument.partition("=")
        if name in ours:
            taken += _as_typed(ours[name], value)
        elif options.unknown_to_beam([argument]):
            print(f"tillage score: {name} is not known, left out", file=sys.stderr)
        else:
            taken.append(argument)
    return taken


def _as_typed(flag: flags.Flag, value: str) -> list[str]:
    if not flag.is_switch:
        return [f"{flag.name}={value}"]
    if value not in ("true", "false"):
        raise flags.UsageError(f"{flag.name} must be true or false; received {value!r}")
    return [flag.name] if value == "true" else []
