"""Runs a night's work in processes that may die, and sees it through.

Beam's in-process runner waits for ever for a worker that has died. So the work runs
in a child with a session of its own: when a worker dies or hangs, the whole session
is killed and the child is started again, to resume from the scores that were kept.
"""

import contextlib
import dataclasses
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import psutil

from pipelines.storage import inflight
from pipelines.supervision import liveness, progress, stopping

FAILED = 1
"""Exit code of a run that was given up."""

_LOGGER = logging.getLogger(__name__)
_LIFELINE = "TILLAGE_LIFELINE"
_WORKER_DIED = 75
_POLL_SECONDS = 0.2
_SECONDS_TO_DIE = 10.0
_SECONDS_TO_FAIL = 1.0
# A machine that breaks on every photo must not strike them all.
_MAX_DEATHS = 100


@dataclasses.dataclass(frozen=True, slots=True)
class _Ending:
    """How an attempt ended: with an exit code, or with a death and its suspects."""

    exit_code: int | None = None
    cause: str = ""
    suspects: frozenset[str] = frozenset()


class Supervisor:
    """Starts a child, watches it and its workers, and starts it again on a death."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        work_folder: str,
        kept_folder: str,
        hang_seconds: float = 120.0,
        max_deaths_without_progress: int = 3,
        on_poll: Callable[[progress.Progress], None] = lambda _: None,
    ) -> None:
        """Takes what to run and how to watch it.

        Args:
          command: The child; it calls `die_with_parent` first of all.
          environment: Variables for it, beyond those of this process.
          work_folder: Where its workers mark photos and list folders.
          kept_folder: Where they keep chunks of scores.
          hang_seconds: Silence after which the child counts as hung.
          max_deaths_without_progress: Deaths in a row, without one photo scored or
            found guilty between them, after which the run is given up.
          on_poll: Called with the progress several times a second.
        """
        self._command = list(command)
        self._environment = {**os.environ, **environment}
        self._work_folder = work_folder
        self._reader = progress.Reader(work_folder, kept_folder)
        self._hang_seconds = hang_seconds
        self._max_fruitless = max_deaths_without_progress
        self._on_poll = on_poll

    def run(self) -> int:
        """Runs the child until it ends by itself.

        Returns:
          Its exit code; `FAILED` if it was given up; 130, 143 or 129 if this
          process was interrupted, terminated or lost its terminal.
        """
        num_deaths = num_fruitless = 0
        with stopping.noted() as stop:
            while True:
                ending = self._attempt(stop)
                if ending.exit_code is not None:
                    return ending.exit_code
                num_deaths += 1
                num_fruitless = 0 if self._has_advanced(ending) else num_fruitless + 1
                if num_fruitless >= self._max_fruitless or num_deaths >= _MAX_DEATHS:
                    return _give_up(ending.cause, num_deaths)
                _LOGGER.warning("%s; starting the workers again", ending.cause)

    def _attempt(self, stop: stopping.StopRequest) -> _Ending:
        inflight.forget_attempt(self._work_folder)
        self._reader.begin_attempt()
        with _child(self._command, self._environment) as child:
            ending = self._watch(child, stop)
        if ending.exit_code == 0:
            inflight.forget_run(self._work_folder)
        return ending

    def _watch(
        self, child: subprocess.Popen[bytes], stop: stopping.StopRequest
    ) -> _Ending:
        pulse = liveness.Pulse(child.pid, self._hang_seconds)
        hands = liveness.Hands(self._hang_seconds)
        while stop.signal_number is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_POLL_SECONDS)
            marks = inflight.read_marks(self._work_folder)
            suspects = _in_dead_hands(marks, child)
            # It may have ended while its marks were read.
            if (code := child.poll()) is not None:
                return _ending_of(code, suspects)
            if suspects:
                return _Ending(None, "a worker died", suspects)
            if stuck := hands.stuck(marks):
                cause = f"a worker hung on a photo for {self._hang_seconds:.0f} s"
                return _Ending(None, cause, stuck)
            state = self._reader.read()
            self._on_poll(state)
            if pulse.has_stopped((state, marks)):
                cause = f"nothing has happened for {self._hang_seconds:.0f} s"
                return _Ending(None, cause)
        print("stopped; start the same command again to resume", file=sys.stderr)
        return _Ending(stop.exit_code)

    def _has_advanced(self, ending: _Ending) -> bool:
        inflight.add_strikes(self._work_folder, ending.suspects)
        strikes = inflight.load_strikes(self._work_folder)
        is_guilty = any(
            strikes[photo] >= inflight.MAX_STRIKES for photo in ending.suspects
        )
        return is_guilty or self._reader.read().scored > 0


def _in_dead_hands(
    marks: Mapping[int, set[str]], child: subprocess.Popen[bytes]
) -> frozenset[str]:
    suspects: set[str] = set()
    for pid, photos in marks.items():
        # A process is listed as dead from the end of its first thread on, but has no
        # exit code before the end of its last: only that tells how the child ended.
        if pid == child.pid:
            is_dead = child.poll() is not None
        else:
            is_dead = not liveness.is_alive(pid)
        if is_dead:
            suspects |= photos
    return frozenset(suspects)


def die_with_parent() -> None:
    """Ends this process and its workers when the supervisor or a worker dies.

    For the child of a `Supervisor`, before it does anything else. Elsewhere it does
    nothing.
    """
    lifeline = os.environ.pop(_LIFELINE, None)
    if lifeline is None:
        return
    os.set_inheritable(int(lifeline), False)
    threading.Thread(target=_die_at_end_of, args=(int(lifeline),), daemon=True).start()
    threading.excepthook = _die_with_worker


def _die_at_end_of(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


def _die_with_worker(failure: threading.ExceptHookArgs) -> None:
    threading.__excepthook__(failure)
    # Beam's thread that waits for a worker process fails when that process does, and
    # nobody else hears of it.
    if failure.thread is not None and failure.thread.name == "run_worker":
        threading.Thread(target=_exit_soon, daemon=True).start()


def _exit_soon() -> None:
    # A runner that fails stops its workers, too: then this process ends by itself.
    time.sleep(_SECONDS_TO_FAIL)
    os._exit(_WORKER_DIED)


@contextlib.contextmanager
def _child(
    command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    theirs, ours = os.pipe()
    try:
        child = subprocess.Popen(
            command,
            env={**environment, _LIFELINE: str(theirs)},
            pass_fds=(theirs,),
            start_new_session=True,
        )
        try:
            yield child
        finally:
            _kill(child)
    finally:
        os.close(theirs)
        os.close(ours)


def _kill(child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _SECONDS_TO_DIE
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    while _has_live_members(child.pid) and time.monotonic() < deadline:
        time.sleep(0.02)


def _has_live_members(group: int) -> bool:
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError):
            # Where nobody reaps orphans, as in many containers, the dead stay listed.
            if os.getpgid(pid) == group and liveness.is_alive(pid):
                return True
    return False


def _ending_of(return_code: int, suspects: frozenset[str]) -> _Ending:
    if return_code == _WORKER_DIED:
        return _Ending(None, "a worker died", suspects)
    if return_code < 0:
        name = signal.Signals(-return_code).name
        return _Ending(None, f"the workers were killed by {name}", suspects)
    return _Ending(return_code)


def _give_up(cause: str, num_deaths: int) -> int:
    print(
        f"{cause}; given up after {num_deaths} deaths of the workers, the last of them "
        "without progress. Check memory and the messages above, then start the same "
        "command again to resume",
        file=sys.stderr,
    )
    return FAILED
