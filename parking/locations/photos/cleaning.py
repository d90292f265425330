"""A picture as it is kept: upright, scaled, JPEG, and nothing in it but what is seen.

What a phone writes into a picture (where, when, by which device and whose, a thumbnail of what was
cut away) is not copied: the picture is drawn anew from its pixels.
"""

import io
import warnings
from typing import NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

from parking.errors import InvalidInput
from parking.locations.limits import (
    PHOTO_BYTES_MAX,
    PHOTO_EDGE_PIXELS_MAX,
    PHOTO_PIXELS_MAX,
)

FORMATS = ("JPEG", "PNG", "WEBP")
JPEG_QUALITY = 85
FIELD = "photo"
WHITE = (255, 255, 255)


class CleanPhoto(NamedTuple):
    """JPEG of so many pixels."""

    data: bytes
    width_pixels: int
    height_pixels: int


def clean_photo(data: bytes) -> CleanPhoto:
    """The picture as it is kept. Takes some tenths of a second: call it in a thread.

    Raises InvalidInput `PHOTO_TOO_LARGE` and `PHOTO_UNREADABLE`.
    """
    if len(data) > PHOTO_BYTES_MAX:
        raise too_large()
    with warnings.catch_warnings():
        # We measure ourselves, before anything is decoded.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            return _drawn_anew(_opened(data))
        except InvalidInput:
            raise
        except Exception as error:  # broken files make Pillow's decoders raise whatever they like
            raise _unreadable() from error


def _opened(data: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise _unreadable() from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    width, height = picture.size
    if width * height > PHOTO_PIXELS_MAX:
        raise _too_many_pixels()
    return picture


def _drawn_anew(picture: Image.Image) -> CleanPhoto:
    # Scaled first: turned as it comes it would be there twice, and a JPEG is scaled as it is read.
    picture.thumbnail((PHOTO_EDGE_PIXELS_MAX, PHOTO_EDGE_PIXELS_MAX))
    upright = ImageOps.exif_transpose(picture)
    seen = Image.new("RGB", upright.size, WHITE)
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        layered = upright.convert("RGBA")
        seen.paste(layered, mask=layered)
    else:
        seen.paste(upright.convert("RGB"))
    written = io.BytesIO()
    seen.save(written, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return CleanPhoto(written.getvalue(), *seen.size)


def too_large() -> InvalidInput:
    """Of more bytes than a photo may have."""
    size = PHOTO_BYTES_MAX // 1024**2
    return InvalidInput(
        FIELD, f"a photo has at most {size} MB; make it smaller", code="PHOTO_TOO_LARGE"
    )


def _too_many_pixels() -> InvalidInput:
    most = PHOTO_PIXELS_MAX // 1_000_000
    message = f"a photo has at most {most} megapixels; make it smaller"
    return InvalidInput(FIELD, message, code="PHOTO_TOO_LARGE")


def _unreadable() -> InvalidInput:
    return InvalidInput(
        FIELD, "this is no photo that can be read; send JPEG, PNG or WebP", code="PHOTO_UNREADABLE"
    )
