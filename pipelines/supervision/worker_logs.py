"""What Beam's workers say, in words for people.

Beam's in-process runner logs each message of a worker process as the text of a
protocol buffer, with the whole traceback on one line.
"""

import ast
import logging
import re
import threading

from pipelines.supervision import outages

_LOGGER = "apache_beam.runners.portability.local_job_service"
_MESSAGE = re.compile(r'message: ("(?:[^"\\]|\\.)*")')
_NOT_FOR_PEOPLE = (
    # Of every run, and of no consequence here.
    "No semi_persistent_directory found",
    "Resource module is not available",
    # The pipeline raises the same.
    "Error processing instruction",
)


def configure(output_root: str | None = None) -> None:
    """Sets up the log of the process that runs the graph: warnings, to stderr.

    Args:
      output_root: Where the run publishes, if its workers are on this machine: then a
        full or read-only disk ends the process with `supervise.FAILED` and one line,
        before the workers that go down with it add pages.
    """
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger(_LOGGER).addFilter(_to_words)
    logging.getLogger().addFilter(_is_for_people)
    if output_root is not None:
        for handler in logging.getLogger().handlers:
            handler.addFilter(_OutageFilter(output_root))


class _OutageFilter(logging.Filter):
    def __init__(self, output_root: str) -> None:
        super().__init__()
        self._output_root = output_root
        # Each worker says it, on a thread of its own.
        self._ending = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        line = outages.line(record.getMessage(), self._output_root)
        if line is not None and record.levelno >= logging.ERROR:
            self._ending.acquire()
            outages.end_with(line)
        return True


def _to_words(record: logging.LogRecord) -> bool:
    message = _MESSAGE.search(record.getMessage())
    if message:
        record.msg, record.args = "%s", (ast.literal_eval(message[1]),)
    return _is_for_people(record)


def _is_for_people(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(_NOT_FOR_PEOPLE)
