"""Tells workers that are at work from those that hang or are dead."""

import contextlib
import time
from collections.abc import Mapping

import psutil

# A waiting Beam runner with two workers uses about 1 % of a core.
_BUSY_CORES = 0.05


class Hands:
    """Tells which photos workers have held for too long, whatever others do."""

    def __init__(self, hang_seconds: float) -> None:
        """Takes how long one photo may be held."""
        self._hang_seconds = hang_seconds
        self._held: dict[int, tuple[set[str], float]] = {}

    def stuck(self, marks: Mapping[int, set[str]]) -> frozenset[str]:
        """Looks again.

        Args:
          marks: Photos in hand by process, as `inflight.read_marks` gives them.
        """
        now = time.monotonic()
        for pid, photos in marks.items():
            if self._held.get(pid, (None,))[0] != photos:
                self._held[pid] = photos, now
        return frozenset().union(
            *(
                photos
                for photos, since in self._held.values()
                if now - since > self._hang_seconds
            )
        )


class Pulse:
    """Tells whether a process tree still does anything."""

    def __init__(self, pid: int, hang_seconds: float) -> None:
        """Takes the root of the tree, and how long it may be silent."""
        self._pid = pid
        self._hang_seconds = hang_seconds
        self._seen: object = None
        self._seen_at = time.monotonic()
        self._cpu_seconds = 0.0

    def has_stopped(self, sign: object) -> bool:
        """Looks for a new sign of life; for joins and tables, work is one.

        Args:
          sign: Differs from the last one if something has happened.
        """
        now = time.monotonic()
        if sign != self._seen:
            self._seen, self._seen_at = sign, now
        if now - self._seen_at <= self._hang_seconds:
            return False
        if not self._is_busy():
            return True
        self._seen_at = now
        return False

    def _is_busy(self) -> bool:
        used = _cpu_seconds(self._pid)
        is_busy = used - self._cpu_seconds > _BUSY_CORES * self._hang_seconds
        self._cpu_seconds = used
        return is_busy


def is_alive(pid: int) -> bool:
    """Tells whether a process runs, or could."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _cpu_seconds(pid: int) -> float:
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                total += times.user + times.system
    return total
