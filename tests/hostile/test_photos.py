"""Each photo of the corpus is one photo, or one reason; none takes all memory."""

import contextlib
import pathlib
import re
import subprocess
import sys
import time

import numpy as np
import pytest

from pipelines.domain import faces, photos
from pipelines.inference import preparation
from tests.hostile import photos as corpus

_MEBIBYTE = 2**20


@pytest.fixture(scope="module")
def preparer() -> preparation.Preparer:
    return preparation.Preparer(faces.FaceSettings(), 160)


@pytest.fixture(scope="module")
def upright(preparer):
    return preparer.prepare(corpus.turned()["turned-1.png"])


@pytest.mark.parametrize("name", corpus.turned())
def test_a_face_is_found_upright_whatever_the_orientation(preparer, upright, name):
    prepared = preparer.prepare(corpus.turned()[name])
    assert prepared.status == "ok"
    difference = np.abs(prepared.face.astype(int) - upright.face.astype(int)).mean()
    # Without loss, all are the same picture.
    assert difference == 0 if not name.endswith(".jpg") else difference < 2


@pytest.mark.parametrize("name", corpus.unusual())
def test_an_unusual_photo_shows_its_face(preparer, upright, name):
    prepared = preparer.prepare(corpus.unusual()[name])
    assert prepared.status == "ok"
    first, second = (
        face.astype(int).mean(axis=2) for face in (prepared.face, upright.face)
    )
    assert np.abs(first - second).mean() < 12


@pytest.mark.parametrize("name", corpus.tiny())
def test_a_picture_without_room_has_no_face(preparer, name):
    assert preparer.prepare(corpus.tiny()[name]).status == "none"


@pytest.mark.parametrize("name", corpus.cut() | corpus.no_photos())
def test_what_is_no_whole_photo_is_refused(preparer, name):
    encoded = (corpus.cut() | corpus.no_photos())[name]
    with pytest.raises(photos.UnusablePhotoError):
        preparer.prepare(encoded)


def test_turned_bits_are_a_photo_or_a_reason(preparer):
    for encoded in corpus.flipped().values():
        with contextlib.suppress(photos.UnusablePhotoError):
            assert preparer.prepare(encoded).status


@pytest.mark.parametrize("name", corpus.BOMBS)
def test_a_bomb_is_refused_at_once(preparer, name):
    encoded = corpus.BOMBS[name]()
    before, started = _fresh_peak_bytes(), time.process_time()
    with pytest.raises(photos.UnusablePhotoError, match=r"more than|damaged header"):
        preparer.prepare(encoded)
    assert time.process_time() - started < 1
    assert peak_bytes() - before < 8 * _MEBIBYTE


_PREPARE = """
import pathlib, sys
from pipelines.domain import faces
from pipelines.inference import preparation
from tests.hostile import test_photos
preparer = preparation.Preparer(faces.FaceSettings(), 160)
preparer.prepare(pathlib.Path(sys.argv[1]).read_bytes())
print(test_photos.peak_bytes())
"""


@pytest.mark.parametrize("name", corpus.LARGE)
def test_the_largest_photo_takes_less_than_a_gibibyte(tmp_path, name):
    (tmp_path / name).write_bytes(corpus.LARGE[name]())
    command = [sys.executable, "-c", _PREPARE, str(tmp_path / name)]
    peak_bytes = subprocess.run(command, check=True, capture_output=True).stdout
    assert int(peak_bytes) < 1024 * _MEBIBYTE


def peak_bytes() -> int:
    """Gives the most memory that this process has had."""
    # Not `ru_maxrss`, which a process inherits from the one that started it.
    status = pathlib.Path("/proc/self/status").read_text()
    return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])


def _fresh_peak_bytes() -> int:
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    return peak_bytes()
