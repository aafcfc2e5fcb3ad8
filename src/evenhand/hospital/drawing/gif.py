"""Pictures as an animation."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evenhand.hospital.drawing.canvas import pillow

COLOURS = 96
"""Number of colours of an animation: enough for flat colours and their smooth edges. Fewer make smaller files."""
_UNKNOWN = 255


def encode(
    pictures: Iterable[NDArray[np.uint8]], milliseconds: Sequence[int], samples: Sequence[NDArray[np.uint8]]
) -> bytes:
    """Return a GIF that repeats for ever.

    Parameters
    ----------
    pictures
        Pictures, each of shape (height, width, 3); only one at a time is in memory.
    milliseconds
        Time for which each is shown; the format rounds it to hundredths of a second.
    samples
        Some of the pictures, from which the palette is computed. All pictures share one palette, so that pixels that do
        not change are not stored again.

    Raises
    ------
    MissingExtraError
        If Pillow is not installed.
    """
    nearest = _Nearest(_palette(samples))
    indexed = (nearest.indexed(picture) for picture in pictures)
    stream = io.BytesIO()
    # With `optimize`, pixels that equal those of the picture before are stored as one transparent colour.
    next(indexed).save(
        stream, "GIF", save_all=True, append_images=indexed, duration=list(milliseconds), loop=0, optimize=True
    )
    return stream.getvalue()


class _Nearest:
    """Replace each colour by the nearest one of a palette; each colour is looked up once.

    Parameters
    ----------
    palette
        Shape (colours, 3).
    """

    def __init__(self, palette: NDArray[np.int64]) -> None:
        self._palette = palette
        self._known = np.full(1 << 24, _UNKNOWN, dtype=np.uint8)

    def indexed(self, picture: NDArray[np.uint8]) -> Any:
        """Return the picture with a palette."""
        codes = _codes(picture)
        found = self._known[codes]
        new = np.unique(codes[found == _UNKNOWN])
        if len(new):
            colours = np.stack([new >> 16, new >> 8 & 255, new & 255], axis=1)
            distances = ((colours[:, None, :] - self._palette[None, :, :]) ** 2).sum(axis=2)
            self._known[new] = distances.argmin(axis=1)
            found = self._known[codes]
        image = pillow()[0].fromarray(found)
        image.putpalette(self._palette.astype(np.uint8).tobytes())
        return image


def _palette(samples: Sequence[NDArray[np.uint8]]) -> NDArray[np.int64]:
    """Return the commonest colours as they are, and the best few for the rest, shape (COLOURS or fewer, 3)."""
    image = pillow()[0]
    pixels = np.concatenate([sample.reshape(-1, 3) for sample in samples])
    codes = _codes(pixels)
    values, counts = np.unique(codes, return_counts=True)
    common = values[np.argsort(-counts, kind="stable")][: COLOURS // 2]
    flat = [int(code) >> shift & 255 for code in common for shift in (16, 8, 0)]
    rest = pixels[~np.isin(codes, common)]
    if len(rest):
        swatch = image.fromarray(rest[None]).quantize(COLOURS // 2, method=image.Quantize.MEDIANCUT)
        flat += swatch.getpalette()[: 3 * (COLOURS // 2)]
    return np.array(flat, dtype=np.int64).reshape(-1, 3)


def _codes(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    wide = pixels.astype(np.int64)
    return wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
