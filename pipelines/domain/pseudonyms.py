"""Pseudonyms of cashiers, baskets and audited sales.

Each kind has a key of its own, derived from one secret, so that the tables of
marketing and audit cannot be joined by them. A cashier id counts within its store:
two stores may give out the same one.
"""

import dataclasses
import datetime
import hashlib
import hmac

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MIN_SECRET_BYTES = 16
_DIGEST_BYTES = 10
_KINDS = ("cashier", "basket", "sale")


class WeakSecretError(ValueError):
    """The secret is too short to protect anyone."""


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Pseudonyms:
    """Keyed pseudonyms: the same secret gives the same ones.

    Attributes:
      secret: At least `MIN_SECRET_BYTES`; never shown.
    """

    secret: bytes

    def __post_init__(self) -> None:
        """Checks the length.

        Raises:
          WeakSecretError: the secret is too short.
        """
        if len(self.secret) < MIN_SECRET_BYTES:
            raise WeakSecretError(
                f"the pseudonym key must have at least {MIN_SECRET_BYTES} bytes; "
                f"it has {len(self.secret)}"
            )

    def cashier(self, store_id: str, cashier_id: str) -> str:
        """Names a cashier of one store."""
        pair = _measured(pa.array([store_id, cashier_id]))
        return _keyed(self.key("cashier"), "".join(pair.to_pylist()))

    @property
    def fingerprint(self) -> str:
        """Tells secrets apart, and gives none away; 20 hex digits."""
        return _keyed(self.key("fingerprint"), "")

    def key(self, kind: str) -> bytes:
        """Derives the key of one kind of names."""
        return hmac.digest(self.secret, f"tillage {kind}".encode(), "sha256")


def cashiers(receipts: pa.Table, secret: Pseudonyms | None) -> pa.Array:
    """Names the cashier of each receipt; null: none, or no secret.

    Args:
      receipts: `receipts.SCHEMA`.
      secret: None: cashier ids are left out.
    """
    if secret is None:
        return pa.nulls(receipts.num_rows, pa.string())
    pairs = zip(
        receipts["store_id"].to_pylist(),
        receipts["cashier_id"].to_pylist(),
        strict=True,
    )
    known: dict[tuple[str, str | None], str | None] = {}
    names = []
    for store_id, cashier_id in pairs:
        pair = store_id, cashier_id
        if pair not in known:
            known[pair] = cashier_id and secret.cashier(store_id, cashier_id)
        names.append(known[pair])
    return pa.array(names, pa.string())


def receipts_of_day(
    kind: str,
    receipts: pa.Table,
    rows: npt.NDArray[np.int64],
    day: datetime.date,
    secret: Pseudonyms | None,
) -> pa.Array:
    """Names receipts of a day.

    Without a secret the key of a register is the digest of the exact times of all
    its receipts. Whoever holds the log needs no names to find a receipt in it; for
    others, guessing the times gets harder with every receipt. Such names change
    when the log of the day does.

    Args:
      kind: `basket` or `sale`, which gives unrelated names.
      receipts: `receipts.SCHEMA`, sorted by store, register and transaction: all
        of each register.
      rows: Which of them to name.
      day: Trading day; transaction ids come back on other days.
      secret: None: names that need no secret.

    Returns:
      One name for each of `rows`.
    """
    if kind not in _KINDS:
        raise ValueError(f"kind must be one of {_KINDS}; received {kind!r}")
    messages = pc.binary_join_element_wise(
        pa.scalar(day.isoformat()),
        *(
            _measured(receipts[name].take(pa.array(rows)).combine_chunks())
            for name in ("store_id", "register_id", "transaction_id")
        ),
        "",
    ).to_pylist()
    if secret is None:
        register_keys = _register_keys(kind, receipts)
        keys = [register_keys[row] for row in rows.tolist()]
    else:
        keys = [secret.key(kind)] * len(rows)
    names = [_keyed(key, text) for key, text in zip(keys, messages, strict=True)]
    return pa.array(names, pa.string())


def _register_keys(kind: str, receipts: pa.Table) -> list[bytes]:
    registers = list(
        zip(
            receipts["store_id"].to_pylist(),
            receipts["register_id"].to_pylist(),
            strict=True,
        )
    )
    times = np.stack(
        [
            np.asarray(receipts[name].combine_chunks().cast(pa.int64()))
            for name in ("started_at", "paid_at")
        ],
        axis=1,
    )
    digests = {
        register: hashlib.sha256(f"tillage {kind}".encode()) for register in registers
    }
    for register, row in zip(registers, times, strict=True):
        digests[register].update(row.tobytes())
    return [digests[register].digest() for register in registers]


def _measured(texts: pa.Array) -> pa.Array:
    # Lengths, because ids may hold any character that could part them.
    lengths = pc.binary_length(texts).cast(pa.string())
    return pc.binary_join_element_wise(lengths, texts, ":")


def _keyed(key: bytes, message: str) -> str:
    digest = hmac.digest(key, message.encode(), "sha256")
    return digest[:_DIGEST_BYTES].hex()
