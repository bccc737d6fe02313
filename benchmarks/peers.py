"""Tillage beside what its users would otherwise run, on the same photos.

python -m benchmarks.peers --photos 2000 --json peers.json

Needs `pip install --require-hashes -r requirements/peers.lock` and Java 17 for Spark.
Each program runs as a whole process on all photos and on a tenth of them: the
difference gives its speed without start-up, the rest is start-up. Rounds go over all
programs in turn; figures are medians. `--peers` without a name measures Tillage beside
the bare model alone.
"""

import argparse
import dataclasses
import json
import pathlib
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from benchmarks import flags, large_days, peer_photos, processes

_JOBS = ("keras_predict", "run_inference", "ray_data", "spark_udf")
_TILLAGE = "tillage"
_FEW = 10
_MODES = {"without face finding": False, "with face finding": True}


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Bench:
    folder: pathlib.Path
    bundle: str
    sets: peer_photos.Sets

    def command(self, name: str, photos: pathlib.Path, finds_faces: bool) -> list[str]:
        """Builds the command of one program."""
        output = self.output(name)
        if name == _TILLAGE:
            return [
                *_python("pipelines.cli"),
                "score",
                f"--input={photos}",
                f"--date={large_days.DATE}",
                f"--output={output}",
                f"--pseudonym-key-file={self.sets.key}",
                f"--bundle={self.bundle}",
                f"--face-crop={'auto' if finds_faces else 'none'}",
            ]
        command = [*_python(f"benchmarks.peer_jobs.{name}"), f"--photos={photos}"]
        command += [f"--bundle={self.bundle}", f"--model={self.sets.model}"]
        command += [f"--output={output}"]
        return [*command, "--faces"] if finds_faces else command

    def output(self, name: str) -> pathlib.Path:
        """Says where a program writes."""
        return self.folder / f"output-{name}"

    def measure(
        self, name: str, photos: pathlib.Path, finds_faces: bool
    ) -> processes.Measured:
        """Runs one program to its end.

        Raises:
          RuntimeError: it failed.
        """
        peer_photos.clear(self.output(name))
        found = processes.measure(self.command(name, photos, finds_faces))
        if found.exit_code:
            raise RuntimeError(f"{name} failed:\n{found.output}")
        return found

    def ages(self, name: str) -> pd.Series:
        """Reads the ages that a program last found, by name of photo."""
        output = self.output(name)
        if name != _TILLAGE:
            return pd.read_csv(output).set_index("photo")["age_years"]
        rows = pd.read_parquet(output / "scores" / "photo_ages")
        names = rows["photo"].map(lambda photo: pathlib.PurePath(photo).name)
        return rows.set_index(names)["age_years"].astype(float)


def main(argv: Sequence[str]) -> int:
    """Measures and prints one table for each mode."""
    given = _parser().parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="peers-") as temporary:
        folder = given.folder or pathlib.Path(temporary)
        sets = peer_photos.make(folder, given.photos, _FEW, given.bundle)
        bench = _Bench(folder=folder, bundle=given.bundle, sets=sets)
        figures = {
            mode: _figures(bench, given.peers, finds_faces, given.rounds)
            for mode, finds_faces in _MODES.items()
        }
    for mode, found in figures.items():
        print(f"\n{given.photos:,} photos, {mode}")
        print(pd.DataFrame(found["programs"]).T.to_string())
        print(f"bare model: {found['ceiling_photos_per_second']} photos/s")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = flags.parser(__doc__)
    parser.add_argument("--photos", type=int, default=2000, help="default: 2000")
    parser.add_argument("--rounds", type=int, default=3, help="default: 3")
    parser.add_argument("--bundle", default="pipelines/bundles/default")
    parser.add_argument(
        "--peers", nargs="*", choices=_JOBS, default=_JOBS, help="default: all"
    )
    return parser


def _figures(
    bench: _Bench, peers: Sequence[str], finds_faces: bool, rounds: int
) -> dict[str, object]:
    names = (*peers, _TILLAGE)
    measured = list(_rounds(bench, names, finds_faces, rounds))
    ceiling = round(statistics.median(ceiling for ceiling, _ in measured), 1)
    ours = bench.ages(_TILLAGE)
    speeds = {
        name: _speed(bench.sets, [runs[name] for _, runs in measured]) for name in names
    }
    programs = {
        name: {
            **speed,
            "tillage_times_as_fast": round(
                speeds[_TILLAGE]["photos_per_second"] / speed["photos_per_second"], 2
            ),
            "of_bare_model_percent": round(
                100 * speed["photos_per_second"] / ceiling, 1
            ),
            "mean_age_difference_years": round(
                float(np.nanmean((bench.ages(name) - ours).abs())), 3
            ),
        }
        for name, speed in speeds.items()
    }
    return {"programs": programs, "ceiling_photos_per_second": ceiling}


_Pair = tuple[processes.Measured, processes.Measured]


def _rounds(
    bench: _Bench, names: Sequence[str], finds_faces: bool, rounds: int
) -> Iterator[tuple[float, dict[str, _Pair]]]:
    for number in range(rounds):
        bench.measure("ceiling", bench.sets.few, finds_faces=False)
        found = json.loads(bench.output("ceiling").read_text())
        runs = {}
        for name in names:
            print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr)
            few = bench.measure(name, bench.sets.few, finds_faces)
            runs[name] = few, bench.measure(name, bench.sets.many, finds_faces)
        yield found["photos_per_second"], runs


def _speed(sets: peer_photos.Sets, runs: Sequence[_Pair]) -> dict[str, float]:
    few = statistics.median(pair[0].wall_seconds for pair in runs)
    many = statistics.median(pair[1].wall_seconds for pair in runs)
    seconds_a_photo = (many - few) / (sets.num_many - sets.num_few)
    return {
        "wall_seconds": round(many, 1),
        "start_up_seconds": round(few - sets.num_few * seconds_a_photo, 1),
        "photos_per_second": round(1 / seconds_a_photo, 1),
        "peak_mib": round(max(pair[1].peak_mib for pair in runs)),
    }


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
