"""Bytes of a text file as text, whatever the editor that wrote it."""

import codecs

from parking.places.importing.codes import Code
from parking.places.importing.drafts import Where
from parking.places.importing.problems import Unreadable

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def decode(source: bytes) -> str:
    """UTF-8, or what a byte order mark says. Raises Unreadable, naming the line, otherwise.

    Nothing is guessed: a guessed code page turns names into rubbish that nobody notices.
    """
    encoding = "utf-8"
    for mark, name in BYTE_ORDER_MARKS:
        if source.startswith(mark):
            source, encoding = source[len(mark) :], name
            break
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        message = (
            f"the byte 0x{source[error.start]:02x} is not {encoding.upper()}; "
            "save the file as UTF-8 and try again"
        )
        raise Unreadable(Code.ENCODING_UNREADABLE, message, Where(line=line)) from error
