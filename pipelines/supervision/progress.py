"""How far a night's scoring has come, read from what the workers leave behind."""

import collections
import dataclasses
import time
from typing import TextIO

import tqdm

from pipelines.storage import inflight, roots

_SECONDS_BETWEEN_LINES = 10.0
_SECONDS_BETWEEN_REMOTE_LISTS = 3.0
_RATE_WINDOW_SECONDS = 60.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """State of the scoring.

    Attributes:
      scored: Photos scored and kept in this attempt.
      resumed: Photos whose scores were kept before it.
      total: Photos listed so far, without those rejected while listing.
    """

    scored: int
    resumed: int
    total: int

    @property
    def done(self) -> int:
        """Photos that need nothing more."""
        return self.scored + self.resumed


class Reader:
    """Reads progress from the work folder and the kept chunks of one day."""

    def __init__(self, work_folder: str, kept_folder: str) -> None:
        """Starts an attempt.

        Args:
          work_folder: Where workers mark photos and list folders.
          kept_folder: Where they keep chunks `chunk-<unique>-<rows>.arrow`; it may
            be in a bucket, which is asked every few seconds only.
        """
        self.work_folder = work_folder
        self._kept = roots.at(kept_folder)
        self._names: list[str] = []
        self._list_again_at = time.monotonic()
        self.begin_attempt()

    def begin_attempt(self) -> None:
        """Counts from here; the chunks that are there belong to earlier attempts."""
        self._before = set(self._chunks())
        self._scored: dict[str, int] = {}
        self._listed: dict[str, inflight.Listed] = {}

    def read(self) -> Progress:
        """Reads how far this attempt has come; never less than before."""
        self._listed |= inflight.read_listed(self.work_folder, known=self._listed)
        for name in self._chunks():
            if name not in self._before and name not in self._scored:
                self._scored[name] = int(name.rsplit("-", 1)[1].split(".")[0])
        resumed = sum(folder.resumed for folder in self._listed.values())
        return Progress(
            scored=sum(self._scored.values()),
            resumed=resumed,
            total=resumed + sum(folder.to_score for folder in self._listed.values()),
        )

    def _chunks(self) -> list[str]:
        if self._kept.reads_at_once and time.monotonic() < self._list_again_at:
            return self._names
        self._list_again_at = time.monotonic() + _SECONDS_BETWEEN_REMOTE_LISTS
        self._names = [
            name
            for name in self._kept.names()
            if name.startswith("chunk-") and name.endswith(".arrow")
        ]
        return self._names


class Bar:
    """Shows progress on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        """Draws an empty bar."""
        self._speedometer = _Speedometer()
        self._bar = tqdm.tqdm(
            desc="scoring",
            file=stream,
            bar_format="{desc} {percentage:3.0f} % |{bar}| {postfix}",
            total=0,
        )

    def show(self, progress: Progress) -> None:
        """Draws the bar anew."""
        speed = self._speedometer.photos_per_second(time.monotonic(), progress)
        self._bar.total = progress.total
        self._bar.n = progress.done
        # It refreshes the bar, too.
        self._bar.set_postfix_str(line(progress, speed))

    def close(self) -> None:
        """Leaves the bar as it is and ends its line."""
        self._bar.close()


class Lines:
    """Writes a line of progress now and then."""

    def __init__(self, stream: TextIO) -> None:
        """Writes nothing yet."""
        self._stream = stream
        self._speedometer = _Speedometer()
        self._due_at = time.monotonic()
        self._written: Progress | None = None

    def show(self, progress: Progress) -> None:
        """Writes a line if the last one is old and something has changed."""
        now = time.monotonic()
        speed = self._speedometer.photos_per_second(now, progress)
        if now < self._due_at or progress == self._written or not progress.total:
            return
        print(line(progress, speed), file=self._stream, flush=True)
        self._due_at, self._written = now + _SECONDS_BETWEEN_LINES, progress

    def close(self) -> None:
        """Writes nothing more."""


class _Speedometer:
    def __init__(self) -> None:
        self._marks: collections.deque[tuple[float, int]] = collections.deque()

    def photos_per_second(self, now: float, progress: Progress) -> float:
        """Measures over the last minute of this attempt."""
        if self._marks and progress.scored < self._marks[-1][1]:
            self._marks.clear()
        self._marks.append((now, progress.scored))
        while now - self._marks[0][0] > _RATE_WINDOW_SECONDS:
            self._marks.popleft()
        started, before = self._marks[0]
        return (progress.scored - before) / (now - started) if now > started else 0.0


def display(stream: TextIO) -> Bar | Lines:
    """Makes the display that fits where progress is written to."""
    return Bar(stream) if stream.isatty() else Lines(stream)


def line(progress: Progress, photos_per_second: float) -> str:
    """Writes progress in words.

    Returns:
      Such as `1,200 of 5,120 photos done, 167.3 photos/s, 0:00:23 left`.
    """
    words = f"{progress.done:,} of {progress.total:,} photos done"
    left = progress.total - progress.done
    if left <= 0:
        return f"{words}; joining and writing tables"
    if photos_per_second <= 0.0:
        return words
    seconds = round(left / photos_per_second)
    clock = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{words}, {photos_per_second:,.1f} photos/s, {clock} left"
