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
        """See `face_finder.FaceFinder.find`."""
        if not hasattr(self._local, "finder"):
            # Its framework is imported by those who look for faces only.
            from pipelines.inference import face_finder

            self._local.finder = face_finder.FaceFinder(self._settings)
        finder: face_finder.FaceFinder = self._local.finder
        return finder.find(rgb)
