"""Tests of `pipelines.storage.inflight`."""

import os
import subprocess
import sys

from pipelines.storage import inflight

_KILLED = """
import os, signal, sys
from pipelines.storage import inflight
marks = inflight.InflightMarks(sys.argv[1])
marks.mark("store=1/first.jpg")
marks.mark("store=1/second.jpg", "store=1/third.jpg")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_marks_outlive_the_process_that_made_them(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", _KILLED, str(tmp_path)])
    assert child.wait() == -9
    assert inflight.read_marks(str(tmp_path)) == {
        child.pid: {"store=1/second.jpg", "store=1/third.jpg"}
    }


def test_a_mark_replaces_a_longer_one(tmp_path):
    marks = inflight.InflightMarks(str(tmp_path))
    marks.mark("a-long-name.jpg", "another.jpg")
    marks.mark("b.jpg")
    assert inflight.read_marks(str(tmp_path)) == {os.getpid(): {"b.jpg"}}
    marks.clear()
    assert inflight.read_marks(str(tmp_path)) == {os.getpid(): set()}


def test_marks_of_two_threads_stay_apart(tmp_path):
    first = inflight.InflightMarks(str(tmp_path))
    second = inflight.InflightMarks(str(tmp_path))
    first.mark("a.jpg")
    second.mark("b.jpg")
    first.clear()
    assert inflight.read_marks(str(tmp_path)) == {os.getpid(): {"b.jpg"}}


def test_names_that_are_not_text_are_kept(tmp_path):
    name = os.fsdecode(b"store=1/\xff\n.jpg")
    inflight.InflightMarks(str(tmp_path)).mark(name)
    assert inflight.read_marks(str(tmp_path)) == {os.getpid(): {name}}


def test_strikes_add_up_until_forgotten(tmp_path):
    folder = str(tmp_path / "work")
    assert inflight.load_strikes(folder) == {}
    inflight.add_strikes(folder, ["a.jpg", "b.jpg"])
    inflight.add_strikes(folder, ["b.jpg"])
    assert inflight.load_strikes(folder) == {"a.jpg": 1, "b.jpg": 2}
    inflight.forget_strikes(folder)
    assert inflight.load_strikes(folder) == {}


def test_listed_folders_are_read_once_each(tmp_path):
    folder = str(tmp_path)
    assert inflight.read_listed(folder) == {}
    inflight.write_listed(folder, "store=1", 10, 1)
    inflight.write_listed(folder, "store=1", 5, 6)
    first = inflight.read_listed(folder)
    assert list(first.values()) == [(5, 6)]
    inflight.write_listed(folder, "a/b", 100, 0)
    inflight.write_listed(folder, "", 1, 0)
    inflight.write_listed(folder, "é" * 127, 7, 0)
    inflight.write_listed(folder, os.fsdecode(b"\xff"), 8, 0)
    others = inflight.read_listed(folder, known=first)
    assert sorted(others.values()) == [(1, 0), (7, 0), (8, 0), (100, 0)]
    inflight.forget_attempt(folder)
    assert inflight.read_listed(folder) == {}


def test_nothing_is_left_of_a_run_that_ended_well(tmp_path):
    folder = tmp_path / "work"
    inflight.forget_run(str(folder))
    inflight.InflightMarks(str(folder)).mark("a.jpg")
    inflight.write_listed(str(folder), "store=1", 10, 1)
    inflight.add_strikes(str(folder), ["a.jpg"])
    inflight.forget_run(str(folder))
    assert not folder.exists()
