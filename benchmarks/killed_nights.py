"""Nights that are killed, again and again, while a reader looks on."""

import collections
import contextlib
import dataclasses
import json
import pathlib
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks import kill, large_days, whole_days

_POLL_SECONDS = 0.001
# Of the time that an undisturbed publish takes.
_MAX_DELAY_SHARE = 1.2
# Most of a night is scoring; most of what can go wrong is not.
_SHARE_AT_PUBLISH = 0.6
_MAX_KILLS_IN_A_ROW = 3
_SECONDS_BETWEEN_FAMILIES = 0.5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Nights:
    """Starts nights.

    Attributes:
      key: File with the key for pseudonyms.
      log: File that takes what the runs say.
    """

    key: pathlib.Path
    log: pathlib.Path

    def start(self, root: pathlib.Path, warehouse: str) -> subprocess.Popen[bytes]:
        """Starts `tillage score` in a process group of its own."""
        command = [sys.executable, "-m", "pipelines.cli", "score", f"--input={root}"]
        command += [f"--date={large_days.DATE}", f"--output={warehouse}"]
        command += [f"--pseudonym-key-file={self.key}", "--allow-shrink"]
        command += ["--max-rejected-fraction=0.1"]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def run(self, root: pathlib.Path, warehouse: str) -> float:
        """Runs a night to its end.

        Returns:
          Seconds, start-up included.

        Raises:
          RuntimeError: it did not publish.
        """
        started = time.monotonic()
        code = self.start(root, warehouse).wait()
        if code:
            raise RuntimeError(f"exit code {code}; see {self.log}")
        return time.monotonic() - started


@dataclasses.dataclass(frozen=True, kw_only=True)
class Days:
    """What may be published.

    Attributes:
      roots: Input roots by name.
      tables: What readers see of each, undisturbed.
      files: Bytes of the files of each, likewise.
      seconds: An undisturbed night.
      publish_seconds: From staging to the end of the publish in it.
    """

    roots: Mapping[str, pathlib.Path]
    tables: Mapping[str, whole_days.Digests]
    files: Mapping[str, whole_days.Digests]
    seconds: float
    publish_seconds: float


def undisturbed(
    nights: Nights, roots: Mapping[str, pathlib.Path], place: Callable[[str], str]
) -> Days:
    """Publishes each day once into a warehouse of its own.

    Args:
      nights: Starts them.
      roots: Input roots by name.
      place: Gives a new warehouse of that name.

    Raises:
      ValueError: two days are the same, so that a reader could not tell them apart.
    """
    tables, files = {}, {}
    seconds = publish_seconds = 0.0
    for name, root in roots.items():
        warehouse = place(f"undisturbed-{name}")
        day = whole_days.at(warehouse)
        seconds, publish_seconds = _timed(nights, root, warehouse)
        tables[name], files[name] = whole_days.look(day).seen, day.files()
    if len({json.dumps(found, sort_keys=True) for found in tables.values()}) < 2:
        raise ValueError(f"days must differ; received {tables}")
    return Days(
        roots=roots,
        tables=tables,
        files=files,
        seconds=seconds,
        publish_seconds=publish_seconds,
    )


def _timed(nights: Nights, root: pathlib.Path, warehouse: str) -> tuple[float, float]:
    """Runs a night to its end; gives its seconds, and those of its publish."""
    day = whole_days.at(warehouse)
    started = time.monotonic()
    night = nights.start(root, warehouse)
    published: list[float] = []
    while night.poll() is None:
        if day.phase() != "score":
            published.append(time.monotonic())
        time.sleep(_POLL_SECONDS)
    ended = time.monotonic()
    if night.returncode or not published:
        raise RuntimeError(f"exit code {night.returncode}; see {nights.log}")
    return ended - started, published[-1] - published[0]


