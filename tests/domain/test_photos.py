import contextlib
import resource
import struct
import zlib

import cv2
import hypothesis
import numpy as np
import psutil
import pytest
from hypothesis import strategies as st

from pipelines.domain import photos

_EXIF_ROTATED = (
    b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHH", 0x112, 3, 1, 6, 0) + b"\0\0\0\0"
)


def _picture(height=48, width=64) -> np.ndarray:
    """A red top on a blue bottom, with a gradient for the encoder to work on."""
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[: height // 2, :, 0] = np.linspace(120, 250, width).astype(np.uint8)
    rgb[height // 2 :, :, 2] = 200
    return rgb


def _encoded(suffix: str, rgb: np.ndarray | None = None, **options) -> bytes:
    picture = _picture() if rgb is None else rgb
    flags = [number for pair in options.values() for number in pair]
    found, encoded = cv2.imencode(
        suffix, np.ascontiguousarray(picture[:, :, ::-1]), flags
    )
    assert found
    return encoded.tobytes()


JPEG = _encoded(".jpg")
PROGRESSIVE = _encoded(".jpg", progressive=(cv2.IMWRITE_JPEG_PROGRESSIVE, 1))
PNG = _encoded(".png")
WEBP = _encoded(".webp", quality=(cv2.IMWRITE_WEBP_QUALITY, 90))
LOSSLESS_WEBP = _encoded(".webp", quality=(cv2.IMWRITE_WEBP_QUALITY, 101))
ALL = {
    "jpeg": JPEG,
    "progressive jpeg": PROGRESSIVE,
    "png": PNG,
    "webp": WEBP,
    "lossless webp": LOSSLESS_WEBP,
}


@pytest.mark.parametrize("encoded", ALL.values(), ids=ALL)
def test_decodes_to_rgb(encoded):
    rgb = photos.decode_photo(encoded)

    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    assert np.abs(rgb.astype(int) - _picture()).mean() < 5
    assert rgb[5, 40, 0] > 150 > rgb[5, 40, 2]
    assert rgb[40, 40, 2] > 150 > rgb[40, 40, 0]


@pytest.mark.parametrize(
    "picture",
    [_picture()[:, :, 0], np.dstack([_picture(), _picture()[:, :, 0]])],
    ids=["grey", "with alpha"],
)
def test_decodes_other_channels_to_rgb(picture):
    _, encoded = cv2.imencode(".png", picture)

    assert photos.decode_photo(encoded.tobytes()).shape == (48, 64, 3)


def test_decodes_sixteen_bits_to_eight():
    _, encoded = cv2.imencode(".png", _picture().astype(np.uint16) * 257)

    assert photos.decode_photo(encoded.tobytes()).dtype == np.uint8


def _with_jpeg_exif(encoded: bytes) -> bytes:
    body = b"Exif\0\0" + _EXIF_ROTATED
    return (
        encoded[:2]
        + b"\xff\xe1"
        + struct.pack(">H", len(body) + 2)
        + body
        + (encoded[2:])
    )


def _with_png_exif(encoded: bytes) -> bytes:
    chunk = b"eXIf" + _EXIF_ROTATED
    check = struct.pack(">I", zlib.crc32(chunk))
    return (
        encoded[:33]
        + struct.pack(">I", len(_EXIF_ROTATED))
        + chunk
        + check
        + (encoded[33:])
    )


@pytest.mark.parametrize(
    ("encoded", "least_px", "divisor"),
    [
        (JPEG, None, 1),
        (JPEG, 49, 1),
        (JPEG, 24, 2),
        (PROGRESSIVE, 12, 4),
        (JPEG, 1, 8),
        (PNG, 1, 1),
        (WEBP, 1, 1),
    ],
)
def test_decodes_no_larger_than_need_be(encoded, least_px, divisor):
    rgb, found = photos.decode_shrunk(encoded, least_px)

    assert found == divisor
    assert rgb.shape == (48 // divisor, 64 // divisor, 3)
    assert rgb[0, -1, 0] > 150 > rgb[0, -1, 2]
    assert rgb[-1, 0, 2] > 150 > rgb[-1, 0, 0]


def test_a_shrunk_photo_is_upright():
    rgb, divisor = photos.decode_shrunk(_with_jpeg_exif(JPEG), 24)

    assert (rgb.shape, divisor) == ((32, 24, 3), 2)
    assert rgb[20, 20, 0] > 150 > rgb[20, 20, 2]


@pytest.mark.parametrize(
    "encoded", [_with_jpeg_exif(JPEG), _with_png_exif(PNG)], ids=["jpeg", "png"]
)
def test_turns_the_photo_upright(encoded):
    rgb = photos.decode_photo(encoded)

    assert rgb.shape == (64, 48, 3)
    # Orientation 6: the stored top is shown on the right.
    assert rgb[40, 40, 0] > 150 > rgb[40, 40, 2]
    assert rgb[40, 8, 2] > 150 > rgb[40, 8, 0]


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        (b"", "is empty"),
        (b"not a photo\n", "is not a JPEG, PNG or WebP picture"),
        (b"\0" * 4096, "is not a JPEG, PNG or WebP picture"),
        (b"GIF89a" + b"\0" * 100, "is not a JPEG, PNG or WebP picture"),
        (JPEG[:3], "cut short"),
        (JPEG[: len(JPEG) // 2], "cut short"),
        (JPEG[:-1], "cut short"),
        (JPEG[:-2] + b"\0" * 100, "cut short"),
        (PROGRESSIVE[: len(PROGRESSIVE) // 2], "cut short"),
        (PNG[:20], "cut short"),
        (PNG[: len(PNG) // 2], "cut short"),
        (PNG[:-12], "cut short"),
        (WEBP[:15], "cut short"),
        (WEBP[: len(WEBP) // 2], "cut short"),
        (LOSSLESS_WEBP[:-1], "cut short"),
        (PNG[:60] + b"\xff" + PNG[61:], "damaged"),
    ],
)
def test_refuses_what_is_not_one_complete_picture(encoded, reason):
    with pytest.raises(photos.UnusablePhotoError, match=reason):
        photos.decode_photo(encoded)


def test_takes_a_jpeg_padded_after_its_end():
    padded = photos.decode_photo(JPEG + b"\0" * 512)

    np.testing.assert_array_equal(padded, photos.decode_photo(JPEG))


def _bomb_jpeg() -> bytes:
    start = JPEG.index(b"\xff\xc0")
    size = struct.pack(">HH", 65_000, 65_000)
    return JPEG[: start + 5] + size + JPEG[start + 9 :]


def _bomb_png() -> bytes:
    header = b"IHDR" + struct.pack(">II", 30_000, 30_000) + PNG[24:29]
    check = struct.pack(">I", zlib.crc32(header))
    return PNG[:12] + header + check + PNG[33:]


def _bomb_webp() -> bytes:
    frame = WEBP.index(b"VP8 ") + 14
    size = struct.pack("<HH", 16_383, 16_383)
    return WEBP[:frame] + size + WEBP[frame + 4 :]


@pytest.mark.parametrize(
    "encoded", [_bomb_jpeg(), _bomb_png(), _bomb_webp()], ids=["jpeg", "png", "webp"]
)
def test_refuses_a_bomb_by_its_header(encoded):
    with pytest.raises(photos.UnusablePhotoError, match="more than 50,000,000"):
        photos.decode_photo(encoded)


def test_refuses_a_jpeg_without_pixels():
    start = JPEG.index(b"\xff\xc0")
    encoded = JPEG[: start + 5] + b"\0\0\0\0" + JPEG[start + 9 :]

    with pytest.raises(photos.UnusablePhotoError, match="no pixels"):
        photos.decode_photo(encoded)


@hypothesis.settings(max_examples=300, deadline=None)
@hypothesis.given(
    encoded=st.sampled_from(list(ALL.values())),
    edits=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=8),
    length=st.integers(0, 6000),
)
def test_raises_nothing_but_its_own_error(encoded, edits, length):
    mutated = bytearray(encoded)
    for position, value in edits:
        mutated[position % len(mutated)] = value

    with contextlib.suppress(photos.UnusablePhotoError):
        rgb = photos.decode_photo(bytes(mutated[:length]))
        assert rgb.ndim == 3
        assert rgb.shape[2] == 3


@hypothesis.given(st.binary(max_size=200))
def test_raises_nothing_but_its_own_error_on_noise(noise):
    for start in (
        b"",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x20\0\0\0WEBPVP8 ",
    ):
        with pytest.raises(photos.UnusablePhotoError):
            photos.decode_photo(start + noise)


def test_too_little_memory_is_no_fault_of_the_photo():
    grey = np.zeros((6_000, 8_000), np.uint8)
    encoded = cv2.imencode(".png", grey)[1].tobytes()
    before = resource.getrlimit(resource.RLIMIT_AS)
    used = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**20, before[1]))
    try:
        with pytest.raises(MemoryError):
            photos.decode_photo(encoded)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
