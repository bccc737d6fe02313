"""Photos that a camera should not write, of a rendered face and of nothing."""

import functools
import random
import struct
import zlib

import cv2
import numpy as np
from PIL import Image

from pipelines.sample import frames, looks
from tests.fuzz import pictures

_FORMATS = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp"}
_BEST = {
    "JPEG": {"quality": 100, "subsampling": 0},
    "PNG": {},
    "WEBP": {"lossless": True},
}
BOMB_SIDE = 30_000


@functools.cache
def face() -> Image.Image:
    """Renders a frame with one face."""
    look = looks.sample_look(np.random.default_rng(1))
    person = frames.Rendered(look=look, age_years=35)
    return Image.fromarray(frames.picture(np.random.default_rng(0), 5, [person]))


@functools.cache
def turned() -> dict[str, bytes]:
    """The face in each format and orientation; all are to be seen upright."""
    # What a camera stores so that its orientation makes an upright picture of it.
    steps = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    found = {}
    for kind, suffix in _FORMATS.items():
        for orientation, step in steps.items():
            stored = face() if step is None else face().transpose(step)
            exif = Image.Exif()
            exif[0x112] = orientation
            encoded = pictures.written(stored, kind, exif=exif, **_BEST[kind])
            found[f"turned-{orientation}{suffix}"] = encoded
    return found


def _sixteen_bits() -> bytes:
    wide = np.asarray(face()).astype(np.uint16)[..., ::-1] * 257
    return cv2.imencode(".png", wide)[1].tobytes()


