"""Keeps a full disk to the one line that the run ends with.

Beam's workers print the traceback of whatever fails to their stderr, which is that of
the run, and then log it, which is where `worker_logs` meets it.
"""

from typing import TextIO

from pipelines.supervision import outages


class WithoutOutages:
    """A text stream that leaves out what `outages` words for people."""

    def __init__(self, stream: TextIO) -> None:
        """Takes the stream that gets the rest."""
        self._stream = stream
        self._ends_outage = False

    def write(self, text: str) -> int:
        """Passes `text` on, or drops it, and with it the end of line after it."""
        is_outage = outages.line(text, "") is not None
        if is_outage or (self._ends_outage and text == "\n"):
            self._ends_outage = is_outage
            return len(text)
        self._ends_outage = False
        return self._stream.write(text)

    def __getattr__(self, name: str) -> object:
        """Is the stream in all else."""
        return getattr(self._stream, name)
