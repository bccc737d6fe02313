"""A bundle that was changed: one line, and exit code 2."""

import pathlib
import shutil

import pytest

from pipelines import score
from pipelines.inference import bundle as bundles

_FILES = sorted(path.name for path in pathlib.Path(bundles.default_folder()).iterdir())


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(bundles.default_folder(), tmp_path / "bundle")


def _refusal(copy, capsys):
    flags = ["--input=nowhere", "--output=nowhere", "--date=2026-11-21"]
    assert score.main([*flags, f"--bundle={copy}"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def _flip(path, place, bit=1):
    content = bytearray(path.read_bytes())
    content[place] ^= bit
    path.write_bytes(content)


@pytest.mark.parametrize("name", _FILES)
def test_one_flipped_bit_of_any_file_is_refused(copy, capsys, name):
    size = (copy / name).stat().st_size
    for place in (0, size // 3, size - 1):
        _flip(copy / name, place)

        said = _refusal(copy, capsys)
        assert "damaged or changed" in said
        assert name.removesuffix(".sha256") in said
        _flip(copy / name, place)
