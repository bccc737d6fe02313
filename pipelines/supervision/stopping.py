"""Notes that somebody wants a run to stop, so that it can end in good order."""

import contextlib
import dataclasses
import signal
from collections.abc import Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclasses.dataclass(slots=True)
class StopRequest:
    """Whether somebody has asked this process to stop.

    Attributes:
      signal_number: The last signal that did, or None.
    """

    signal_number: int | None = None

    @property
    def exit_code(self) -> int:
        """What a shell expects: 130 interrupted, 143 terminated, 129 hung up."""
        return 128 + (self.signal_number or 0)


@contextlib.contextmanager
def noted() -> Iterator[StopRequest]:
    """Notes signals that end a process, in place of ending it.

    A second Ctrl-C ends it: somebody waits, and what is waited for may never come.
    """
    request = StopRequest()

    def note(number: int, _frame: FrameType | None) -> None:
        request.signal_number = number
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
