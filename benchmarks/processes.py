"""Runs a command and measures all processes that it starts."""

import dataclasses
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence

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
      peak_handles: Largest sum over its processes of their open file handles.
      output: What it printed, both streams.
    """

    exit_code: int
    wall_seconds: float
    peak_mib: float
    peak_handles: int
    output: str


def measure(
    command: Sequence[str], environment: Mapping[str, str] | None = None
) -> Measured:
    """Runs a command to its end.

    Args:
      command: To run.
      environment: Variables beside those of this process.
    """
    started = time.monotonic()
    peak_bytes, peak_handles = 0, 0
    # A file, because a pipe that nobody reads would stop the command.
    with tempfile.TemporaryFile("w+") as output:
        process = psutil.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | (environment or {}),
        )
        while process.poll() is None:
            used_bytes, handles = _in_use(process)
            peak_bytes = max(peak_bytes, used_bytes)
            peak_handles = max(peak_handles, handles)
            time.sleep(_POLL_SECONDS)
        wall_seconds = time.monotonic() - started
        output.seek(0)
        return Measured(
            exit_code=process.returncode,
            wall_seconds=wall_seconds,
            peak_mib=peak_bytes / 2**20,
            peak_handles=peak_handles,
            output=output.read(),
        )


def _in_use(tree: psutil.Process) -> tuple[int, int]:
    """Adds up memory in bytes, and open file handles."""
    num_bytes, handles = 0, 0
    try:
        processes = [tree, *tree.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0, 0
    for process in processes:
        try:
            num_bytes += process.memory_full_info().pss
            handles += process.num_fds()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return num_bytes, handles
