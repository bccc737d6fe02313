"""What `pip install` brings along."""

import pathlib
import subprocess
import sys

import pytest

from pipelines.inference import bundle

_ROOT = pathlib.Path(__file__).parents[1]


@pytest.mark.slow
def test_the_package_carries_the_bundle_and_no_tests(tmp_path):
    subprocess.run(
        [sys.executable, "setup.py", "-q", "build", "--build-base", str(tmp_path)],
        cwd=_ROOT,
        check=True,
    )
    [library] = tmp_path.glob("lib*")
    assert {path.name for path in library.iterdir()} == {
        "pipelines",
        "schemas",
        "training",
    }
    carried = bundle.load(str(library / "pipelines" / "bundles" / "default"))
    assert carried.sha256 == bundle.load(bundle.default_folder()).sha256
    templates = library / "pipelines" / "pages" / "templates"
    assert {path.name for path in templates.iterdir()} == {"page.css", "page.html.j2"}
    assert not list(library.rglob("test_*.py"))
