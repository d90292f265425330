"""A command to a lock as SenML: what `/cmd` answers, `/dp` carries back, and `/3413/0/3` is sent.

| record | means |
|---|---|
| `/3413/0/3` | where the arm is to go: 0 down, 100 up |
| `/3413/0/26241` | the command's id; the same id never acts twice |
| `/3413/0/26242` | its expiry, seconds since 1970: from then on it is not to be begun |
| `/3413/0/26243` | how often the arm has moved as far as Berth knows; absent where it does not |

A lock tells its own count of moves in `/3413/0/26243` and why it refuses in `/3413/0/26244`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coap_gateway.senml import SENML_CBOR, Record, SenmlError, decode, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coap_gateway.senml import Value
    from parking.access.command_rows import CommandRecord

LEVEL = "/3413/0/3"
COMMAND_ID = "/3413/0/26241"
EXPIRES = "/3413/0/26242"
MOVES = "/3413/0/26243"
REFUSAL = "/3413/0/26244"

LEVELS = {"RAISED": 100, "LOWERED": 0}


@dataclass(frozen=True, slots=True)
class LockOrder:
    """A command as a lock reads it. `expires` is in seconds since 1970; `moves` None: any."""

    command_id: int
    level: int
    expires: int
    moves: int | None = None


def encode_command(command: CommandRecord) -> bytes:
    """SenML-CBOR, which is SenML-ETCH-CBOR too (RFC 8790 section 3.1)."""
    records = [
        Record(LEVEL, LEVELS[command.target]),
        Record(COMMAND_ID, command.id),
        Record(EXPIRES, int(command.expires_at.timestamp())),
    ]
    if command.moves_expected is not None:
        records.append(Record(MOVES, command.moves_expected))
    return encode(records, SENML_CBOR)


def decode_command(payload: bytes, now: float) -> LockOrder:
    """As a lock reads it. Raises `SenmlError`."""
    said = {record.name: record.value for record in decode(payload, SENML_CBOR, now)}
    level = _whole(said, LEVEL)
    if level not in LEVELS.values():
        raise SenmlError("the arm goes to 0 or 100")
    moves = _whole(said, MOVES) if MOVES in said else None
    return LockOrder(_whole(said, COMMAND_ID), level, _whole(said, EXPIRES), moves)


def _whole(said: Mapping[str, Value], name: str) -> int:
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise SenmlError(f"{name} must be a whole number")
    return int(value)
