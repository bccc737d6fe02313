"""Whether the nightly job survives what nights bring.

python -m benchmarks.kills --kills 200 --json kills.json

`kills`: two days that differ in a third of their photos are published in turn into one
warehouse, and most of the runs are killed with all their processes, 6 in 10 of them
while they publish or right after, the others at any moment. A reader polls
all the while and must see one of the two days whole; a run that is let through to its
end must publish the bytes of an undisturbed one. With `--bucket` the warehouse is in
an emulator's bucket. `resume`: a run killed where half of its photos are scored, and
the time of the next.

The exit code is 1 if a day was torn, or anything differed.
"""

import argparse
import contextlib
import json
import os
import pathlib
import secrets
import sys
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks import flags, killed_nights, large_days, peer_photos
from tests import buckets

_NUM_PHOTOS = 200
_NUM_RENDERED = 300  # A third lies in tar batches.
_LINES_A_PHOTO = 10


def main(argv: Sequence[str]) -> int:
    """Kills, counts and prints."""
    given = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="kills-") as temporary:
        folder = given.folder or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        nights = killed_nights.Nights(key=folder / "key", log=folder / "runs.log")
        nights.key.write_text(secrets.token_hex(32))
        pool = _pool(folder)
        figures = {
            part: measure(given, nights, folder / part, pool)
            for part, measure in _PARTS.items()
            if part in given.parts
        }
    print(json.dumps(figures, indent=1))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0 if _is_good(figures) else 1


def _parser() -> argparse.ArgumentParser:
    parser = flags.parser(__doc__)
    parser.add_argument(
        "--parts", nargs="+", choices=tuple(_PARTS), default=list(_PARTS)
    )
    parser.add_argument("--kills", type=int, default=200, help="runs to kill")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--bucket", action="store_true", help="publish into a bucket")
    parser.add_argument(
        "--photos", type=int, default=4000, help="of the day that is resumed"
    )
    return parser


def _pool(folder: pathlib.Path) -> list[pathlib.Path]:
    root = folder / "pool"
    if not root.exists():
        peer_photos.render(folder / "partial", _NUM_RENDERED)
        (folder / "partial").rename(root)
    return sorted((root / "photos").rglob("*.jpg"))[:_NUM_PHOTOS]


def _days(folder: pathlib.Path, pool: list[pathlib.Path]) -> dict[str, pathlib.Path]:
    """Writes two days that differ in what a third of their photos show.

    A day's photos cannot just be left out: those of a published day may be deleted,
    and their scores stay.
    """
    size = large_days.Size(
        photos=len(pool), lines=_LINES_A_PHOTO * len(pool), stores=3, registers=2
    )
    roots = {name: folder / name for name in ("old", "new")}
    for root in roots.values():
        large_days.make(root, size, pool)
    photos = sorted((roots["new"] / "photos").rglob("*.jpg"))
    for number in range(0, len(photos), 3):
        photos[number].unlink()
        os.link(pool[(number + 1) % len(pool)], photos[number])
    return roots


def _kills(
    given: argparse.Namespace,
    nights: killed_nights.Nights,
    folder: pathlib.Path,
    pool: list[pathlib.Path],
) -> dict[str, Any]:
    peer_photos.clear(folder)
    with _warehouses(given, folder) as root:
        days = killed_nights.undisturbed(
            nights, _days(folder, pool), lambda name: f"{root}/{name}"
        )
        return killed_nights.kill_again_and_again(
            nights, days, f"{root}/killed", given.kills, given.seed
        )


@contextlib.contextmanager
def _warehouses(given: argparse.Namespace, folder: pathlib.Path) -> Iterator[str]:
    if not given.bucket:
        yield str(folder)
        return
    with buckets.emulator() as emulator:
        os.environ["STORAGE_EMULATOR_HOST"] = emulator.address
        yield f"gs://{emulator.new_bucket().name}"


def _resume(
    given: argparse.Namespace,
    nights: killed_nights.Nights,
    folder: pathlib.Path,
    pool: list[pathlib.Path],
) -> dict[str, Any]:
    peer_photos.clear(folder)
    size = large_days.Size(photos=given.photos, lines=_LINES_A_PHOTO * given.photos)
    large_days.make(folder / "day", size, pool)
    return killed_nights.seconds_of_resumed(
        nights, folder / "day", lambda name: str(folder / name), given.photos
    )


_PARTS = {"kills": _kills, "resume": _resume}


def _is_good(figures: dict[str, Any]) -> bool:
    kills = figures.get("kills", {"looks": {"torn": 0}, "differing": 0, "lost": 0})
    is_whole = not (kills["looks"]["torn"] or kills["differing"] or kills["lost"])
    is_same = figures.get("resume", {"same_bytes": True})["same_bytes"]
    return is_whole and is_same


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
