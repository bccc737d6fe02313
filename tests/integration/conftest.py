"""Rendered days that several integration tests read."""

import pathlib
import shutil

import pytest

from tests.integration import commands


@pytest.fixture(scope="session")
def tills(tmp_path_factory) -> pathlib.Path:
    """One rendered trading day of two stores; read, never written."""
    folder = tmp_path_factory.mktemp("rendered") / "tills"
    rendered = commands.tillage(
        "sample-day", f"--output={folder}", "--transactions-per-store=100"
    )
    assert rendered.code == 0, rendered.stderr
    return folder


@pytest.fixture
def own_tills(tills, tmp_path) -> pathlib.Path:
    """A copy of the rendered day, to be changed."""
    return pathlib.Path(shutil.copytree(tills, tmp_path / "tills"))


@pytest.fixture(scope="session")
def scored(tills, tmp_path_factory) -> pathlib.Path:
    """The warehouse of that day, undisturbed; read, never written."""
    warehouse = tmp_path_factory.mktemp("scored") / "warehouse"
    ended = commands.score(tills, warehouse)
    assert ended.code == 0, ended.stderr
    return warehouse
