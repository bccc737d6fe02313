"""Flags of `tillage score` as validated settings."""

import collections
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines import config, flags

_SET_BY_WORKERS = ("--direct_num_workers", "--direct_running_mode")


def parse(argv: Sequence[str]) -> tuple[config.ScoreConfig, list[str]]:
    """Reads the flags of one run.

    Returns:
      The settings, and the flags that are left for Beam.

    Raises:
      flags.UsageError: a flag is missing, unknown to everybody, or out of range.
      SystemExit: `--help` was asked for.
    """
    given, leftovers = flags.parser().parse_known_args(list(argv))
    try:
        settings = _to_config(vars(given))
    except config.SettingsError as error:
        flag = flags.name_of(error.setting)
        raise flags.UsageError(error.message_for(flag)) from error
    # Beam takes seconds to import, and most runs pass it nothing.
    if leftovers:
        _check_beam_flags(leftovers)
    if settings.runner is not None:
        _check_runner(settings.runner)
    if settings.is_on_dataflow:
        from pipelines import dataflow

        dataflow.check(settings, leftovers)
    return settings, leftovers


def unknown_to_beam(leftovers: Sequence[str]) -> list[str]:
    """Lists the flags that Beam does not know either.

    Raises:
      flags.UsageError: Beam knows one, but not its value.
    """
    from apache_beam.options import pipeline_options

    beam_parser = flags.Parser(allow_abbrev=False, add_help=False)
    for options in pipeline_options.PipelineOptions.__subclasses__():
        options._add_argparse_args(beam_parser)  # type: ignore[arg-type]  # any parser does
    _, unknown = beam_parser.parse_known_args(list(leftovers))
    return unknown


def _to_config(given: Mapping[str, Any]) -> config.ScoreConfig:
    parts: dict[str, dict[str, Any]] = collections.defaultdict(dict)
    for setting, value in given.items():
        part, _, name = setting.rpartition(".")
        parts[part][name] = value
    whole = parts.pop("")
    defaults = config.ScoreConfig(**whole)
    return dataclasses.replace(
        defaults,
        **{
            part: dataclasses.replace(getattr(defaults, part), **values)
            for part, values in parts.items()
        },
    )


def _check_beam_flags(leftovers: Sequence[str]) -> None:
    for name in (text.split("=")[0] for text in leftovers):
        if name in _SET_BY_WORKERS:
            raise flags.UsageError(f"{name} follows from --workers; use --workers")
    if unknown := unknown_to_beam(leftovers):
        raise flags.UsageError(_unknown(unknown[0]))


def _unknown(text: str) -> str:
    if not text.startswith("-"):
        return f"unexpected argument {text}; see tillage score --help"
    return (
        f"unknown flag {text}; see tillage score --help, or the flags of the Beam "
        "runner"
    )


def _check_runner(name: str) -> None:
    from apache_beam.runners import runner

    try:
        made = runner.create_runner(name)
    # What a name that is no runner's, or of one that is not installed, ends in.
    except (ValueError, ImportError, AttributeError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise flags.UsageError(f"--runner {name}: {reason}") from error
    if not isinstance(made, runner.PipelineRunner):
        raise flags.UsageError(f"--runner {name}: this is not a Beam runner")
