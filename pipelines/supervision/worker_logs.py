"""What Beam's workers say, in words for people.

Beam's in-process runner logs each message of a worker process as the text of a
protocol buffer, with the whole traceback on one line.
"""

import ast
import logging
import re

_LOGGER = "apache_beam.runners.portability.local_job_service"
_MESSAGE = re.compile(r'message: ("(?:[^"\\]|\\.)*")')
_NOT_FOR_PEOPLE = (
    # Of every run, and of no consequence here.
    "No semi_persistent_directory found",
    "Resource module is not available",
    # The pipeline raises the same.
    "Error processing instruction",
)


def configure() -> None:
    """Sets up the log of the process that runs the graph: warnings, to stderr."""
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger(_LOGGER).addFilter(_to_words)
    logging.getLogger().addFilter(_is_for_people)


def _to_words(record: logging.LogRecord) -> bool:
    message = _MESSAGE.search(record.getMessage())
    if message:
        record.msg, record.args = "%s", (ast.literal_eval(message[1]),)
    return _is_for_people(record)


def _is_for_people(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(_NOT_FOR_PEOPLE)
