"""Reads photos before they are asked for, where an answer takes its time."""

import collections
from collections.abc import Iterator
from concurrent import futures

from pipelines import records
from pipelines.storage import roots

Arrived = tuple[records.PhotoRef, bytes | None]
"""A photo with its bytes; None if it is gone."""


class ReadAhead:
    """A queue of photos, read by threads while others are looked at.

    They come out in the order in which they were added. Not to be shared between
    threads.
    """

    def __init__(self, root: roots.Root) -> None:
        """Takes where the photos are, which says how many reads pay at once."""
        self._root = root
        self._pool = futures.ThreadPoolExecutor(max(root.reads_at_once, 1))
        self._coming: collections.deque[
            tuple[records.PhotoRef, futures.Future[bytes | None]]
        ] = collections.deque()

    def add(self, ref: records.PhotoRef) -> Iterator[Arrived]:
        """Adds a photo; yields one that has waited long enough, if any.

        Raises:
          roots.StorageError: the storage fails for good.
        """
        if not self._root.reads_at_once:
            yield ref, self._read(ref)
            return
        self._coming.append((ref, self._pool.submit(self._read, ref)))
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
        ref, read = self._coming.popleft()
        return ref, read.result()

    def _read(self, ref: records.PhotoRef) -> bytes | None:
        try:
            return self._root.read(ref.file, ref.offset, ref.size)
        except FileNotFoundError:
            return None
