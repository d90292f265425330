"""What is left of a picture: its pixels, upright and scaled, and nothing else."""

import io
import zlib
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from parking.errors import InvalidInput
from parking.locations import limits
from parking.locations.photos.cleaning import clean_photo

GPS, ORIENTATION, MAKE = 34853, 274, 271
SECRET = b"Moonlight Garage 48.7758"


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB", **saved: Any) -> bytes:
    """A picture whose left half is red."""
    drawn = Image.new(mode, size, "blue")
    drawn.paste("red", (0, 0, size[0] // 2, size[1]))
    written = io.BytesIO()
    drawn.save(written, **{"format": "JPEG", **saved})
    return written.getvalue()


def with_exif(**entries: object) -> Image.Exif:
    exif = Image.Exif()
    exif[MAKE] = SECRET.decode()
    exif[GPS] = {1: "N", 2: (48.0, 46.0, 33.0)}
    exif.update({ORIENTATION: 1, **{int(k[1:]): v for k, v in entries.items()}})
    return exif


def read(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_metadata_is_gone() -> None:
    data = picture(exif=with_exif(), comment=SECRET, icc_profile=SECRET)
    assert SECRET in data, "the picture of the test holds what is to go"
    cleaned = clean_photo(data)
    assert SECRET not in cleaned.data
    assert not read(cleaned.data).getexif()
    assert set(read(cleaned.data).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_text_and_exif_of_a_png_are_gone() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Location", SECRET.decode())
    data = picture(format="PNG", pnginfo=words, exif=with_exif())
    assert SECRET in data
    assert SECRET not in clean_photo(data).data


def test_a_picture_taken_sideways_stands_upright() -> None:
    cleaned = clean_photo(picture((64, 48), exif=with_exif(_274=6)))
    assert (cleaned.width_pixels, cleaned.height_pixels) == (48, 64)
    top, bottom = (read(cleaned.data).getpixel((24, y)) for y in (8, 56))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > bottom[0], "the left half is on top after a quarter turn"


def test_a_large_one_is_scaled_and_a_small_one_is_not() -> None:
    edge = limits.PHOTO_EDGE_PIXELS_MAX
    assert clean_photo(picture((2 * edge, edge)))[1:] == (edge, edge // 2)
    assert clean_photo(picture((30, 20)))[1:] == (30, 20)


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGBA", "PNG"), ("P", "PNG"), ("L", "PNG"), ("RGBA", "WEBP"), ("1", "PNG")]
)
def test_every_mode_becomes_a_plain_picture(mode: str, kind: str) -> None:
    drawn = Image.new(mode, (20, 20))
    written = io.BytesIO()
    drawn.save(written, kind)
    assert read(clean_photo(written.getvalue()).data).mode == "RGB"


def test_what_is_see_through_is_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(written, "PNG")
    assert read(clean_photo(written.getvalue()).data).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture()[:200],
        picture(format="GIF"),
        picture(format="TIFF"),
    ],
    ids=["nothing", "text", "svg", "cut off", "gif", "tiff"],
)
def test_what_is_no_photo_is_named(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_photo(data)
    assert (refusal.value.code, refusal.value.field) == ("PHOTO_UNREADABLE", "photo")


def test_too_many_bytes() -> None:
    with pytest.raises(InvalidInput) as refusal:
        clean_photo(bytes(limits.PHOTO_BYTES_MAX + 1))
    assert refusal.value.code == "PHOTO_TOO_LARGE"


@pytest.mark.parametrize("size", [(20_000, 3_000), (60_000, 60_000)])
def test_too_many_pixels_are_never_decoded(size: tuple[int, int]) -> None:
    """A few kilobytes that would unpack to gigabytes: the header alone is read."""
    data = bytearray(picture((8, 8), format="PNG"))
    data[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    with pytest.raises(InvalidInput) as refusal:
        clean_photo(bytes(data))
    assert refusal.value.code == "PHOTO_TOO_LARGE"
