"""The secret behind the pseudonyms: from a file or the environment, never a flag.

Workers on other machines read it themselves, so that no job carries it.
"""

import functools
import os
import pathlib
from collections.abc import Callable

from pipelines import config
from pipelines.domain import pseudonyms
from pipelines.storage import roots

VARIABLE = "TILLAGE_PSEUDONYM_KEY"


class SecretError(Exception):
    """There is no usable secret; the message says how to give one."""


def load(secrecy: config.Secrecy) -> pseudonyms.Pseudonyms | None:
    """Reads the secret.

    Returns:
      What makes pseudonyms of it, or None where they are to be omitted.

    Raises:
      SecretError: it is missing, unreadable or too short.
      roots.StorageError: it lies in a bucket that cannot be used.
    """
    if secrecy.cashier_ids == "omit":
        return None
    if secrecy.key_file is not None:
        source, secret = secrecy.key_file, _read(secrecy.key_file)
    else:
        source, secret = f"${VARIABLE}", os.environ.get(VARIABLE, "").strip().encode()
    if not secret:
        raise SecretError(
            f"no pseudonym key: {source} is empty; set ${VARIABLE}, give "
            "--pseudonym-key-file, or choose --cashier-ids=omit"
        )
    try:
        return pseudonyms.Pseudonyms(secret)
    except pseudonyms.WeakSecretError as error:
        raise SecretError(
            f"{source}: {error}; make one with: openssl rand -hex 32"
        ) from error


def loader(secrecy: config.Secrecy) -> Callable[[], pseudonyms.Pseudonyms | None]:
    """Gives what loads the same secret on workers, wherever they have it.

    The secret itself does not travel. What is given raises `SecretError` where there
    is none, or another: a day with pseudonyms of two secrets would be of no use.

    Raises:
      SecretError: it is missing here, unreadable or too short.
    """
    return functools.partial(_load_same, secrecy, _fingerprint(load(secrecy)))


def _load_same(
    secrecy: config.Secrecy, fingerprint: str | None
) -> pseudonyms.Pseudonyms | None:
    found = load(secrecy)
    if _fingerprint(found) != fingerprint:
        raise SecretError(
            "the pseudonym key of this worker is not the one that the run was started "
            "with; every machine needs the same"
        )
    return found


def _fingerprint(found: pseudonyms.Pseudonyms | None) -> str | None:
    return None if found is None else found.fingerprint


def _read(key_file: str) -> bytes:
    folder, _, name = key_file.rpartition("/")
    try:
        if roots.is_remote(key_file):
            return roots.at(folder).read(name).strip()
        return pathlib.Path(key_file).read_bytes().strip()
    except OSError as error:
        raise SecretError(
            f"pseudonym key file {key_file} cannot be read: {error.strerror}"
        ) from error
