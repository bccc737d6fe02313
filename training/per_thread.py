"""Tools that no two threads may share, one for each."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from pipelines.domain import faces, pixels

T = TypeVar("T")


class PerThread(Generic[T]):
    """Gives each thread a tool of its own, made at its first call."""

    def __init__(self, make: Callable[[], T]) -> None:
        """Makes nothing yet."""
        self._make = make
        self._local = threading.local()

    def get(self) -> T:
        """Gives the tool of the thread that asks."""
        if not hasattr(self._local, "tool"):
            self._local.tool = self._make()
        tool: T = self._local.tool
        return tool


class ThreadedFinder:
    """Finds faces from any thread; each thread's first call loads a finder."""

    def __init__(self, settings: faces.FaceSettings) -> None:
        """Loads nothing yet."""
        # Its framework is imported by those who look for faces only.
        from pipelines.inference import face_finder

        self._finders = PerThread(lambda: face_finder.FaceFinder(settings))

    def find(self, rgb: pixels.Picture) -> faces.Finding:
        """See `face_finder.FaceFinder.find`."""
        return self._finders.get().find(rgb)
