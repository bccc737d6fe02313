"""What a run on Dataflow needs beside the flags of every run.

Its workers are machines of Google Cloud: they reach buckets, but no folder and no
environment of the machine that starts the job.
"""

from collections.abc import Iterator, Sequence

from apache_beam.options import pipeline_options, pipeline_options_validator

from pipelines import config, flags, secret

_NEEDED = ("project", "region", "temp_location", "sdk_container_image")
_BUCKETS = ("temp_location", "staging_location")


def check(settings: config.ScoreConfig, beam_flags: Sequence[str]) -> None:
    """Checks that workers can reach all that they need, and that Beam has all.

    Args:
      settings: What is asked.
      beam_flags: Flags for Beam, known to it.

    Raises:
      flags.UsageError: something is missing or out of their reach.
    """
    for fault in _faults(settings, _beam_options(beam_flags)):
        raise flags.UsageError(f"--runner {settings.runner}: {fault}")


def with_defaults(settings: config.ScoreConfig, beam_flags: Sequence[str]) -> list[str]:
    """Adds to the flags for Beam what follows from a run on Dataflow.

    Dataflow runs one job of a name at a time: a name of the day's own keeps a second
    run of it out.
    """
    return [
        f"--job_name=tillage-{settings.date}",
        *beam_flags,
        f"--runner={settings.runner}",
        # Threads would share a core; Dataflow starts a process for each.
        "--number_of_worker_harness_threads=1",
    ]


def _faults(
    settings: config.ScoreConfig, beam_options: pipeline_options.PipelineOptions
) -> Iterator[str]:
    asked = beam_options.get_all_options()
    yield from _out_of_reach(settings)
    for name in _NEEDED:
        if not asked[name]:
            yield f"it needs --{name}"
    for name in _BUCKETS:
        if asked[name] and not str(asked[name]).startswith("gs://"):
            yield f"--{name} must be a place in a bucket; received {asked[name]}"
    if asked["number_of_worker_harness_threads"] not in (None, 1):
        yield "--number_of_worker_harness_threads must be 1: each core has a process"
    yield from _cloud_faults(beam_options)


def _out_of_reach(settings: config.ScoreConfig) -> Iterator[str]:
    secrecy = settings.secrecy
    places = {
        "--input": settings.input_root,
        "--output": settings.output_root,
        "--bundle": settings.bundle,
        "--pseudonym-key-file": secrecy.key_file,
    }
    for flag, place in places.items():
        if place is not None and not place.startswith("gs://"):
            yield f"its workers cannot reach {flag} {place}; give a place in a bucket"
    if secrecy.cashier_ids != "omit" and secrecy.key_file is None:
        yield (
            f"its workers do not see ${secret.VARIABLE}; give --pseudonym-key-file "
            "gs://…, or choose --cashier-ids=omit"
        )


def _cloud_faults(beam_options: pipeline_options.PipelineOptions) -> list[str]:
    validator = pipeline_options_validator.PipelineOptionsValidator(beam_options, None)
    cloud = beam_options.view_as(pipeline_options.GoogleCloudOptions)
    faults: list[str] = validator.validate_cloud_options(cloud)
    return faults


def _beam_options(beam_flags: Sequence[str]) -> pipeline_options.PipelineOptions:
    return pipeline_options.PipelineOptions(list(beam_flags))
