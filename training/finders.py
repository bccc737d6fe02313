"""One face finder a thread, for jobs that look at many photos at once."""

import threading

from pipelines.domain import faces, pixels


class ThreadedFinder:
    """Finds faces from any thread; each thread's first call loads a finder."""

    def __init__(self, settings: faces.FaceSettings) -> None:
        """Loads nothing yet."""
        self._settings = settings
        self._local = threading.local()

    def find(self, rgb: pixels.Picture) -> faces.Finding:
        """See `faces.FaceFinder.find`."""
        if not hasattr(self._local, "finder"):
            self._local.finder = faces.FaceFinder(self._settings)
        finder: faces.FaceFinder = self._local.finder
        return finder.find(rgb)
