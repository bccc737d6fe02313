"""Flags of `tillage score` as validated settings."""

import argparse
from collections.abc import Sequence

from pipelines import config, flags


def parse(argv: Sequence[str]) -> tuple[config.ScoreConfig, list[str]]:
    """Reads the flags of one run.

    Returns:
      The settings, and the flags that are left for Beam.

    Raises:
      flags.UsageError: a flag is missing, unknown to everybody, or out of range.
      SystemExit: `--help` was asked for.
    """
    given, leftovers = flags.parser().parse_known_args(list(argv))
    _refuse_unknown(leftovers)
    try:
        return _to_config(given), leftovers
    except ValueError as error:
        raise flags.UsageError(str(error)) from error


def _to_config(given: argparse.Namespace) -> config.ScoreConfig:
    return config.ScoreConfig(
        input_root=given.input,
        output_root=given.output,
        day=given.date,
        bundle=given.bundle,
        num_workers=given.workers,
        is_fresh=given.fresh,
        num_table_shards=given.table_shards,
        hang_seconds=given.hang_seconds,
        runner=None if given.runner in (None, "DirectRunner") else given.runner,
        scoring=config.Scoring(
            engine=given.engine,
            face_crop=given.face_crop,
            batch_size=given.batch_size,
            min_face_px=given.min_face_px,
            min_size_ratio=given.min_size_ratio,
            min_sharpness=given.min_sharpness,
        ),
        joining=config.Joining(
            day_starts_at=given.day_starts_at,
            timezone=given.timezone,
            restricted_categories=given.restricted_categories,
            match_slack_seconds=given.match_slack_seconds,
            max_clock_offset_seconds=given.max_clock_offset_seconds,
            legal_age_years=given.legal_age,
            challenge_age_years=given.challenge_age,
            eligible_probability=given.eligible_probability,
            age_groups=given.age_groups,
            num_partitions=given.join_partitions,
        ),
        limits=config.Limits(
            max_rejected_fraction=given.max_rejected_fraction,
            allow_shrink=given.allow_shrink,
        ),
        secrecy=config.Secrecy(
            key_file=given.pseudonym_key_file, cashier_ids=given.cashier_ids
        ),
    )


def _refuse_unknown(leftovers: Sequence[str]) -> None:
    if not leftovers:
        return
    # Beam takes seconds to import, and most runs pass it nothing.
    from apache_beam.options import pipeline_options

    beam_parser = flags.Parser(allow_abbrev=False, add_help=False)
    for options in pipeline_options.PipelineOptions.__subclasses__():
        options._add_argparse_args(beam_parser)  # type: ignore[arg-type]  # any parser does
    _, unknown = beam_parser.parse_known_args(list(leftovers))
    if unknown:
        raise flags.UsageError(
            f"unknown flag {unknown[0]}; see tillage score --help, "
            "or the flags of the Beam runner"
        )
