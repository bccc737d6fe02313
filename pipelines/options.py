"""Flags of `tillage score` as validated settings."""

import collections
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines import config, flags

_SET_BY_WORKERS = ("--direct_num_workers", "--direct_running_mode")
_LEFT_ALONE = "--no_wait_until_finish"
_OF_THIS_MACHINE = ("num_workers", "hang_seconds")
_ENVIRONMENTS = (None, "DOCKER", "EXTERNAL", "LOOPBACK", "PROCESS")


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
    if _LEFT_ALONE in leftovers and not settings.is_on_dataflow:
        raise flags.UsageError(
            f"{_LEFT_ALONE} is for --runner DataflowRunner: elsewhere, only a command "
            "that waits keeps a second run of the day out"
        )
    if settings.runner is not None:
        _check_runner(settings.runner, leftovers)
        _check_nothing_is_lost(settings.runner, vars(given))
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


def _check_runner(name: str, leftovers: Sequence[str]) -> None:
    from apache_beam.runners import runner
    from apache_beam.runners.portability import portable_runner

    try:
        made = runner.create_runner(name)
    # What a name that is no runner's, or of one that is not installed, ends in.
    except (ValueError, ImportError, AttributeError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise flags.UsageError(f"--runner {name}: {reason}") from error
    if not isinstance(made, runner.PipelineRunner):
        raise flags.UsageError(f"--runner {name}: this is not a Beam runner")
    if isinstance(made, portable_runner.PortableRunner):
        needs_endpoint = type(made) is portable_runner.PortableRunner
        _check_portable(name, leftovers, needs_endpoint)


def _check_portable(name: str, leftovers: Sequence[str], needs_endpoint: bool) -> None:
    from apache_beam.options import pipeline_options as beam_options

    given = beam_options.PipelineOptions(list(leftovers))
    portable = given.view_as(beam_options.PortableOptions)
    if needs_endpoint and not portable.job_endpoint:
        raise flags.UsageError(f"--runner {name} needs --job_endpoint HOST:PORT")
    kind = portable.environment_type
    if kind not in _ENVIRONMENTS:
        known = ", ".join(filter(None, _ENVIRONMENTS))
        raise flags.UsageError(f"--environment_type must be one of {known}: {kind}")
    has_config = portable.environment_config or portable.environment_options
    if kind in ("EXTERNAL", "PROCESS") and not has_config:
        raise flags.UsageError(f"--environment_type {kind} needs --environment_config")


def _check_nothing_is_lost(runner: str, given: Mapping[str, Any]) -> None:
    for setting in _OF_THIS_MACHINE:
        if setting in given:
            raise flags.UsageError(
                f"{flags.name_of(setting)} is for workers of this machine; --runner "
                f"{runner} has flags of its own: --max_num_workers on Dataflow, "
                "--parallelism on Flink"
            )