@functools.cache
def unusual() -> dict[str, bytes]:
    """The face as few cameras write it; each is a good photo."""
    write, rgb = pictures.written, face()
    other = rgb.rotate(90).resize(rgb.size)
    frames_of = {"save_all": True, "append_images": [other], "duration": 90}
    return {
        "cmyk.jpg": write(rgb.convert("CMYK"), "JPEG", quality=95),
        "grey.jpg": write(rgb.convert("L"), "JPEG", quality=95),
        "grey.png": write(rgb.convert("L"), "PNG"),
        "grey-alpha.png": write(rgb.convert("LA"), "PNG"),
        "palette.png": write(rgb.convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
        "alpha.png": write(rgb.convert("RGBA"), "PNG"),
        "alpha.webp": write(rgb.convert("RGBA"), "WEBP", lossless=True),
        "sixteen-bits.png": _sixteen_bits(),
        "progressive.jpg": write(rgb, "JPEG", quality=95, progressive=True),
        "restarts.jpg": write(rgb, "JPEG", quality=95, restart_marker_blocks=2),
        "animated.webp": write(rgb, "WEBP", lossless=True, **frames_of),
        "animated.png": write(rgb, "PNG", **frames_of),
        "a-jpeg.png": write(rgb, "JPEG", quality=95),
        "a-png.webp": write(rgb, "PNG"),
        "a-webp.jpg": write(rgb, "WEBP", lossless=True),
        "padded.jpg": write(rgb, "JPEG", quality=95) + bytes(4_096),
    }


@functools.cache
def tiny() -> dict[str, bytes]:
    """Pictures without room for a face."""
    sizes = {"1x1": (1, 1), "1-high": (16_000, 1), "1-wide": (1, 16_000)}
    return {
        f"{name}{suffix}": pictures.written(Image.new("RGB", size), kind)
        for name, size in sizes.items()
        for kind, suffix in _FORMATS.items()
    }


@functools.cache
def cut(num_places: int = 10) -> dict[str, bytes]:
    """The face in each format, its end lost."""
    found = {}
    for kind, suffix in _FORMATS.items():
        whole = pictures.written(face(), kind, **_BEST[kind])
        for place in range(num_places):
            size = len(whole) * place // num_places
            found[f"cut-{place}{suffix}"] = whole[:size]
    return found


@functools.cache
def flipped(num_seeds: int = 40) -> dict[str, bytes]:
    """The face in each format with one to eight bits turned."""
    found = {}
    for kind, suffix in _FORMATS.items():
        whole = pictures.written(face(), kind)
        for seed in range(num_seeds):
            rng, changed = random.Random(seed), bytearray(whole)
            for _ in range(rng.randint(1, 8)):
                changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
            found[f"flipped-{seed}{suffix}"] = bytes(changed)
    return found


@functools.cache
def no_photos() -> dict[str, bytes]:
    """Files that only have the names of photos."""
    small = face().resize((64, 48))
    others = {
        kind.lower(): pictures.written(small, kind)
        for kind in ("GIF", "BMP", "TIFF", "ICO", "PPM", "JPEG2000")
    }
    others |= {
        "text": b"not a photo\n",
        "page": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "zeros": bytes(4_096),
        "soi": b"\xff\xd8\xff",
        "elf": b"\x7fELF" + bytes(60),
    }
    found = {
        f"{name}{suffix}": content
        for name, content in others.items()
        for suffix in _FORMATS.values()
    }
    return found | {f"empty{suffix}": b"" for suffix in _FORMATS.values()}


def _small_jpeg() -> bytes:
    return pictures.encoded("JPEG")


def _frame_of(encoded: bytes) -> tuple[int, bytes]:
    start = encoded.index(b"\xff\xc0")
    size = int.from_bytes(encoded[start + 2 : start + 4], "big")
    return start, encoded[start : start + 2 + size]


def _resized(frame: bytes, side: int) -> bytes:
    return frame[:5] + struct.pack(">HH", side, side) + frame[9:]


def _jpeg_of(side: int) -> bytes:
    whole = _small_jpeg()
    start, frame = _frame_of(whole)
    return whole[:start] + _resized(frame, side) + whole[start + len(frame) :]


def two_headers(side: int) -> bytes:
    """A JPEG whose true frame is skipped by who takes `FF 00` for a segment."""
    whole = _small_jpeg()
    start, frame = _frame_of(whole)
    true = _resized(frame, side)
    comment = b"\xff\xfe" + struct.pack(">H", len(frame) + 2) + frame
    jump = b"\xff\x00" + struct.pack(">H", 2 + len(true) + 4)
    return whole[:start] + jump + true + comment + whole[start + len(frame) :]


def many_scans(num_scans: int) -> bytes:
    """A progressive JPEG of 49 million pixels that is gone over many times."""
    whole = _large("JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    size = int.from_bytes(whole[last + 2 : last + 4], "big")
    scan = whole[last : last + 2 + size] + b"\0"
    end = whole.rindex(b"\xff\xd9")
    return whole[:end] + scan * num_scans + whole[end:]


def _png_of(side: int) -> bytes:
    # The rows are there, and take a thousandth of their size.
    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * side)
    rows = b"".join(packer.compress(row) for _ in range(64)) + packer.flush()
    sizes = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", sizes), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body))
        + name
        + body
        + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def _webp_of(side: int) -> bytes:
    inner = pictures.encoded("WEBP")[12:]
    canvas = (side - 1).to_bytes(3, "little") * 2
    content = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + canvas + inner
    return b"RIFF" + struct.pack("<I", len(content)) + content


def _lossless_webp_of(side: int) -> bytes:
    whole = bytearray(pictures.encoded("WEBP", lossless=True))
    at = bytes(whole).index(b"VP8L") + 9
    (bits,) = struct.unpack("<I", whole[at : at + 4])
    size = (side - 1) | (side - 1) << 14
    whole[at : at + 4] = struct.pack("<I", bits & 0xF0000000 | size)
    return bytes(whole)


def _large(kind: str, **options) -> bytes:
    return pictures.written(
        Image.new("RGB", (7_000, 7_000), (90, 120, 130)), kind, **options
    )


def _turned_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x112] = 6
    return exif


BOMBS = {
    "bomb.jpg": functools.partial(_jpeg_of, BOMB_SIDE),
    "bomb.png": functools.partial(_png_of, BOMB_SIDE),
    "bomb.webp": functools.partial(_webp_of, BOMB_SIDE),
    "bomb-lossless.webp": functools.partial(_lossless_webp_of, 16_384),
    "two-headers.jpg": functools.partial(two_headers, 20_000),
    "scans.jpg": functools.partial(many_scans, 1_000),
}
"""Small files that ask for gigabytes, or for minutes."""

LARGE = {
    "large.jpg": lambda: _large("JPEG", exif=_turned_exif()),
    "large-progressive.jpg": lambda: _large("JPEG", progressive=True),
    "large.png": lambda: _large("PNG", exif=_turned_exif(), compress_level=1),
    "large.webp": lambda: _large("WEBP", lossless=True, method=0),
}
"""The largest pictures that are taken: 49 million pixels."""
