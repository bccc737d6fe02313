"""Pictures that are broken, or lie: bytes changed, and headers put together anew."""

import io
import struct
import zlib

import numpy as np
from hypothesis import strategies as st
from PIL import Image

SIZE = (64, 48)
"""Width and height of the pictures that the others are made of."""


def encoded(kind: str, mode: str = "RGB", **options) -> bytes:
    """Encodes a small picture."""
    rgb = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    rgb[..., 0] = np.linspace(0, 255, SIZE[0])
    rgb[..., 1] = np.linspace(0, 200, SIZE[1])[:, None]
    return written(Image.fromarray(rgb).convert(mode), kind, **options)


def written(picture: Image.Image, kind: str, **options) -> bytes:
    """Writes a picture as Pillow does."""
    sink = io.BytesIO()
    picture.save(sink, kind, **options)
    return sink.getvalue()


def _frames(kind: str) -> bytes:
    more = [Image.new("RGB", SIZE, (shade, 0, 0)) for shade in (40, 200)]
    return written(
        Image.new("RGB", SIZE), kind, save_all=True, append_images=more, duration=90
    )


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x112] = orientation
    return exif


SEEDS = {
    "jpeg": [
        encoded("JPEG"),
        encoded("JPEG", progressive=True),
        encoded("JPEG", "L"),
        encoded("JPEG", "CMYK"),
        encoded("JPEG", exif=_exif(6)),
        encoded("JPEG", restart_marker_blocks=4),
    ],
    "png": [
        encoded("PNG"),
        encoded("PNG", "P"),
        encoded("PNG", "RGBA"),
        encoded("PNG", "1"),
        encoded("PNG", exif=_exif(8)),
        _frames("PNG"),
    ],
    "webp": [
        encoded("WEBP"),
        encoded("WEBP", lossless=True),
        encoded("WEBP", "RGBA"),
        encoded("WEBP", exif=_exif(3)),
        _frames("WEBP"),
    ],
}


@st.composite
def changed(draw, seeds: list[bytes]) -> bytes:
    """One of the seeds with bytes set, cut out, repeated, or its end lost."""
    content = bytearray(draw(st.sampled_from(seeds)))
    odd = st.sampled_from([0, 1, 0x7F, 0x80, 0xFE, 0xFF]) | st.integers(0, 255)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(len(content) - 1, 0)))
        step = draw(st.sampled_from(["set", "set", "set", "cut", "repeat", "end"]))
        size = draw(st.integers(1, 64))
        if step == "set":
            content[at : at + 1] = bytes([draw(odd)])
        elif step == "cut":
            del content[at : at + size]
        elif step == "repeat":
            content[at:at] = content[at : at + size]
        else:
            del content[at:]
    return bytes(content)


_SIDES = st.sampled_from([0, 1, 7, 48, 64, 300, 4_000, 30_000, 65_535])


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


@st.composite
def _frame_header(draw) -> bytes:
    sizes = struct.pack(">BHH", 8, draw(_SIDES), draw(_SIDES))
    parts = b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    return _segment(draw(st.sampled_from([0xC0, 0xC1, 0xC2])), sizes + parts)


@st.composite
def _hidden_frame(draw) -> bytes:
    """A frame that who takes `FF 00` for a segment jumps over, or nearly."""
    jump = struct.pack(">H", draw(st.sampled_from([24, 25, 26])))
    decoy = _segment(0xFE, draw(_frame_header()))
    return b"\xff\x00" + jump + draw(_frame_header()) + decoy


@st.composite
def jpegs(draw) -> bytes:
    """JPEGs with more before the frame than belongs there, other frames too."""
    whole = SEEDS["jpeg"][0]
    frame = whole.index(b"\xff\xc0")
    piece = st.one_of(
        _frame_header(),
        _hidden_frame(),
        st.builds(lambda body: _segment(0xFE, body), _frame_header()),
        st.builds(
            lambda size: b"\xff\x00" + struct.pack(">H", size), st.integers(0, 60)
        ),
        st.builds(_segment, st.integers(0xC0, 0xFE), st.binary(max_size=8)),
        st.sampled_from([b"\xff", b"\xff\xd8", b"\xff\xd9", b"\0", b"\xff\x01"]),
    )
    pieces = draw(st.lists(piece, max_size=3))
    size = 2 + int.from_bytes(whole[frame + 2 : frame + 4], "big")
    after = frame + size * draw(st.integers(0, 1))
    return whole[:frame] + b"".join(pieces) + whole[after:]


def _chunk(name: bytes, body: bytes) -> bytes:
    check = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)


@st.composite
def pngs(draw) -> bytes:
    """PNGs of chunks that contradict each other, their checksums right."""
    whole = draw(st.sampled_from(SEEDS["png"]))
    header = st.builds(
        lambda width, height, depth, colour, interlaced: _chunk(
            b"IHDR",
            struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced),
        ),
        _SIDES,
        _SIDES,
        st.sampled_from([1, 8, 16]),
        st.sampled_from([0, 2, 3, 4, 6]),
        st.integers(0, 1),
    )
    frame = st.builds(
        lambda width, height, x, y: _chunk(
            b"fcTL", struct.pack(">IIIIIHHBB", 0, width, height, x, y, 1, 10, 0, 0)
        ),
        _SIDES,
        _SIDES,
        _SIDES,
        _SIDES,
    )
    names = [b"acTL", b"eXIf", b"iCCP", b"PLTE", b"tRNS", b"zTXt", b"IDAT", b"fdAT"]
    other = st.builds(_chunk, st.sampled_from(names), st.binary(max_size=24))
    pieces = draw(st.lists(header | frame | other, max_size=5))
    at = 33 if draw(st.booleans()) else 8
    return whole[:at] + b"".join(pieces) + whole[33:]


@st.composite
def webps(draw) -> bytes:
    """WebPs whose canvas, frames and pictures differ in size."""
    whole = draw(st.sampled_from(SEEDS["webp"][:2]))
    name, body = whole[12:16], bytearray(whole[20:])
    if draw(st.booleans()):
        at = 6 if name == b"VP8 " else 1
        body[at : at + 4] = struct.pack("<HH", draw(_SIDES), draw(_SIDES))
    canvas = b"".join(max(draw(_SIDES) - 1, 0).to_bytes(3, "little") for _ in range(2))
    flags = bytes([draw(st.sampled_from([0, 2, 0x10, 0x12])), 0, 0, 0])
    parts = [_part(name, bytes(body))] * draw(st.integers(1, 2))
    if flags[0] & 2:
        offsets = b"".join(draw(_SIDES).to_bytes(3, "little") for _ in range(4))
        frames = [_part(b"ANMF", offsets + b"\x0a\0\0\0" + part) for part in parts]
        parts = [_part(b"ANIM", b"\0" * 6), *frames]
    if draw(st.booleans()):
        parts.insert(0, _part(b"VP8X", flags + canvas))
    content = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(content)) + content


def _part(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def all_of(kind: str) -> st.SearchStrategy[bytes]:
    """Broken pictures and lying ones of one kind."""
    lying = {"jpeg": jpegs(), "png": pngs(), "webp": webps()}[kind]
    return changed(SEEDS[kind]) | lying
