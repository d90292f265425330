"""What a reader says in `POST /authz-info`: a token as it is, or SenML.

A token alone (content format 61) is enough for the usual case. SenML carries the rest: private
resources of the device object, beside the numbers that order reports (docs/devices.md, "Readers").

| resource | meaning |
|---|---|
| `/3/0/26244` | a token that was scanned, as bytes (vd) |
| `/3/0/26245` | a key number that was typed (vs) |
| `/3/0/26246` | a licence plate that was seen (vs) |
| `/3/0/26247` | what the reader decided alone (vs): `GRANTED` or the code of its refusal |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from coap_gateway.objects import BOOT_COUNTER, REPORT_SEQUENCE
from coap_gateway.reading import FUTURE_SECONDS_MAX, PAST_SECONDS_MAX
from coap_gateway.senml import Record, SenmlError, decode
from coap_gateway.takers import REPORT_SEQUENCE_MAX
from parking.access.access_events import Numbers
from parking.access.admit import Shown
from parking.access.check import Outcome
from parking.access.models import CredentialKind
from parking.devices.rules import BOOT_MAX, order_boot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coap_gateway.senml import Value

TOKEN = "/3/0/26244"  # noqa: S105 - a resource's name
KEY = "/3/0/26245"
PLATE = "/3/0/26246"
DECIDED = "/3/0/26247"

KINDS: Mapping[str, tuple[CredentialKind, type[str | bytes]]] = {
    TOKEN: (CredentialKind.QR_CODE, bytes),
    KEY: (CredentialKind.KEY, str),
    PLATE: (CredentialKind.LICENSE_PLATE, str),
}
NUMBERS = {BOOT_COUNTER: BOOT_MAX, REPORT_SEQUENCE: REPORT_SEQUENCE_MAX}
TEXT_CHARACTERS_MAX = 64


class ScanError(ValueError):
    """The message is not one that can be understood; answered 4.00."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What a reader says was shown. `decided` is set where it decided alone, at `at`."""

    shown: Shown
    at: datetime
    decided: Outcome | None = None


def read_token(payload: bytes, now: datetime) -> Scan:
    """A bare token, shown now. Raises ScanError."""
    if not payload:
        raise ScanError("the token is missing")
    return Scan(Shown(CredentialKind.QR_CODE, token=payload), now)


def read_scan(payload: bytes, content_format: int, now: datetime, generation: int) -> Scan:
    """A scan in SenML, from a device of this credential generation. Raises ScanError."""
    try:
        records = decode(payload, content_format, now.timestamp())
    except SenmlError as error:
        raise ScanError(str(error)) from error
    said = _by_name(records)
    shown = [record for name, record in said.items() if name in KINDS]
    if len(shown) != 1:
        raise ScanError("say one of token, key and plate")
    decided = _decided(said)
    if decided is not None and shown[0].name != TOKEN:
        raise ScanError("only tokens are decided on by the reader")
    return Scan(_shown(shown[0], _numbers(said, generation)), _time(shown[0], now), decided)


def _by_name(records: Sequence[Record]) -> dict[str, Record]:
    said: dict[str, Record] = {}
    for record in records:
        if record.name in said:
            raise ScanError(f"{record.name} is said twice")
        if record.name not in (*KINDS, *NUMBERS, DECIDED):
            raise ScanError(f"{record.name} is not understood here")
        said[record.name] = record
    return said


def _shown(record: Record, numbers: Numbers | None) -> Shown:
    kind, wanted = KINDS[record.name]
    if not isinstance(record.value, wanted):
        raise ScanError(f"{record.name} is of the wrong type")
    if isinstance(record.value, bytes):
        return Shown(kind, token=record.value, numbers=numbers)
    assert isinstance(record.value, str), "KINDS has nothing else"
    if len(record.value) > TEXT_CHARACTERS_MAX:
        raise ScanError(f"{record.name} has at most {TEXT_CHARACTERS_MAX} characters")
    return Shown(kind, text=record.value, numbers=numbers)


def _numbers(said: Mapping[str, Record], generation: int) -> Numbers | None:
    found = [_number(said[name].value, name) for name in NUMBERS if name in said]
    if not found:
        return None
    if len(found) == 1:
        raise ScanError("/3/0/26241 and /3/0/26242 come together")
    return Numbers(order_boot(generation, found[0]), found[1])


def _number(value: Value, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= NUMBERS[name]:
        raise ScanError(f"{name} must be 0 to {NUMBERS[name]}")
    return value


def _decided(said: Mapping[str, Record]) -> Outcome | None:
    if DECIDED not in said:
        return None
    word = said[DECIDED].value
    if not isinstance(word, str) or word not in Outcome.__members__:
        raise ScanError(f"{DECIDED} is GRANTED or the code of a refusal")
    return Outcome(word)


def _time(record: Record, now: datetime) -> datetime:
    """The record's own time, or now; a little ahead is held for now."""
    at = now.timestamp() if record.time is None else record.time
    if at - now.timestamp() > FUTURE_SECONDS_MAX:
        raise ScanError("time is ahead; GET /time")
    if now.timestamp() - at > PAST_SECONDS_MAX:
        raise ScanError("time is over ten years ago; GET /time")
    return datetime.fromtimestamp(min(at, now.timestamp()), UTC)
