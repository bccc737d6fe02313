"""Tars that are broken, or lie in their headers, whose checksums are right."""

import io
import tarfile

from hypothesis import strategies as st

from tests.fuzz import pictures

_TYPES = b"0123456xgLKSV"


def header(name: str, size: int = 0, kind: bytes = b"0") -> bytes:
    """Writes one honest header."""
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    return member.tobuf(tarfile.GNU_FORMAT)


def with_size(block: bytes, field: bytes) -> bytes:
    """Puts twelve bytes in the place of a header's size, and mends its checksum."""
    changed = bytearray(block[:124] + field + block[136:])
    changed[148:156] = b" " * 8
    changed[148:156] = b"%06o\0 " % sum(changed[:512])
    return bytes(changed)


def base_256(size: int) -> bytes:
    """Writes a size as GNU tar does a large one; it may be negative."""
    if size < 0:
        return b"\xff" * 4 + size.to_bytes(8, "big", signed=True)
    return b"\x80" + size.to_bytes(11, "big")


def padded(content: bytes) -> bytes:
    """Fills the last block."""
    return content + bytes(-len(content) % tarfile.BLOCKSIZE)


def pax(records: dict[bytes, bytes], kind: bytes = b"x") -> bytes:
    """Writes a header of POSIX records, each with its true length."""
    content = b""
    for key, value in records.items():
        rest = b" " + key + b"=" + value + b"\n"
        length = len(rest)
        while len(b"%d" % length) + len(rest) != length:
            length = len(b"%d" % length) + len(rest)
        content += b"%d" % length + rest
    return header("pax", len(content), kind) + padded(content)


END = bytes(2 * tarfile.BLOCKSIZE)
_SIZES = st.sampled_from(
    [0, 3, 511, 512, 513, -1, -512, -1024, 2**20, 2**33, 2**62, 2**80]
)
_NAMES = st.sampled_from(
    ["a.jpg", "b.png", "../c.jpg", "/d.jpg", "e/f.jpg", "g", "h\\i.jpg", "é.jpg"]
)
_KEYS = st.sampled_from(
    [
        b"path", b"size", b"mtime", b"hdrcharset", b"linkpath", b"uid", b"comment",
        b"GNU.sparse.major", b"GNU.sparse.minor", b"GNU.sparse.map", b"GNU.sparse.name",
        b"GNU.sparse.size", b"GNU.sparse.realsize", b"GNU.sparse.numblocks",
    ]
)  # fmt: skip
_VALUES = st.sampled_from(
    [
        b"0", b"1", b"3", b"-1", b"-512", b"1e9", b"nan", b"x\0y.jpg", b"BINARY",
        b"\xff.jpg", b"9" * 30, b"0,1", b"p.jpg", b"../q.jpg", b"",
    ]
)  # fmt: skip


@st.composite
def _member(draw) -> bytes:
    content = draw(st.binary(max_size=600))
    kind = draw(st.integers(0, len(_TYPES) - 1))
    block = header(draw(_NAMES), len(content), _TYPES[kind : kind + 1])
    if draw(st.booleans()):
        block = with_size(block, base_256(draw(_SIZES)))
    return block + padded(content)


_pax = st.builds(pax, st.dictionaries(_KEYS, _VALUES, max_size=4))
_honest = st.builds(
    lambda name, content: header(name, len(content)) + padded(content),
    _NAMES,
    st.binary(max_size=40),
)


@st.composite
def lying(draw) -> bytes:
    """Headers of all kinds, one after the other."""
    pieces = draw(st.lists(_honest | _member() | _pax, max_size=6))
    return b"".join(pieces) + draw(st.sampled_from([END, END[:512], b""]))


def _whole(form: int) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=form) as batch:
        for number in range(3):
            member = tarfile.TarInfo(f"store/{'n/' * 20 * number}é{number}.jpg")
            member.size = 40
            batch.addfile(member, io.BytesIO(bytes(40)))
    return sink.getvalue()[:6_000]


SEEDS = [
    _whole(form)
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
]
ALL = lying() | pictures.changed(SEEDS)
