"""Pure decisions about devices: the order of reports, what they say of health, who may manage."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from parking.accounts.models import Role
from parking.accounts.rules import may
from parking.accounts.scopes import Scope
from parking.accounts.viewer import Viewer
from parking.errors import InvalidInput

LIFETIME_SECONDS_MIN = 60
LIFETIME_SECONDS_MAX = 31 * 86_400
"""A device that may be silent for longer is not watched at all."""

BOOT_BITS = 32
VALUE_BITS = 6
"""Values of one resource in one report: as many as a pack has records, 64."""

BOOT_MAX = 2**BOOT_BITS - 1
SEQUENCE_MAX = 2**56 - 1
"""Room for OSCORE's partial IV of 40 bits (RFC 8613 section 6.1), which stands in for a missing
sequence, and for microseconds since 1970."""

ALARMS_MAX = 64
"""Alarms that are active at once."""

TELEMETRY = frozenset(
    {"battery_percent", "battery_volts", "rssi_dbm", "sinr_db", "clock_offset_seconds"}
)
"""Health that the next report says again: written coalesced. All other health is an event and is
written with the report that carries it."""

HealthValue = str | int | float | bool


def order_boot(generation: int, boot: int) -> int:
    """The number by which boots are ordered for good: a new credential starts a new era.

    A device that was replaced or wiped gets a new credential and may begin at boot 0 again.
    """
    assert 0 <= boot <= BOOT_MAX, "checked at the door"
    return (generation << BOOT_BITS) | boot


def order_sequence(sequence: int, index: int = 0) -> int:
    """The number by which reports of one boot are ordered; `index` counts values in one report."""
    assert 0 <= sequence <= SEQUENCE_MAX, "checked at the door"
    assert 0 <= index < 1 << VALUE_BITS, "a report has at most so many records"
    return (sequence << VALUE_BITS) | index


def is_event(name: str) -> bool:
    """Whether a change of this health value must be durable before the report is acknowledged."""
    return name not in TELEMETRY


def alarms_after(active: str, said: Mapping[str, bool]) -> str:
    """The space-separated names of active alarms after a report raised some and cleared others.

    At most `ALARMS_MAX` are kept, those first that were active before: a device that raises more
    is broken, and must not fill the table.
    """
    kept = {name for name in active.split() if said.get(name, True)}
    raised = sorted(name for name, is_on in said.items() if is_on and name not in kept)
    return " ".join(sorted(kept.union(raised[: max(0, ALARMS_MAX - len(kept))])))


def check_lifetime(seconds: int, field: str = "lifetime_seconds") -> None:
    """Raises InvalidInput for a lifetime outside the bounds."""
    if not LIFETIME_SECONDS_MIN <= seconds <= LIFETIME_SECONDS_MAX:
        raise InvalidInput(
            field,
            f"A lifetime of {seconds} s is outside {LIFETIME_SECONDS_MIN} to "
            f"{LIFETIME_SECONDS_MAX} s; choose how long the device may be silent.",
        )


def check_endpoint(endpoint: str, field: str = "endpoint") -> None:
    """An endpoint client name: 1 to 64 characters of URNs and host names.

    Raises InvalidInput.
    """
    allowed = endpoint.isascii() and all(c.isalnum() or c in "-._:" for c in endpoint)
    if not 1 <= len(endpoint) <= 64 or not allowed:
        raise InvalidInput(
            field,
            "An endpoint name has 1 to 64 ASCII letters, digits, '-', '.', '_' or ':', such as "
            "urn:imei:352099001761481 or bay-17.",
        )


def is_silent(last_seen_at: datetime | None, lifetime_seconds: int, now: datetime) -> bool:
    """Whether a device that was heard last at `last_seen_at` is to be held for silent."""
    if last_seen_at is None:
        return True
    return now - last_seen_at > timedelta(seconds=lifetime_seconds)


def may_see_devices(viewer: Viewer, organisation_id: int) -> bool:
    """Operators and attendants of the organisation, and its systems with `devices:read`."""
    if may(viewer, organisation_id, (Role.OPERATOR, Role.ATTENDANT), Scope.DEVICES_READ):
        return True
    return may_manage_devices(viewer, organisation_id)


def may_manage_devices(viewer: Viewer, organisation_id: int) -> bool:
    """Operators of the organisation, and its systems with `devices:write`."""
    return may(viewer, organisation_id, (Role.OPERATOR,), Scope.DEVICES_WRITE)
