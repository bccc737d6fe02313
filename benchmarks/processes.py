"""Runs a command and measures all processes that it starts."""

import dataclasses
import subprocess
import tempfile
import time
from collections.abc import Sequence

import psutil

_POLL_SECONDS = 0.2


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measured:
    """One finished command.

    Attributes:
      exit_code: Of the command.
      wall_seconds: From its start to its end.
      peak_mib: Largest sum over its processes of their proportional memory (PSS:
        pages that several share count once).
      output: What it printed, both streams.
    """

    exit_code: int
    wall_seconds: float
    peak_mib: float
    output: str


def measure(command: Sequence[str]) -> Measured:
    """Runs a command to its end."""
    started = time.monotonic()
    peak = 0
    # A file, because a pipe that nobody reads would stop the command.
    with tempfile.TemporaryFile("w+") as output:
        process = psutil.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        while process.poll() is None:
            peak = max(peak, _memory_bytes(process))
            time.sleep(_POLL_SECONDS)
        wall_seconds = time.monotonic() - started
        output.seek(0)
        return Measured(
            exit_code=process.returncode,
            wall_seconds=wall_seconds,
            peak_mib=peak / 2**20,
            output=output.read(),
        )


def _memory_bytes(tree: psutil.Process) -> int:
    total = 0
    try:
        processes = [tree, *tree.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total
