"""Drawing a QR code: SVG for pages, PNG for what cannot show that."""

from io import BytesIO
from typing import Any

import qrcode
from qrcode.image.pil import PilImage
from qrcode.image.svg import SvgPathImage

BOX_PIXELS = 10
BORDER_MODULES = 4
"""The quiet zone that ISO/IEC 18004 asks for."""


def qr_svg(text: str) -> str:
    """The code as an SVG document; it scales."""
    image = _code(text).make_image(image_factory=SvgPathImage)
    drawn = image.to_string(encoding="unicode")
    return str(drawn)


def qr_png(text: str) -> bytes:
    """The code as a PNG file, black on white, `BOX_PIXELS` a module."""
    file = BytesIO()
    _code(text).make_image(image_factory=PilImage).save(file, "PNG")
    return file.getvalue()


def _code(text: str) -> "qrcode.QRCode[Any]":
    code = qrcode.QRCode(
        error_correction=qrcode.ERROR_CORRECT_M, box_size=BOX_PIXELS, border=BORDER_MODULES
    )
    code.add_data(text)
    code.make(fit=True)
    return code
