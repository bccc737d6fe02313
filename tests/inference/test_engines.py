import pytest

from pipelines.inference import engines


def test_installed_engines_pass():
    for engine in engines.ENGINES:
        engines.check_installed(engine)


def test_missing_engine_is_named_with_its_remedy():
    with pytest.raises(engines.EngineError, match=r"pip install 'tillage\[nowhere\]'"):
        engines.check_installed("nowhere")
