"""Base45 (RFC 9285): bytes in the characters that a QR code packs most densely."""

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""The alphanumeric mode of QR codes (ISO/IEC 18004)."""

_VALUES = {character: value for value, character in enumerate(ALPHABET)}


class Base45Error(ValueError):
    """The text is not Base45."""


def b45encode(data: bytes) -> str:
    """Text of the bytes: three characters for two bytes, two for a last single one."""
    text = []
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            text.append(ALPHABET[digit])
    return "".join(text)


def b45decode(text: str) -> bytes:
    """The bytes of a text. Raises Base45Error."""
    try:
        digits = [_VALUES[character] for character in text]
    except KeyError as error:
        raise Base45Error(f"{error.args[0]!r} is not a character of Base45") from None
    return b"".join(_group(digits[start : start + 3]) for start in range(0, len(digits), 3))


def _group(digits: list[int]) -> bytes:
    if len(digits) == 1:
        raise Base45Error("a group of Base45 has two or three characters")
    number = 0
    for digit in reversed(digits):
        number = number * 45 + digit
    length = len(digits) - 1
    if number >> 8 * length:
        raise Base45Error(f"{number} does not fit into {length} bytes")
    return number.to_bytes(length, "big")
