"""Child of `test_publish_killed`: kills a publish before each file-system call.

`python -m tests.publishing.kill_steps WORK CASE`: copies the warehouse WORK/before
to WORK/0, WORK/1, … and publishes there, each time in a process of its own that kills
itself right before its n-th change to the file system, until one of them survives.
"""

import os
import shutil
import signal
import sys

from pipelines.publishing import publish, warehouse
from tests.publishing import builders

_CHANGES = (
    "chmod",
    "chown",
    "fchmod",
    "fsync",
    "link",
    "mkdir",
    "rename",
    "replace",
    "rmdir",
    "symlink",
    "unlink",
)
_RUN = "run-v2"


def die_before(step):
    """Makes this process kill itself right before its `step`-th change."""
    calls = iter(range(step))
    for name in _CHANGES:
        setattr(os, name, _counted(getattr(os, name), calls))


def _counted(change, calls):
    def counted(*arguments, **options):
        if next(calls, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return change(*arguments, **options)

    return counted


def publish_v2(root, **limits):
    day = warehouse.day(root, builders.DATE)
    written = builders.stage(day, _RUN, "v2", V2_FILES)
    limits = {"allow_shrink": True} | limits
    return lambda: builders.publish_staged(day, written, _RUN, **limits)


def refuse_v2(root):
    day = warehouse.day(root, builders.DATE)
    written = builders.stage(day, _RUN, "v2", V2_FILES)
    unbalanced = builders.counts(lines_read=5)
    return lambda: builders.publish_staged(day, written, _RUN, unbalanced)


def recover(root):
    return lambda: publish.recover(warehouse.day(root, builders.DATE))


V1_FILES = {"scores/photo_ages": 2}
V2_FILES = {"marketing/purchase_ages": 2}
CASES = {"publish": publish_v2, "refuse": refuse_v2, "recover": recover}


def survives(step, act):
    """Runs `act` in a process that dies before its `step`-th change."""
    child = os.fork()
    if child == 0:
        die_before(step)
        act()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), status
    return status == 0


def main():
    work, case = sys.argv[1:]
    step, survived = 0, False
    while not survived:
        root = os.path.join(work, str(step))
        shutil.copytree(os.path.join(work, "before"), root, symlinks=True)
        survived = survives(step, CASES[case](root))
        step += 1
    print(step - 1)


if __name__ == "__main__":
    main()
