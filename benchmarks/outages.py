"""Nights on a full disk, on one that cannot be written, and under a wrong clock."""

import contextlib
import dataclasses
import os
import pathlib
import subprocess
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import killed_nights, whole_days

_DISK_BYTES = 16 * 2**20
_FREE_BYTES = (0, 2**14, 2**17)
_STEP_BACK = "-2h"


def measure(
    nights: killed_nights.Nights,
    days: killed_nights.Days,
    folder: pathlib.Path,
    faketime: pathlib.Path | None,
) -> dict[str, Any]:
    """Lets each outage come over a second day that is to replace a first.

    Args:
      nights: Starts runs.
      days: Two of them.
      folder: For warehouses, disks and logs.
      faketime: Library that sets clocks back; None leaves that out.

    Returns:
      For each outage the exit code, the lines that the run said, whether the first
      day stayed whole, whether the next run published the second, and `is_good`.
    """
    outcomes: dict[str, Any] = {}
    if os.getuid() == 0:
        for free in _FREE_BYTES:
            with _disk(folder / "disk") as disk:
                outcomes[f"{free} bytes free"] = _on_full_disk(nights, days, disk, free)
        with _disk(folder / "disk") as disk:
            outcomes["read-only"] = _on_read_only_disk(nights, days, disk)
    if faketime:
        warehouse = str(folder / "clock")
        outcomes["clock back"] = _under_clock_set_back(
            nights, days, warehouse, faketime
        )
    return outcomes


@contextlib.contextmanager
def _disk(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    folder.mkdir(exist_ok=True)
    size = f"size={_DISK_BYTES}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def _on_full_disk(
    nights: killed_nights.Nights,
    days: killed_nights.Days,
    disk: pathlib.Path,
    free_bytes: int,
) -> dict[str, Any]:
    first, second = days.roots
    warehouse = str(disk / "warehouse")
    nights.run(days.roots[first], warehouse)
    found = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(found.f_bavail * found.f_frsize - free_bytes))
    refused = _refused(nights, days, second, warehouse)
    intact = whole_days.look(whole_days.at(warehouse)) == days.tables[first]
    ballast.unlink()
    return _outcome(nights, days, warehouse, refused | {"is_first_whole": intact})


def _on_read_only_disk(
    nights: killed_nights.Nights, days: killed_nights.Days, disk: pathlib.Path
) -> dict[str, Any]:
    first, second = days.roots
    warehouse = str(disk / "warehouse")
    nights.run(days.roots[first], warehouse)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    refused = _refused(nights, days, second, warehouse)
    intact = whole_days.look(whole_days.at(warehouse)) == days.tables[first]
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    return _outcome(nights, days, warehouse, refused | {"is_first_whole": intact})


def _under_clock_set_back(
    nights: killed_nights.Nights,
    days: killed_nights.Days,
    warehouse: str,
    faketime: pathlib.Path,
) -> dict[str, Any]:
    """Sets the clock back while a run scores, and leaves it so."""
    first, second = days.roots
    nights.run(days.roots[first], warehouse)
    clock = nights.log.with_name("clock")
    clock.write_text("+0")
    faked = {
        "LD_PRELOAD": str(faketime),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        # The kernel's monotonic clock never goes backwards.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    night = nights.start(days.roots[second], warehouse, **faked)
    kept = pathlib.Path(warehouse, ".tillage", "kept")
    while night.poll() is None and not list(kept.rglob("chunk-*.arrow")):
        time.sleep(0.01)
    clock.write_text(_STEP_BACK)
    code = night.wait()
    files = whole_days.at(warehouse).files()
    nights.run(days.roots[first], warehouse, **faked)
    is_same = files == days.files[second]
    return {
        "exit_code": code,
        "is_same": is_same,
        "is_next_same": whole_days.at(warehouse).files() == days.files[first],
        "is_good": code == 0 and is_same,
    }


def _refused(
    nights: killed_nights.Nights, days: killed_nights.Days, name: str, warehouse: str
) -> dict[str, Any]:
    own = dataclasses.replace(nights, log=nights.log.with_name("outage.log"))
    own.log.write_bytes(b"")
    code = own.start(days.roots[name], warehouse).wait()
    said = own.log.read_text().splitlines()
    return {"exit_code": code, "lines": [line for line in said if _is_fault(line)]}


def _is_fault(line: str) -> bool:
    return " photos done" not in line and "This age model was trained" not in line


def _outcome(
    nights: killed_nights.Nights,
    days: killed_nights.Days,
    warehouse: str,
    outcome: dict[str, Any],
) -> dict[str, Any]:
    *_, second = days.roots
    nights.run(days.roots[second], warehouse)
    is_same = whole_days.at(warehouse).files() == days.files[second]
    is_clear = outcome["exit_code"] in (1, 2) and len(outcome["lines"]) == 1
    return outcome | {
        "is_next_same": is_same,
        "is_good": is_clear and outcome["is_first_whole"] and is_same,
    }
