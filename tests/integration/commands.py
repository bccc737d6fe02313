"""Runs `tillage` as its users do: in processes of its own, on real files."""

import dataclasses
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from pipelines import secret
from schemas import tables

DATE = "2026-11-21"
KEY = "0123456789abcdef0123456789abcdef"

_DEADLINE_SECONDS = 120.0
_Found = TypeVar("_Found")


@dataclasses.dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    stdout: str
    stderr: str


def start(*arguments: object, **environment: str) -> subprocess.Popen[str]:
    """Starts `tillage` with its pseudonym key in the environment."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {secret.VARIABLE: KEY} | environment,
    )


def end(process: subprocess.Popen[str]) -> Ended:
    """Waits for a command."""
    stdout, stderr = process.communicate(timeout=300)
    return Ended(process.returncode, stdout, stderr)


def tillage(*arguments: object, **environment: str) -> Ended:
    """Runs `tillage` to its end."""
    return end(start(*arguments, **environment))


def score_flags(
    tills: pathlib.Path | str, warehouse: pathlib.Path | str, *more: object
) -> list[object]:
    """Gives the arguments that score a rendered day."""
    return [
        "score",
        f"--input={tills}",
        f"--output={warehouse}",
        f"--date={DATE}",
        *more,
    ]


def score(
    tills: pathlib.Path | str,
    warehouse: pathlib.Path | str,
    *more: object,
    **environment: str,
) -> Ended:
    """Scores a rendered day."""
    return tillage(*score_flags(tills, warehouse, *more), **environment)


def published(warehouse: pathlib.Path) -> dict[str, bytes]:
    """Reads the bytes of every published file, by path; `runs` is not among them."""
    return {
        str(path.relative_to(warehouse)): path.read_bytes()
        for table in tables.PUBLISHED
        for path in sorted((warehouse / table.folder).glob("*/*.parquet"))
    }


def until(condition: Callable[[], _Found]) -> _Found:
    """Waits until a condition gives something, and gives that."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to that")
