"""Layers: no module imports what stands above it."""

import ast
import pathlib

import pytest

_ROOT = pathlib.Path(__file__).parents[1]
_FRAMEWORKS = ("tensorflow", "keras", "openvino", "nncf")
_FORBIDDEN = {
    "schemas": ("apache_beam", "pipelines", "training", *_FRAMEWORKS),
    "pipelines/domain": (
        "apache_beam",
        "training",
        "pipelines.transforms",
        "pipelines.storage",
        "pipelines.inference",
        "pipelines.options",
        "pipelines.config",
        *_FRAMEWORKS,
    ),
    "pipelines/storage": (
        "apache_beam",
        "training",
        "pipelines.domain",
        "pipelines.inference",
        "pipelines.publishing",
        "pipelines.supervision",
        "pipelines.transforms",
    ),
    "pipelines/inference": ("apache_beam", "training", "pipelines.transforms"),
    # Reports of all jobs are written with it, so that it knows none of them.
    "pipelines/pages": (
        "apache_beam",
        "training",
        "pipelines.domain",
        "pipelines.inference",
        "pipelines.storage",
        "pipelines.supervision",
        "pipelines.publishing",
        "pipelines.transforms",
        *_FRAMEWORKS,
    ),
    "pipelines/supervision": (
        "apache_beam",
        "training",
        "pipelines.domain",
        "pipelines.publishing",
        "pipelines.transforms",
    ),
    "pipelines/publishing": (
        "apache_beam",
        "training",
        "pipelines.supervision",
        "pipelines.transforms",
    ),
    "pipelines/retention": (
        "apache_beam",
        "training",
        "pipelines.inference",
        "pipelines.options",
        "pipelines.purge_options",
        "pipelines.supervision",
        "pipelines.transforms",
        *_FRAMEWORKS,
    ),
    # Reports read published tables; no photo and no model is run again.
    "pipelines/reporting": (
        "apache_beam",
        "training",
        "cv2",
        "pipelines.inference.engines",
        "pipelines.inference.keras_model",
        "pipelines.inference.openvino_engine",
        "pipelines.inference.tensorflow_engine",
        "pipelines.options",
        "pipelines.report_options",
        "pipelines.sample",
        "pipelines.supervision",
        "pipelines.transforms",
        *_FRAMEWORKS,
    ),
    "pipelines/transforms": (
        "training",
        "pipelines.config",
        "pipelines.options",
        "pipelines.publishing",
        "pipelines.supervision",
    ),
    "pipelines/sample": ("apache_beam", "training", "pipelines.transforms"),
    "training": ("apache_beam", "pipelines"),
}
_SHARED = (
    "pipelines.domain",
    "pipelines.inference",
    "pipelines.pages",
    "pipelines.storage",
)
"""What training and scoring share."""


def _cases() -> list[tuple[pathlib.Path, tuple[str, ...]]]:
    return [
        (path, banned)
        for layer, banned in _FORBIDDEN.items()
        for path in sorted((_ROOT / layer).rglob("*.py"))
    ]


def _imported_modules(path: pathlib.Path) -> set[str]:
    names = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize(
    ("path", "banned"), _cases(), ids=lambda value: getattr(value, "stem", "")
)
def test_layer_imports_nothing_above_it(path, banned):
    is_training = path.is_relative_to(_ROOT / "training")
    crossings = sorted(
        name
        for name in _imported_modules(path)
        if not (is_training and name.startswith(_SHARED))
        and f"{name}.".startswith(tuple(f"{top}." for top in banned))
    )
    assert crossings == []


def test_every_layer_is_there():
    for layer in _FORBIDDEN:
        assert any((_ROOT / layer).glob("*.py")), layer


def test_every_file_keeps_to_the_budget():
    long_files = {
        str(path.relative_to(_ROOT)): length
        for layer in ("schemas", "pipelines", "training", "benchmarks")
        for path in (_ROOT / layer).rglob("*.py")
        if (length := len(path.read_text().splitlines())) > 300
    }
    assert long_files == {}
