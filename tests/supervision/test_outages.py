import errno
import os

import pytest

from pipelines.supervision import outages


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (str(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))), "No space left"),
        (
            "OSError: [Errno 28] No space left [while running 'K']\n…",
            "No space left",
        ),
        ("Error writing. Detail: [errno 28] No space left on device", "No space left"),
        ("OSError: [Errno 30] Read-only file system: '/warehouse'", "Read-only"),
        ("[Errno 2] gone\nthen [Errno 122] Disk quota exceeded", "quota"),
    ],
)
def test_a_full_or_read_only_disk_is_one_line(said, fault):
    line = outages.line(said, "/warehouse")
    assert fault in line
    assert "/warehouse" in line
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize("said", ["", "[Errno 2] No such file", "28 photos failed"])
def test_other_faults_keep_their_traceback(said):
    assert outages.line(said, "/warehouse") is None
