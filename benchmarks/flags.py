"""Flags that benchmarks of whole commands share."""

import argparse
import pathlib


def parser(description: str | None) -> argparse.ArgumentParser:
    """Makes a parser with `--folder` and `--json` that shows its text as it is."""
    made = argparse.ArgumentParser(
        description=description,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--folder", type=pathlib.Path, help="keep the files there")
    made.add_argument("--json", type=pathlib.Path, help="write the figures there")
    return made
