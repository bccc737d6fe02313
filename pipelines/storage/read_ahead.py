"""Reads photos before they are asked for, where an answer takes its time."""

import collections
from collections.abc import Iterator
from concurrent import futures
from typing import NamedTuple

from pipelines import records
from pipelines.storage import roots


class Arrived(NamedTuple):
    """A photo that was asked for.

    Attributes:
      ref: Which.
      encoded: Its bytes; None if they could not be read.
      reason: Why not; begins with `records.UNREAD`.
    """

    ref: records.PhotoRef
    encoded: bytes | None
    reason: str = ""


class ReadAhead:
    """A queue of photos, read by threads while others are looked at.

    They come out in the order in which they were added. Not to be shared between
    threads.
    """

    def __init__(self, root: roots.Root) -> None:
        """Takes where the photos are, which says how many reads pay at once."""
        self._root = root
        self._pool = futures.ThreadPoolExecutor(max(root.reads_at_once, 1))
        self._coming: collections.deque[futures.Future[Arrived]] = collections.deque()

    def add(self, ref: records.PhotoRef) -> Iterator[Arrived]:
        """Adds a photo; yields one that has waited long enough, if any.

        Raises:
          roots.StorageError: the storage fails for good.
        """
        if not self._root.reads_at_once:
            yield self._read(ref)
            return
        self._coming.append(self._pool.submit(self._read, ref))
        if len(self._coming) > self._root.reads_at_once:
            yield self._next()

    def rest(self) -> Iterator[Arrived]:
        """Yields all that are still to come."""
        while self._coming:
            yield self._next()

    def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(cancel_futures=True)

    def _next(self) -> Arrived:
        return self._coming.popleft().result()

    def _read(self, ref: records.PhotoRef) -> Arrived:
        try:
            return Arrived(ref, self._root.read(ref.file, ref.offset, ref.size))
        except FileNotFoundError:
            return Arrived(ref, None, records.VANISHED)
        except OSError as error:
            # One file on a bad sector, or of another user, is not the night.
            return Arrived(ref, None, f"{records.UNREAD}{error.strerror}")
