"""The dark and light modules of a QR code that is going to be printed."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import qrcode

from parking.errors import InvalidInput

QUIET_MODULES = 4
"""The quiet zone that ISO/IEC 18004 asks for, on each side."""
LINK_CHARACTERS_MAX = 300


@dataclass(frozen=True)
class Matrix:
    """The modules, row by row, without the quiet zone; True is dark."""

    rows: tuple[tuple[bool, ...], ...]

    @property
    def side_modules(self) -> int:
        """Modules of a side with its quiet zone."""
        return len(self.rows) + 2 * QUIET_MODULES

    @cached_property
    def runs(self) -> tuple[tuple[int, int, int], ...]:
        """Dark modules that lie beside each other: column and row of the first, and how many. The
        quiet zone is counted."""
        return tuple(self._runs())

    def _runs(self) -> Iterator[tuple[int, int, int]]:
        for y, row in enumerate(self.rows, QUIET_MODULES):
            start: int | None = None
            for x, is_dark in enumerate((*row, False), QUIET_MODULES):
                if is_dark and start is None:
                    start = x
                elif not is_dark and start is not None:
                    yield start, y, x - start
                    start = None


class Bearer(Enum):
    """What a code is on, by the error correction that it needs. What is printed is scratched,
    folded and shone upon: a poster has H (30 %), a label Q (25 %), whose modules are larger on the
    same paper; on a screen nothing happens to it, and M (15 %) is seen from farther away."""

    POSTER = qrcode.ERROR_CORRECT_H
    LABEL = qrcode.ERROR_CORRECT_Q
    SCREEN = qrcode.ERROR_CORRECT_M


def matrix_of(link: str, bearer: Bearer) -> Matrix:
    """The code of a link. Raises InvalidInput."""
    if len(link) > LINK_CHARACTERS_MAX:
        raise InvalidInput("link", f"it has more than {LINK_CHARACTERS_MAX} characters")
    code: qrcode.QRCode[object] = qrcode.QRCode(error_correction=bearer.value, border=0)
    code.add_data(link)
    code.make(fit=True)
    return Matrix(tuple(tuple(map(bool, row)) for row in code.get_matrix()))
