"""Faults of a disk that people can mend: one line says them, without a traceback."""

import contextlib
import errno
import os
import re
import sys
import tempfile
from typing import NoReturn

import psutil

from pipelines.supervision import supervise

_MENDABLE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_NUMBER = re.compile(r"\[[Ee]rrno (\d+)\]")


def line(said: str, output_root: str) -> str | None:
    """Words a full or read-only disk for people.

    Args:
      said: Text of an exception, also as Beam's workers quote it, or Arrow.
      output_root: Where the run publishes.

    Returns:
      The line; None if the fault is another one.
    """
    numbers = [int(number) for number in _NUMBER.findall(said)]
    fault = next((os.strerror(n) for n in numbers if n in _MENDABLE), None)
    if fault is None:
        return None
    return (
        f"tillage score: {fault}, writing to {output_root} or {tempfile.gettempdir()}; "
        "mend that, then start the same command again to resume"
    )


def end_with(line: str) -> NoReturn:
    """Ends this process, a child of the supervisor's, with `supervise.FAILED`."""
    # Whoever outlives the other half of a connection writes pages about it, and a
    # worker's death is blamed on what it has in hand: they wait for the supervisor.
    for worker in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            worker.suspend()
    print(line, file=sys.stderr, flush=True)
    os._exit(supervise.FAILED)
