"""Scores the same day with both engines and compares the ages.

python -m benchmarks.engines --input /data/tills --date 2026-11-21
"""

import argparse
import json
import pathlib
import secrets
import sys
import tempfile
from collections.abc import Sequence

import pandas as pd

from benchmarks import processes
from pipelines.inference import engines


def main(argv: Sequence[str]) -> int:
    """Scores and compares.

    Returns:
      Exit code: that of the first command that fails, else 0.
    """
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--input", required=True)
    parser.add_argument("--date", required=True)
    parser.add_argument("--bundle", help="default: the one that ships")
    flags = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="engines-") as temporary:
        folder = pathlib.Path(temporary)
        (folder / "key").write_text(secrets.token_hex(32))
        for engine in engines.ENGINES:
            scored = processes.measure(_command(flags, folder, engine))
            if scored.exit_code:
                print(scored.output, file=sys.stderr)
                return scored.exit_code
        first, second = (_ages(folder / engine) for engine in engines.ENGINES)
    difference = (first - second).abs().dropna()
    figures = {
        "photos": len(difference),
        "mean_difference_years": round(float(difference.mean()), 3),
        "largest_difference_years": round(float(difference.max()), 3),
    }
    print(json.dumps(figures, indent=1))
    return 0


def _command(flags: argparse.Namespace, folder: pathlib.Path, engine: str) -> list[str]:
    command = [sys.executable, "-m", "pipelines.cli", "score"]
    command += [f"--input={flags.input}", f"--date={flags.date}"]
    command += [f"--output={folder / engine}", f"--engine={engine}"]
    command += [f"--pseudonym-key-file={folder / 'key'}"]
    return [*command, f"--bundle={flags.bundle}"] if flags.bundle else command


def _ages(warehouse: pathlib.Path) -> pd.Series:
    photos = pd.read_parquet(warehouse / "scores" / "photo_ages")
    return photos.set_index("photo")["age_years"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
