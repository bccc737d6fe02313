"""One night of a soak test: runs of the job, and what went wrong with them."""

import contextlib
import dataclasses
import datetime
import pathlib
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence

from benchmarks import processes, soak_days, warehouse_files

RERUN, LATE = "an earlier day once more", "late purchase files"
BROKEN, EMPTY = "broken purchase files", "nothing came"
_TILLAGE = (sys.executable, "-m", "pipelines.cli")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
    """The job with its folders.

    Attributes:
      tills: Input root.
      warehouse: Output root.
      temporary: The job's TMPDIR, its alone.
      key: File of the pseudonym key.
    """

    tills: pathlib.Path
    warehouse: pathlib.Path
    temporary: pathlib.Path
    key: pathlib.Path

    def score(self, day: datetime.date) -> processes.Measured:
        """Runs `tillage score`."""
        flags = [f"--input={self.tills}", f"--output={self.warehouse}"]
        flags += [f"--date={day}", f"--pseudonym-key-file={self.key}"]
        return self._run("score", flags)

    def report(
        self, first: datetime.date, last: datetime.date, output: pathlib.Path
    ) -> processes.Measured:
        """Runs `tillage report` with three periods and limits for few sales."""
        period_days = -(-((last - first).days + 1) // 3)
        flags = [f"--warehouse={self.warehouse}", f"--output={output}"]
        flags += [f"--from={first}", f"--to={last}", f"--period-days={period_days}"]
        flags += ["--min-eligible-sales=10", "--min-expected=1", "--min-baskets=15"]
        return self._run("report", flags)

    def _run(self, name: str, flags: Sequence[str]) -> processes.Measured:
        return processes.measure(
            [*_TILLAGE, name, *flags], {"TMPDIR": str(self.temporary)}
        )


class Night:
    """The runs of one night."""

    def __init__(self, job: Job, day: datetime.date) -> None:
        """Starts with nothing run, and nothing wrong.

        Args:
          job: To run.
          day: Trading day that has been rendered.
        """
        self.runs: list[processes.Measured] = []
        self.faults: list[str] = []
        self._job = job
        self._day = day

    def run(self, happens: str, earlier: datetime.date | None) -> None:
        """Runs what the night's disturbance asks for.

        Args:
          happens: A disturbance; any that is not of this module is one plain run.
          earlier: Published day to be run once more, for `RERUN`.
        """
        if happens == LATE:
            self._late()
        elif happens == EMPTY:
            self._empty()
        else:
            self._score(0)
        if happens == BROKEN:
            self._broken()
        if happens == RERUN and earlier is not None:
            with self._unchanged(earlier):
                self._score(0, earlier)

    def _late(self) -> None:
        aside = self._job.tills / "late"
        aside.mkdir()
        for path in self._purchases().glob(f"store-{soak_days.DISTURBED_STORE}.*"):
            shutil.move(path, aside)
        self._score(0)
        early = warehouse_files.published(self._job.warehouse, self._day)
        for path in aside.iterdir():
            shutil.move(path, self._purchases())
        aside.rmdir()
        self._score(0)
        if warehouse_files.published(self._job.warehouse, self._day) == early:
            self.faults.append("late purchase files changed nothing")

    def _broken(self) -> None:
        """Rows that cannot be read, then a file that is cut short, then both mended."""
        with self._unchanged(self._day):
            with _replaced(self._purchases() / "store-0001.jsonl", _spoilt):
                self._score(1)
            with _replaced(self._purchases() / "store-0001.csv.gz", _cut):
                self._score(2)
            self._score(0)

    def _empty(self) -> None:
        for kind in ("photos", "purchases"):
            (self._job.tills / kind / f"date={self._day}").mkdir(parents=True)
        self._score(2)

    def _score(self, expected_code: int, day: datetime.date | None = None) -> None:
        ended = self._job.score(day or self._day)
        self.runs.append(ended)
        if ended.exit_code != expected_code:
            self.faults.append(
                f"run {len(self.runs)} ended with {ended.exit_code}, not "
                f"{expected_code}: {ended.output[-2000:]}"
            )

    def _purchases(self) -> pathlib.Path:
        return self._job.tills / "purchases" / f"date={self._day}"

    @contextlib.contextmanager
    def _unchanged(self, day: datetime.date) -> Iterator[None]:
        before = warehouse_files.published(self._job.warehouse, day)
        yield
        if not before:
            self.faults.append(f"{day} was not published")
        if warehouse_files.published(self._job.warehouse, day) != before:
            self.faults.append(f"the tables of {day} have changed")


@contextlib.contextmanager
def _replaced(path: pathlib.Path, change: Callable[[bytes], bytes]) -> Iterator[None]:
    whole = path.read_bytes()
    path.write_bytes(change(whole))
    yield
    path.write_bytes(whole)


def _spoilt(jsonl: bytes) -> bytes:
    return re.sub(rb'"quantity": [^,}]+', b'"quantity": "two"', jsonl)


def _cut(gzipped: bytes) -> bytes:
    return gzipped[: len(gzipped) // 2]
