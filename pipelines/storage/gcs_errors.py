"""Errors of Google Cloud Storage, in words for people."""

import contextlib
from collections.abc import Iterator

from google.api_core import exceptions
from google.auth import exceptions as auth_exceptions

from pipelines.storage import roots

_PASSING = (exceptions.RetryError, exceptions.ServerError, exceptions.TooManyRequests)


@contextlib.contextmanager
def clear(place: str) -> Iterator[None]:
    """Says in one line what is wrong at a place, and how to mend what people can.

    Raises:
      FileNotFoundError: there is no such object.
      roots.StorageError: the storage refuses, or fails for good.
    """
    try:
        yield
    except exceptions.NotFound as error:
        raise FileNotFoundError(2, "No such object", place) from error
    except (exceptions.Unauthorized, exceptions.Forbidden) as error:
        raise roots.StorageError(
            f"{place}: access refused; this account needs the role Storage Object "
            f"User on the bucket ({error.message})"
        ) from error
    except _PASSING as error:
        raise roots.UnavailableError(f"{place}: {error.message}") from error
    except exceptions.GoogleAPICallError as error:
        raise roots.StorageError(f"{place}: {error.message}") from error
    except (auth_exceptions.TransportError, OSError) as error:
        raise roots.UnavailableError(f"{place}: {error}") from error
    except auth_exceptions.GoogleAuthError as error:
        raise roots.StorageError(f"{place}: {error}") from error
