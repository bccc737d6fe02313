import logging

import pytest

from pipelines.supervision import worker_logs

_LOGGER = "apache_beam.runners.portability.local_job_service"


@pytest.fixture
def logged(caplog):
    root, logger = logging.getLogger(), logging.getLogger(_LOGGER)
    before = [(place, list(place.filters)) for place in (root, logger, *root.handlers)]
    worker_logs.configure("/warehouse")
    yield lambda text: _log(caplog, logger, text)
    for place, filters in before:
        place.filters[:] = filters


def _log(caplog, logger, text):
    caplog.clear()
    logger.warning("Worker: %s", text)
    return [record.getMessage() for record in caplog.records]


def test_message_of_a_worker_is_unwrapped(logged):
    text = (
        'severity: WARN timestamp { seconds: 1 } message: "a \\"b\\"\\nc" thread: "x"'
    )
    assert logged(text) == ['a "b"\nc']


@pytest.mark.parametrize(
    "message", ["No semi_persistent_directory found:  User", "Resource module is not"]
)
def test_what_every_run_says_is_left_out(logged, message):
    text = f'severity: WARN message: "{message} available for current platform"'
    assert logged(text) == []


def test_a_text_of_another_form_is_left_as_it_is(logged):
    assert logged("lost connection") == ["Worker: lost connection"]
