"""One run of a trading day at a time."""

import contextlib
import fcntl
import os
from collections.abc import Iterator

from pipelines.publishing import warehouse
from pipelines.storage import durable


class DayIsLockedError(Exception):
    """Another run of the same day is at work; the message names its process."""


@contextlib.contextmanager
def day_lock(day: warehouse.Day) -> Iterator[None]:
    """Holds the day for this process.

    The kernel frees the lock of a folder when the process ends; see `leases` for
    buckets.

    Raises:
      DayIsLockedError: another run holds the day.
    """
    if day.is_in_bucket:
        from pipelines.publishing import leases

        with leases.day_lease(day):
            yield
        return
    durable.make_private(os.path.dirname(day.lock_path))
    handle = os.open(day.lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(handle, day)
        yield
    finally:
        os.close(handle)


def _take(handle: int, day: warehouse.Day) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(handle, 32, 0).decode().strip() or "unknown"
        raise DayIsLockedError(
            f"another run of {day.date.isoformat()} is at work (process {holder}, "
            f"lock {day.lock_path}); wait for it or stop it, then start this one again"
        ) from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
