"""Tries each target for its share of the time: `python -m tests.fuzz --minutes 30`.

Each runs in a process of its own, so that a crash or a hang of native code is a
finding as well. Prints executions, seconds and findings of each target; the exit
code is 1 if there is a finding. What was found lies in `build/fuzz/`.
"""

import argparse
import json
import pathlib
import resource
import subprocess
import sys
import time
import traceback
from typing import Any

import hypothesis

from tests.fuzz import targets

_FOLDER = pathlib.Path("build", "fuzz")
_MAX_MEMORY_BYTES = 4 * 2**30
_SECONDS_TO_HANG = 120
_EXAMPLES_A_ROUND = 100


def main() -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--minutes", type=float, default=30.0, help="for all targets")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--target", action="append", choices=targets.ALL)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    names = arguments.target or list(targets.ALL)
    share, seed = arguments.minutes * 60 / len(names), arguments.first_seed
    _FOLDER.mkdir(parents=True, exist_ok=True)
    if arguments.child:
        _try_one(names[0], share, seed)
        return 0
    print(f"{'target':<26} {'executions':>10} {'seconds':>8}  findings", flush=True)
    return int(any([_watch(name, share, seed) for name in names]))


def _watch(name: str, seconds: float, seed: int) -> int:
    """Runs one target in a child; gives the number of its findings."""
    _path(name, "json").unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.fuzz", "--child", f"--target={name}"]
    command += [f"--minutes={seconds / 60}", f"--first-seed={seed}"]
    # Decoders comment on every broken picture.
    with _path(name, "log").open("w") as log:
        trouble = _trouble_of(subprocess.Popen(command, stderr=log), name)
    state: dict[str, Any] = {"executions": 0, "seconds": 0.0, "findings": []}
    if _path(name, "json").exists():
        state = json.loads(_path(name, "json").read_text())
    findings = [*state["findings"], *trouble]
    print(
        f"{name:<26} {state['executions']:>10,} {state['seconds']:>8.0f}  "
        f"{'; '.join(findings) or 'none'}",
        flush=True,
    )
    return len(findings)


def _trouble_of(child: subprocess.Popen[bytes], name: str) -> list[str]:
    last = _path(name, "input")
    last.touch()
    while child.poll() is None:
        time.sleep(1)
        if time.time() - last.stat().st_mtime > _SECONDS_TO_HANG:
            child.kill()
            child.wait()
            return [f"hung on {last}"]
    return [f"ended with {child.returncode} on {last}"] if child.returncode else []


def _try_one(name: str, seconds: float, seed: int) -> None:
    """Tries one target with seed after seed, and writes down how far it is."""
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
    target, started = targets.ALL[name], time.monotonic()
    state: dict[str, Any] = {"executions": 0, "seconds": 0.0, "findings": []}

    def check(given: object) -> None:
        state["executions"] += 1
        # It is there, too, if the next line ends the process.
        _path(name, "input").write_text(repr(given))
        target.check(given)

    while time.monotonic() - started < seconds:
        found = _round(check, target, seed)
        state["seconds"] = time.monotonic() - started
        if found and found[0] not in state["findings"]:
            state["findings"].append(found[0])
            _path(name, f"{seed}.txt").write_text(found[1])
        _path(name, "json").write_text(json.dumps(state))
        seed += 1


def _round(check: Any, target: targets.Target, seed: int) -> tuple[str, str] | None:
    """Tries a hundred inputs; gives one line on what broke, and all on it."""
    settings = hypothesis.settings(
        max_examples=_EXAMPLES_A_ROUND,
        # What is found is small as it is, and to make it smaller may take minutes.
        phases=[hypothesis.Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    try:
        hypothesis.seed(seed)(settings(hypothesis.given(target.inputs)(check)))()
    # Whatever a target raises is what is looked for.
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{pathlib.Path(last.filename).name}:{last.lineno}"
        return f"{type(error).__name__} at {place}", traceback.format_exc()
    return None


def _path(name: str, suffix: str) -> pathlib.Path:
    return _FOLDER / f"{name.replace(' ', '-')}.{suffix}"


if __name__ == "__main__":
    sys.exit(main())
