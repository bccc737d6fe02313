"""Decodes checkout photos: JPEG, PNG and WebP, whole or not at all."""

import cv2
import numpy as np
import numpy.typing as npt

MAX_PIXELS = 50_000_000
"""Larger pictures are refused from their header, before memory is spent on them."""

_REDUCED = {
    1: cv2.IMREAD_COLOR_RGB,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
_JPEG_START = b"\xff\xd8\xff"
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_JPEG_END = b"\xff\xd9"
# Start-of-frame markers; C4, C8 and CC lie in their range but mean other things.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Markers that stand alone, without a length.
_JPEG_BARE = frozenset(range(0xD0, 0xD9)) | {0x01}
_JPEG_SCAN = b"\xff\xda"
# A progressive photo has about ten. A few bytes more make one more, and the decoder
# goes over all pixels for each: minutes for a megabyte.
_MAX_JPEG_SCANS = 100


class UnusablePhotoError(Exception):
    """The bytes are not one complete picture; the message says what is wrong."""


def decode_photo(encoded: bytes) -> npt.NDArray[np.uint8]:
    """Decodes one checkout photo.

    Args:
      encoded: A JPEG, PNG or WebP file.

    Returns:
      RGB pixels, shape `(height, width, 3)`, dtype uint8, range 0 to 255, upright
      (an EXIF orientation is applied).

    Raises:
      UnusablePhotoError: `encoded` is not one complete image, or has more than
        `MAX_PIXELS`.
      MemoryError: there is too little memory for it.
    """
    return decode_shrunk(encoded)[0]


def decode_shrunk(
    encoded: bytes, least_px: int | None = None
) -> tuple[npt.NDArray[np.uint8], int]:
    """Decodes a photo no larger than need be: JPEG can be decoded at a fraction.

    Args:
      encoded: See `decode_photo`.
      least_px: Both sides are to stay as long as that, if they are; None: as it is.

    Returns:
      Pixels as `decode_photo` gives them, and by how much their sides are divided:
      1, 2, 4 or 8.

    Raises:
      UnusablePhotoError: see `decode_photo`.
    """
    height, width = _size_of(encoded)
    if height * width == 0:
        raise UnusablePhotoError("has no pixels")
    if height * width > MAX_PIXELS:
        raise UnusablePhotoError(
            f"has {width} x {height} pixels, more than {MAX_PIXELS:,}"
        )
    divisor = 1
    if least_px is not None and encoded.startswith(_JPEG_START):
        divisor = max(
            part
            for part in _REDUCED
            if part == 1 or min(height, width) >= part * least_px
        )
    try:
        rgb = cv2.imdecode(np.frombuffer(encoded, np.uint8), _REDUCED[divisor])
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise MemoryError(error.err) from error
        raise UnusablePhotoError(f"cannot be decoded: {error.err}") from error
    if rgb is None:
        raise UnusablePhotoError("is cut short or damaged")
    # OpenCV documents no reduced decoding in this order of colours.
    if divisor > 1:
        rgb = cv2.cvtColor(rgb, cv2.COLOR_BGR2RGB)
    return np.asarray(rgb, dtype=np.uint8), divisor


def _size_of(encoded: bytes) -> tuple[int, int]:
    """Reads (height, width) from the header."""
    if not encoded:
        raise UnusablePhotoError("is empty")
    try:
        if encoded.startswith(_JPEG_START):
            return _jpeg_size(encoded)
        if encoded.startswith(_PNG_SIGNATURE):
            return _png_size(encoded)
        if encoded[:4] == b"RIFF" and encoded[8:12] == b"WEBP":
            return _webp_size(encoded)
    except IndexError as error:
        raise UnusablePhotoError("is cut short in its header") from error
    raise UnusablePhotoError("is not a JPEG, PNG or WebP picture")


def _jpeg_size(encoded: bytes) -> tuple[int, int]:
    position = 2
    while True:
        marker = encoded[position + 1]
        # The decoder skips a zero to look for the next marker: it would read another
        # header than this function does.
        if encoded[position] != 0xFF or not marker:
            raise UnusablePhotoError("is a JPEG with a damaged header")
        if marker in _JPEG_FRAMES:
            break
        if marker == 0xFF:
            position += 1
        elif marker in _JPEG_BARE:
            position += 2
        else:
            position += 2 + max(2, _big_endian(encoded, position + 2))
    if encoded.find(_JPEG_END, position) < 0:
        raise UnusablePhotoError("is a JPEG cut short before its end marker")
    if (num_scans := encoded.count(_JPEG_SCAN, position)) > _MAX_JPEG_SCANS:
        raise UnusablePhotoError(
            f"is a JPEG of {num_scans:,} scans, more than {_MAX_JPEG_SCANS}"
        )
    return _big_endian(encoded, position + 5), _big_endian(encoded, position + 7)


def _png_size(encoded: bytes) -> tuple[int, int]:
    if encoded.find(b"IEND", 24) < 0:
        raise UnusablePhotoError("is a PNG cut short before its end")
    width, height = (_big_endian(encoded, at, 4) for at in (16, 20))
    return height, width


def _webp_size(encoded: bytes) -> tuple[int, int]:
    if int.from_bytes(encoded[4:8], "little") + 8 > len(encoded):
        raise UnusablePhotoError("is a WebP cut short")
    kind = encoded[12:16]
    if kind == b"VP8X":
        return _little_endian(encoded, 27, 3) + 1, _little_endian(encoded, 24, 3) + 1
    if kind == b"VP8L":
        bits = _little_endian(encoded, 21, 4)
        return (bits >> 14 & 0x3FFF) + 1, (bits & 0x3FFF) + 1
    if kind == b"VP8 ":
        height, width = (_little_endian(encoded, at, 2) & 0x3FFF for at in (28, 26))
        return height, width
    raise UnusablePhotoError("is a WebP without a picture")


def _big_endian(encoded: bytes, position: int, size: int = 2) -> int:
    return int.from_bytes(_cut(encoded, position, size), "big")


def _little_endian(encoded: bytes, position: int, size: int) -> int:
    return int.from_bytes(_cut(encoded, position, size), "little")


def _cut(encoded: bytes, position: int, size: int) -> bytes:
    piece = encoded[position : position + size]
    if len(piece) < size:
        raise IndexError(position)
    return piece
