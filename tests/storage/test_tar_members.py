"""Tars whose headers lie: what stands before the lie is kept, and nothing hangs."""

import io
import tarfile

import pytest

from pipelines.storage import tar_members
from tests.fuzz import batches

_GOOD = batches.header("a.jpg", 3) + batches.padded(b"abc")
_NEXT = batches.header("b.jpg")


def _sized(kind: bytes, size: int) -> bytes:
    return batches.with_size(
        batches.header("x", kind=kind), batches.base_256(size)
    ) + batches.padded(b"x")


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        (_sized(b"0", -512) + _NEXT, "less than no bytes"),
        (batches.pax({b"size": b"-512"}) + _NEXT, "less than no bytes"),
        (batches.padded(_sized(b"S", -1_024)[:512]) + _NEXT, "less than no bytes"),
        (_sized(b"0", 2**33) + _NEXT, "unexpected end"),
        (_sized(b"L", 2**33) + _NEXT, "claims 8589934592 bytes"),
        (_sized(b"x", 2**62) + _NEXT, "claims 4611686018427387904 bytes"),
        (_sized(b"K", 2**80) + _NEXT, "claims 1208925819614629174706176 bytes"),
        (_sized(b"L", -512) + _NEXT, "claims -512 bytes"),
        ((batches.header("l", 512, b"L") + b"x" * 512) * 3_000, "nested too deeply"),
        (batches.pax({b"path": b"p"}) * 3_000, "nested too deeply"),
        (
            batches.header("x", 400_000, b"x") + batches.padded(b"1" * 400_000),
            "number of 256 digits",
        ),
        (batches.pax({b"GNU.sparse.map": b"0,x"}) + _NEXT, "invalid literal"),
        (b"\xff" * 512 + _NEXT, "no header and no end mark"),
        (_NEXT[:100], "no header and no end mark"),
        (b"", "no header and no end mark"),
    ],
)
def test_what_stands_before_a_lie_is_kept(rest, reason):
    end = b"" if reason.startswith("no header") else batches.END
    members = tar_members.read(io.BytesIO(_GOOD + rest + end))
    assert next(members).name == "a.jpg"
    with pytest.raises(tarfile.TarError, match=reason):
        for _ in members:
            pass


def test_an_honest_tar_has_its_members():
    content = _GOOD + batches.header("folder", kind=b"5") + _NEXT + batches.END
    names = [member.name for member in tar_members.read(io.BytesIO(content))]
    assert names == ["a.jpg", "b.jpg"]
