"""The secret behind the pseudonyms: from a file or the environment, never a flag.

Workers on other machines read it themselves, so that no job carries it.
"""

import os
import pathlib

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


def _read(key_file: str) -> bytes:
    folder, _, name = key_file.rpartition("/")
    try:
        if "://" in key_file:
            return roots.at(folder).read(name).strip()
        return pathlib.Path(key_file).read_bytes().strip()
    except OSError as error:
        raise SecretError(
            f"pseudonym key file {key_file} cannot be read: {error.strerror}"
        ) from error
