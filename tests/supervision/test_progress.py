"""Tests of `pipelines.supervision.progress`."""

import io
import os

import pytest

from pipelines.storage import inflight
from pipelines.supervision import progress


@pytest.fixture
def folders(tmp_path):
    (tmp_path / "kept").mkdir()
    return tmp_path


def reader_of(folders):
    return progress.Reader(str(folders / "work"), str(folders / "kept"))


def keep(folders, name):
    (folders / "kept" / name).touch()


def state(scored=0, resumed=0, total=0):
    return progress.Progress(scored=scored, resumed=resumed, total=total)


def test_nothing_is_there_yet(tmp_path):
    reader = progress.Reader(str(tmp_path / "no"), str(tmp_path / "none"))
    assert reader.read() == state()


def test_only_chunks_of_this_attempt_count(folders):
    keep(folders, "chunk-aa-100.arrow")
    reader = reader_of(folders)
    inflight.write_listed(reader.work_folder, "store=1", 50, 100)
    inflight.write_listed(reader.work_folder, "store=2", 25, 0)
    keep(folders, "chunk-bb-20.arrow")
    keep(folders, "published-999-cc.arrow")
    keep(folders, ".writing-dd")
    assert reader.read() == state(scored=20, resumed=100, total=175)
    inflight.forget_attempt(reader.work_folder)
    reader.begin_attempt()
    assert reader.read() == state()


def test_progress_does_not_fall_when_chunks_are_merged(folders):
    reader = reader_of(folders)
    keep(folders, "chunk-bb-20.arrow")
    assert reader.read().scored == 20
    os.unlink(folders / "kept" / "chunk-bb-20.arrow")
    assert reader.read().scored == 20


@pytest.mark.parametrize(
    ("shown", "speed", "words"),
    [
        (
            state(scored=1_000, resumed=200, total=5_120),
            167.31,
            "1,200 of 5,120 photos done, 167.3 photos/s, 0:00:23 left",
        ),
        (
            state(scored=1, total=1_000_000),
            100.0,
            "1 of 1,000,000 photos done, 100.0 photos/s, 2:46:40 left",
        ),
        (state(total=5), 0.0, "0 of 5 photos done"),
        (
            state(scored=5, total=5),
            9.0,
            "5 of 5 photos done; joining and writing tables",
        ),
    ],
)
def test_line_says_how_far_how_fast_and_how_long(shown, speed, words):
    assert progress.line(shown, speed) == words


def test_no_terminal_gets_a_line_now_and_then():
    stream = io.StringIO()
    display = progress.display(stream)
    display.show(state())
    display.show(state(total=10))
    display.show(state(scored=1, total=10))
    display.close()
    assert stream.getvalue() == "0 of 10 photos done\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_terminal_gets_a_bar():
    stream = Terminal()
    display = progress.display(stream)
    display.show(state(resumed=5, total=10))
    display.close()
    assert "50 %" in stream.getvalue()
    assert "5 of 10 photos done" in stream.getvalue()
