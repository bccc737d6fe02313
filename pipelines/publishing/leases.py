"""One writer at a time, where no kernel watches over locks.

The lock is an object that its holder writes anew each minute. A holder that has not
for five minutes is taken for dead.
"""

import contextlib
import datetime
import json
import os
import socket
import threading
from collections.abc import Iterator

from pipelines.publishing import locks, warehouse
from pipelines.storage import gcs, roots

TIME_TO_LIVE = datetime.timedelta(minutes=5)
_SECONDS_BETWEEN_RENEWALS = 60.0


@contextlib.contextmanager
def day_lease(day: warehouse.Day) -> Iterator[None]:
    """Holds the day for this process, for as long as it runs.

    Raises:
      locks.DayIsLockedError: another run holds the day.
    """
    root = gcs.GcsRoot(day.warehouse)
    busy = f"another run of {day.date.isoformat()} is at work"
    with lease(root, day.lock_object, busy, locks.DayIsLockedError):
        yield


@contextlib.contextmanager
def lease(
    root: gcs.GcsRoot, path: str, busy: str, refusal: type[Exception]
) -> Iterator[None]:
    """Holds what an object stands for, for as long as the process runs.

    Args:
      root: Where the object lies.
      path: Its path; it is gone when nobody holds it.
      busy: Says that somebody else is at work.
      refusal: Raised where that is so; its message begins with `busy` and names who.
    """
    held = _Lease(root, path, busy, refusal)
    held.take()
    is_over = threading.Event()
    renewing = threading.Thread(target=held.keep, args=[is_over], daemon=True)
    renewing.start()
    try:
        yield
    finally:
        is_over.set()
        renewing.join()
        held.release()


class _Lease:
    def __init__(
        self, root: gcs.GcsRoot, path: str, busy: str, refusal: type[Exception]
    ) -> None:
        self._root, self._path = root, path
        self._busy, self._refusal = busy, refusal
        holder = {"host": socket.gethostname(), "process": os.getpid()}
        self._content = json.dumps(holder).encode()
        self._generation = 0

    def take(self) -> None:
        held = self._root.fetch(self._path)
        if held is not None and not self._is_over(held):
            raise self._refused(held)
        generation = 0 if held is None else held.generation
        try:
            self._write(generation)
        except gcs.ChangedError:
            raise self._refused(self._root.fetch(self._path)) from None

    def keep(self, is_over: threading.Event) -> None:
        """Renews the lease until it is over, or lost to somebody else."""
        while not is_over.wait(_SECONDS_BETWEEN_RENEWALS):
            try:
                self._write(self._generation)
            except roots.UnavailableError:
                # Others wait for longer than it takes to try again.
                continue
            except gcs.ChangedError:
                # The publish finds out by itself whether the day has changed.
                return

    def release(self) -> None:
        held = self._root.fetch(self._path)
        if held is not None and held.generation == self._generation:
            self._root.delete(self._path)

    def _write(self, generation: int) -> None:
        self._generation = self._root.write_if(self._path, self._content, generation)

    def _refused(self, held: gcs.Stored | None) -> Exception:
        holder = {} if held is None else json.loads(held.content)
        minutes = round(TIME_TO_LIVE.total_seconds() / 60)
        return self._refusal(
            f"{self._busy} (process {holder.get('process', 'unknown')} on "
            f"{holder.get('host', 'unknown')}, lock "
            f"{self._root.describe(self._path)}); wait for it or stop it, then start "
            "this one again; the lock of a run that was killed ends after "
            f"{minutes} minutes"
        )

    def _is_over(self, held: gcs.Stored) -> bool:
        """Tells whether a lease has ended, or its holder on this machine has."""
        holder = json.loads(held.content)
        is_here = holder["host"] == socket.gethostname()
        if is_here and not os.path.exists(f"/proc/{holder['process']}"):
            return True
        return self._age(held) > TIME_TO_LIVE

    def _age(self, held: gcs.Stored) -> datetime.timedelta:
        """Asks the storage what time it is; this machine's clock may be wrong."""
        path = f"{self._path}.time"
        self._root.write(path, b"")
        now = self._root.fetch(path)
        self._root.delete(path)
        # Another run that asks may have deleted it: the lease is as good as new.
        return now.updated_at_utc - held.updated_at_utc if now else datetime.timedelta()
