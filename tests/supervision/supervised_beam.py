"""A Beam job that loses a worker, then all of its processes, and then succeeds.

`python -m tests.supervision.supervised_beam WORK [wait|raise]`: with `wait`, its
workers wait instead; with `raise`, they raise an error.
"""

import os
import pathlib
import signal
import sys
import time

import apache_beam as beam
from apache_beam.options import pipeline_options
from apache_beam.runners.portability import fn_api_runner

from pipelines.supervision import supervise


class Work(beam.DoFn):
    def __init__(self, folder, trouble):
        self.folder = folder
        self.trouble = trouble

    def process(self, number):
        folder = pathlib.Path(self.folder)
        (folder / f"worker-{os.getpid()}").touch()
        if self.trouble == "wait":
            time.sleep(600)
        if self.trouble == "raise":
            raise ArithmeticError("a bug")
        attempt = len(list(folder.glob("child-*")))
        if attempt == 1 and is_first(folder / "worker-killed"):
            os.kill(os.getpid(), signal.SIGKILL)
        if attempt == 2 and is_first(folder / "all-killed"):
            os.killpg(0, signal.SIGKILL)
        yield number


def is_first(path):
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True


def main():
    supervise.die_with_parent()
    folder, *rest = sys.argv[1:]
    (pathlib.Path(folder) / f"child-{os.getpid()}").touch()
    options = pipeline_options.PipelineOptions(
        ["--direct_num_workers=2", "--direct_running_mode=multi_processing"]
    )
    with beam.Pipeline(runner=fn_api_runner.FnApiRunner(), options=options) as root:
        (
            root
            | "Create" >> beam.Create(range(8))
            | "Spread" >> beam.Reshuffle()
            | "Work" >> beam.ParDo(Work(folder, *(rest or [""])))
        )
    (pathlib.Path(folder) / "done").touch()


if __name__ == "__main__":
    main()