def kill_again_and_again(
    nights: Nights, days: Days, warehouse: str, num_kills: int, seed: int
) -> dict[str, Any]:
    """Publishes the days in turn, and kills most runs.

    Args:
      nights: Starts them.
      days: What is published; the first one is there before the first kill.
      warehouse: New.
      num_kills: Runs to kill.
      seed: Of the moments.

    Returns:
      Figures: `kills` by what the run was about to do (see `whole_days.Day.phase`),
      `completions`, `differing` (runs that ended with other bytes than the
      undisturbed one), `lost` (kills after which the day was neither), and what the
      reader saw.
    """
    rng = random.Random(seed)
    names = list(days.roots)
    nights.run(days.roots[names[0]], warehouse)
    day = whole_days.at(warehouse)
    kills: collections.Counter[str] = collections.Counter(score=0, stage=0, switch=0)
    counts = dict.fromkeys(("completions", "ended_before_kill", "differing", "lost"), 0)
    turn = 0
    with _reader(nights, days, warehouse) as seen:
        while kills.total() < num_kills:
            turn += 1
            target = names[turn % len(names)]
            in_a_row = rng.randint(1, _MAX_KILLS_IN_A_ROW)
            for _ in range(min(in_a_row, num_kills - kills.total())):
                phase = _kill_once(nights, days, target, warehouse, rng)
                if phase is None:
                    counts["ended_before_kill"] += 1
                    counts["differing"] += day.files() != days.files[target]
                else:
                    kills[phase] += 1
                counts["lost"] += whole_days.look(day).seen not in days.tables.values()
            nights.run(days.roots[target], warehouse)
            counts["completions"] += 1
            counts["differing"] += day.files() != days.files[target]
            print(f"{dict(kills)} {counts}", file=sys.stderr, flush=True)
    return {"kills": kills.total(), "kills_while": dict(kills), **counts, **seen}


def _kill_once(
    nights: Nights, days: Days, target: str, warehouse: str, rng: random.Random
) -> str | None:
    """Kills one run; gives what it was about to do, or None if it ended first."""
    day = whole_days.at(warehouse)
    staged_before = day.staged()
    night = nights.start(days.roots[target], warehouse)
    if rng.random() < _SHARE_AT_PUBLISH:
        family = _wait_until_staged(night, lambda: not day.staged() <= staged_before)
        # Most changes come early in a publish, which may be faster than it was then.
        share = _MAX_DELAY_SHARE * rng.random() ** 3
        _sleep(night, share * days.publish_seconds)
    else:
        _sleep(night, rng.uniform(0, days.seconds))
        family = kill.Family.of(night)
    if not kill.at_once(night, family):
        return None
    # What the run before left stays until this one has begun to score.
    return "score" if day.staged() <= staged_before else day.phase()


def _wait_until_staged(
    night: subprocess.Popen[bytes], is_staged: Callable[[], bool]
) -> kill.Family:
    family = kill.Family.of(night)
    looks_at = 0.0
    while night.poll() is None and not is_staged():
        if time.monotonic() > looks_at:
            family = kill.Family.of(night)
            looks_at = time.monotonic() + _SECONDS_BETWEEN_FAMILIES
        time.sleep(_POLL_SECONDS)
    return family


def _sleep(night: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        night.wait(seconds)


@contextlib.contextmanager
def _reader(nights: Nights, days: Days, warehouse: str) -> Iterator[dict[str, Any]]:
    """Runs a reader; what it saw is in the yielded dict at the end."""
    known = nights.log.with_name("known.json")
    known.write_text(json.dumps(days.tables))
    seen: dict[str, Any] = {}
    command = _python("benchmarks.whole_days", warehouse, str(known))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        yield seen
        output, _ = reader.communicate()
    seen.update(json.loads(output))


def _python(module: str, *arguments: str) -> Sequence[str]:
    return [sys.executable, "-m", module, *arguments]


def seconds_of_resumed(
    nights: Nights, root: pathlib.Path, place: Callable[[str], str], num_photos: int
) -> dict[str, Any]:
    """Times a whole night, and one that resumes where half of the photos are scored.

    Returns:
      Seconds of both, start-up included, `resumed_share`, photos kept at the kill,
      and whether both published the same bytes.
    """
    whole, killed = place("whole"), place("killed")
    whole_seconds = nights.run(root, whole)
    night = nights.start(root, killed)
    while _num_kept(killed) < num_photos / 2:
        if night.poll() is not None:
            raise RuntimeError(f"it ended before it was killed; see {nights.log}")
        time.sleep(0.02)
    if not kill.at_once(night, kill.Family.of(night)):
        raise RuntimeError(f"it ended before it was killed; see {nights.log}")
    num_kept = _num_kept(killed)
    seconds = nights.run(root, killed)
    files = [whole_days.at(warehouse).files() for warehouse in (whole, killed)]
    return {
        "photos": num_photos,
        "photos_kept_at_kill": num_kept,
        "whole_seconds": round(whole_seconds, 1),
        "resumed_seconds": round(seconds, 1),
        "resumed_share": round(seconds / whole_seconds, 3),
        "same_bytes": files[0] == files[1],
    }


def _num_kept(warehouse: str) -> int:
    chunks = pathlib.Path(warehouse, ".tillage", "kept").rglob("chunk-*.arrow")
    return sum(int(path.stem.rsplit("-", 1)[1]) for path in chunks)
