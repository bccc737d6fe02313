"""Kills a purge before each of its changes to the file system, one process each.

Run as `python -m tests.retention.kill_steps WORK`, with a chain in `WORK/before`: it
leaves one copy for each step, that of the last one unharmed, and prints their number.
"""

import os
import shutil
import sys

from tests.publishing import kill_steps
from tests.retention import old_days


def main():
    [work] = sys.argv[1:]
    step, survived = 0, False
    while not survived:
        chain = os.path.join(work, str(step))
        shutil.copytree(os.path.join(work, "before"), chain, symlinks=True)
        survived = kill_steps.survives(
            step,
            lambda chain=chain: old_days.purge(
                f"{chain}/in", f"{chain}/out", tables_after_days=30
            ),
        )
        step += 1
    print(step - 1)


if __name__ == "__main__":
    main()
