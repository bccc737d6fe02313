"""The page of threats names tests that are there."""

import pathlib
import re

import pytest

_ROOT = pathlib.Path(__file__).parents[1]
_PAGE = (_ROOT / "docs" / "threats.md").read_text()
_NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", _PAGE)))


def test_most_threats_name_a_test():
    assert len(_NAMED) > 12


@pytest.mark.parametrize(("path", "name"), _NAMED)
def test_a_named_test_is_there(path, name):
    text = (_ROOT / path).read_text()
    assert f"def {name}(" in text if name else "def test_" in text
