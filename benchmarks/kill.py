"""Kills a night with all its processes."""

import contextlib
import os
import signal
import subprocess
import time
from typing import NamedTuple

import psutil

from pipelines.supervision import liveness

_SECONDS_TO_DIE = 30.0


class Family(NamedTuple):
    """The processes of a night.

    Attributes:
      pids: All of them.
      groups: Their process groups: that of the supervisor, and that of the job.
    """

    pids: tuple[int, ...]
    groups: frozenset[int]

    @classmethod
    def of(cls, night: subprocess.Popen[bytes]) -> "Family":
        """Looks for them; that takes longer than to publish a day."""
        pids = [night.pid]
        groups = {night.pid}
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(night.pid).children(recursive=True)
            pids += [child.pid for child in children]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                groups.add(os.getpgid(pid))
        return cls(tuple(pids), frozenset(groups))


def at_once(night: subprocess.Popen[bytes], family: Family) -> bool:
    """Kills supervisor, job and workers at once, and waits until none is left.

    Returns:
      Whether that is what the night died of; it may have ended before.
    """
    for group in family.groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    code = night.wait()
    ends_at = time.monotonic() + _SECONDS_TO_DIE
    while any(liveness.is_alive(pid) for pid in family.pids):
        if time.monotonic() > ends_at:
            raise RuntimeError("a process outlives its kill")
        time.sleep(0.001)
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"exit code {code} of a night that was to be killed")
    return code != 0
