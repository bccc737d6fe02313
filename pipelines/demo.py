"""Shows the product on rendered trading days: `python -m pipelines.demo`.

Renders days of two stores, scores each with the bundled model, reports on all of them,
and prints what the report says beside what was planted.
"""

import argparse
import contextlib
import io
import os
import pathlib
import secrets
import shutil
import sys
from collections.abc import Callable, Sequence

from pipelines import demo_findings, flags, report, sample_day, score, secret

_MARKER = ".tillage-demo"
_DATES = tuple(f"2026-11-{day}" for day in range(19, 22))
_STORES = 2
_TRANSACTIONS = 500
# A period of a real chain has more sales than these; a day of a demo does not.
_SMALL_LIMITS = ("--min-eligible-sales=10", "--min-expected=1", "--min-baskets=15")


def main(argv: Sequence[str]) -> int:
    """Renders, scores, reports and prints.

    Returns:
      Exit code: 2 for a folder that cannot be used, that of the first job that
      fails, else 0.
    """
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--folder",
        type=pathlib.Path,
        default=pathlib.Path("demo"),
        help="made anew by each demo (default: %(default)s)",
    )
    folder = parser.parse_args(argv).folder
    try:
        prepare(folder)
    except flags.UsageError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    os.environ.setdefault(secret.VARIABLE, secrets.token_hex(32))
    code = _render(folder) or _score(folder) or _report(folder)
    if not code:
        print("\n".join(demo_findings.lines(folder)))
    return code


def prepare(folder: pathlib.Path) -> None:
    """Makes the folder of a demo, without what an earlier demo left there.

    Raises:
      flags.UsageError: it holds something, and no demo has made it; or it cannot be
        made.
    """
    marker = folder / _MARKER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not marker.exists():
            raise flags.UsageError(
                f"{folder} is not empty, and no demo has made it; give --folder one "
                "that is new or empty"
            )
        marker.touch()
        for old in (folder / "tills", folder / "warehouse", folder / "report"):
            if old.exists():
                shutil.rmtree(old)
    except OSError as error:
        raise flags.UsageError(f"{error.filename}: {error.strerror}") from error


def _render(folder: pathlib.Path) -> int:
    print(
        f"rendering {len(_DATES)} trading days of {_STORES} stores near a university",
        flush=True,
    )
    return sample_day.main(
        [
            f"--output={folder / 'tills'}",
            f"--date={_DATES[0]}",
            f"--days={len(_DATES)}",
            f"--stores={_STORES}",
            f"--transactions-per-store={_TRANSACTIONS}",
            "--student-share=0.6",
        ]
    )


def _score(folder: pathlib.Path) -> int:
    """Scores all days; the summary of the last one stands for all."""
    *others, last = _DATES
    for date in others:
        code = _quietly(score.main, _score_flags(folder, date))
        if code:
            return code
    return score.main(_score_flags(folder, last))


def _score_flags(folder: pathlib.Path, date: str) -> list[str]:
    print(f"\nscoring {date}", flush=True)
    tills, warehouse = folder / "tills", folder / "warehouse"
    return [f"--input={tills}", f"--output={warehouse}", f"--date={date}"]


def _quietly(job: Callable[[Sequence[str]], int], argv: Sequence[str]) -> int:
    """Runs a job and keeps what it prints to itself, unless it fails."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = job(argv)
    if code:
        print(printed.getvalue())
    return code


def _report(folder: pathlib.Path) -> int:
    print(
        f"\nreporting on {len(_DATES)} periods of one day, with small limits "
        f"because the demo is short:\n  {' '.join(_SMALL_LIMITS)}",
        flush=True,
    )
    return report.main(
        [
            f"--warehouse={folder / 'warehouse'}",
            f"--from={_DATES[0]}",
            f"--to={_DATES[-1]}",
            f"--output={folder / 'report'}",
            "--period-days=1",
            "--level=product",
            "--groups=25,60",
            *_SMALL_LIMITS,
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
