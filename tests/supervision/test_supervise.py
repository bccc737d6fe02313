"""Tests of `pipelines.supervision.supervise`, with real processes that die."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from pipelines.supervision import progress, supervise

_SUPERVISOR = """
import sys
from pipelines.supervision import supervise
work, *command = sys.argv[1:]
supervisor = supervise.Supervisor(
    command, {}, work_folder=work, kept_folder=work + "/kept"
)
sys.exit(supervisor.run())
"""


@pytest.fixture
def work(tmp_path):
    (tmp_path / "kept").mkdir()
    return tmp_path


def command_of(case, work):
    return [sys.executable, "-m", "tests.supervision.supervised", case, str(work)]


def run(command, work, **settings):
    return supervise.Supervisor(
        command,
        {},
        work_folder=str(work),
        kept_folder=str(work / "kept"),
        **settings,
    ).run()


def attempts(work, case):
    lines = (work / "attempts").read_text().splitlines()
    return [start for start in map(json.loads, lines) if start["case"] == case]


def poll(condition, seconds=60.0):
    """Waits until `condition` gives something true, and returns it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, condition
        time.sleep(0.05)
    return found


def pids_in(work):
    paths = [*work.glob("child-*"), *work.glob("worker-[0-9]*")]
    return [int(path.name.split("-")[1]) for path in paths]


def is_gone(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_exit_code_of_the_child_is_handed_on(work):
    assert run(command_of("exit_with_2", work), work) == 2
    assert len(attempts(work, "exit_with_2")) == 1


def test_killed_child_is_started_again(work):
    assert run(command_of("kill_itself_twice", work), work) == 0
    assert len(attempts(work, "kill_itself_twice")) == 3


def test_deaths_without_progress_end_the_run(work, capsys):
    assert run(command_of("kill_itself", work), work) == supervise.FAILED
    assert len(attempts(work, "kill_itself")) == 3
    error = capsys.readouterr().err
    assert "were killed by SIGKILL; given up after 3 deaths" in error
    assert "start the same command again to resume" in error


def test_deaths_with_progress_do_not(work):
    assert run(command_of("kill_itself_after_a_chunk", work), work) == 0
    assert len(attempts(work, "kill_itself_after_a_chunk")) == 6


def test_photo_in_the_hand_of_a_dead_worker_is_struck(work):
    case = "wait_for_a_worker_that_dies"
    assert run(command_of(case, work), work) == 0
    strikes = [start["strikes"] for start in attempts(work, case)]
    assert strikes == [{}, {"bad.jpg": 1}, {"bad.jpg": 2}]
    assert not (work / "strikes.json").exists()


def test_no_photo_is_struck_while_a_child_ends_thread_by_thread(work):
    case = "end_thread_by_thread"
    assert run(command_of(case, work), work) == 0
    assert len(attempts(work, case)) == 1


def test_photo_that_hangs_is_struck(work):
    assert run(command_of("hang_on_a_photo", work), work, hang_seconds=2.0) == 0
    strikes = [start["strikes"] for start in attempts(work, "hang_on_a_photo")]
    assert strikes == [{}, {"bad.jpg": 1}, {"bad.jpg": 2}]


def test_photo_of_a_stopped_worker_is_struck_while_another_goes_on(work):
    case = "go_on_beside_a_worker_that_is_stopped"
    assert run(command_of(case, work), work, hang_seconds=2.0) == 0
    strikes = [start["strikes"] for start in attempts(work, case)]
    assert strikes == [{}, {"bad.jpg": 1}, {"bad.jpg": 2}]


def test_idle_child_counts_as_dead(work, capsys):
    command = command_of("hang_idle", work)
    settings = {"hang_seconds": 2.0, "max_deaths_without_progress": 1}
    assert run(command, work, **settings) == supervise.FAILED
    assert "nothing has happened for 2 s; given up" in capsys.readouterr().err


def test_busy_child_without_a_photo_in_hand_is_left_alone(work):
    command = command_of("work_without_a_sign", work)
    assert run(command, work, hang_seconds=1.0) == 0
    assert len(attempts(work, "work_without_a_sign")) == 1


def test_progress_is_shown_while_the_child_runs(work):
    shown = []

    def show(state):
        shown.append(state)
        if state.done == state.total == 15:
            (work / "shown").touch()

    assert run(command_of("score_and_wait_until_shown", work), work, on_poll=show) == 0
    assert shown[-1] == progress.Progress(scored=10, resumed=5, total=15)


@pytest.fixture
def waiting(work):
    """A supervisor whose child and worker wait, and their process ids."""
    command = command_of("wait_with_a_worker", work)
    with subprocess.Popen(
        [sys.executable, "-c", _SUPERVISOR, str(work), *command],
        stderr=subprocess.PIPE,
        text=True,
    ) as supervisor:
        log = work / "attempts"
        poll(lambda: log.exists() and len(log.read_text().splitlines()) == 2)
        cases = "wait_with_a_worker", "hang_idle"
        yield supervisor, [attempts(work, case)[0]["pid"] for case in cases]
        supervisor.kill()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_stopped_supervisor_leaves_nothing_running(waiting, number, code):
    supervisor, pids = waiting
    supervisor.send_signal(number)
    assert supervisor.wait() == code
    message = "stopped; start the same command again to resume\n"
    assert supervisor.stderr.read() == message
    for pid in pids:
        poll(lambda pid=pid: is_gone(pid))


def test_killed_supervisor_takes_its_children_along(waiting):
    supervisor, pids = waiting
    supervisor.kill()
    for pid in pids:
        poll(lambda pid=pid: is_gone(pid))


@pytest.mark.slow
def test_beam_job_survives_the_loss_of_a_worker_and_of_everything(work):
    command = [sys.executable, "-m", "tests.supervision.supervised_beam", str(work)]
    assert run(command, work) == 0
    assert (work / "done").exists()
    assert len(list(work.glob("child-*"))) == 3
    assert (work / "worker-killed").exists()
    for pid in pids_in(work):
        poll(lambda pid=pid: is_gone(pid))


@pytest.mark.slow
def test_beam_workers_die_with_the_supervisor(work):
    command = [
        sys.executable,
        "-m",
        "tests.supervision.supervised_beam",
        str(work),
        "wait",
    ]
    supervisor = subprocess.Popen(
        [sys.executable, "-c", _SUPERVISOR, str(work), *command]
    )
    poll(lambda: len(list(work.glob("worker-[0-9]*"))) == 2)
    supervisor.kill()
    supervisor.wait()
    for pid in pids_in(work):
        poll(lambda pid=pid: is_gone(pid))


def test_outside_a_supervisor_nothing_is_tied(monkeypatch):
    monkeypatch.delenv("TILLAGE_LIFELINE", raising=False)
    before = os.listdir("/proc/self/task")
    supervise.die_with_parent()
    assert os.listdir("/proc/self/task") == before


@pytest.mark.slow
def test_an_error_in_a_worker_ends_the_run_at_once(work):
    command = [
        sys.executable,
        "-m",
        "tests.supervision.supervised_beam",
        str(work),
        "raise",
    ]
    assert run(command, work) == supervise.FAILED
    assert len(list(work.glob("child-*"))) == 1
