"""Command line of Tillage: `tillage <job> [flags]`."""

import importlib
import os
import sys
from collections.abc import Sequence

_JOBS = {
    "sample-day": ("pipelines.sample_day", "render sample trading days"),
    "inspect": ("training.inspect", "check labelled photos before training on them"),
    "train": ("training.train", "fit an age model on labelled photos"),
    "evaluate": ("training.evaluate", "judge a bundle on labelled photos"),
    "score": ("pipelines.score", "the nightly job: photos and purchases to tables"),
    "report": ("pipelines.report", "demand, offers and cashier audit over a span"),
    "purge": ("pipelines.purge", "delete photos and rows that are old enough"),
}


def _usage() -> str:
    jobs = "\n".join(f"  {name:<11} {what}" for name, (_, what) in _JOBS.items())
    return f"usage: tillage <job> [flags]\n\njobs:\n{jobs}\n\ntillage <job> --help"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one job.

    Args:
      argv: Job name and its flags; None: those of the process.

    Returns:
      Exit code: 0 success, 1 refused or failed run, 2 bad usage or input.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] in (["-h"], ["--help"]):
        print(_usage())
        return 0
    if not arguments or arguments[0] not in _JOBS:
        asked = f"no job named {arguments[0]!r}" if arguments else "no job given"
        print(f"tillage: {asked}\n{_usage()}", file=sys.stderr)
        return 2
    # Tables, reports and temporary files tell of people: they are their owner's alone,
    # also where a library makes them.
    os.umask(0o077)
    module, _ = _JOBS[arguments[0]]
    return int(importlib.import_module(module).main(arguments[1:]))


if __name__ == "__main__":
    sys.exit(main())
