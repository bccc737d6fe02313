"""Shrinks photos until they fit into a page."""

import base64

import cv2
import numpy as np
import numpy.typing as npt

_JPEG_QUALITY = 80


def of_pixels(rgb: npt.NDArray[np.uint8], longest_px: int = 160) -> str:
    """Packs a picture into a data URI.

    Args:
      rgb: Shape `(height, width, 3)`, dtype uint8.
      longest_px: Its longer side is brought down to this; it is never enlarged.

    Returns:
      A small JPEG without any metadata; the same for the same pixels.
    """
    scale = longest_px / max(rgb.shape[:2])
    if scale < 1:
        size = max(round(rgb.shape[1] * scale), 1), max(round(rgb.shape[0] * scale), 1)
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    bgr = np.ascontiguousarray(rgb[:, :, ::-1])
    _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    text = base64.b64encode(encoded.tobytes()).decode("ascii")
    return f"data:image/jpeg;base64,{text}"


def of_encoded(encoded: bytes, longest_px: int = 160) -> str | None:
    """Packs an encoded photo into a data URI, upright; None: it cannot be decoded."""
    content = np.frombuffer(encoded, np.uint8)
    bgr = cv2.imdecode(content, cv2.IMREAD_COLOR) if len(content) else None
    if bgr is None:
        return None
    return of_pixels(np.asarray(bgr[:, :, ::-1], np.uint8), longest_px)


def blank(side_px: int = 160) -> str:
    """Makes a grey square, for a photo that cannot be shown."""
    return of_pixels(np.full((side_px, side_px, 3), 225, np.uint8), side_px)
