"""Tables of the pure decisions about devices."""

from datetime import UTC, datetime, timedelta

import pytest

from parking.accounts.models import Role
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.devices.rules import (
    ALARMS_MAX,
    TELEMETRY,
    alarms_after,
    check_endpoint,
    check_lifetime,
    is_event,
    is_silent,
    may_manage_devices,
    may_see_devices,
)
from parking.errors import InvalidInput

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
HERE, ELSEWHERE = 1, 2


def member(role: Role, organisation_id: int = HERE) -> Viewer:
    return Viewer(person_id=1, roles={organisation_id: frozenset({role})})


def key(*scopes: str, organisation_id: int = HERE) -> Viewer:
    return Viewer(api_key_id=1, roles={organisation_id: frozenset()}, scopes=frozenset(scopes))


WHO = [
    (SYSTEM, True, True),
    (ANONYMOUS, False, False),
    (member(Role.OPERATOR), True, True),
    (member(Role.ATTENDANT), True, False),
    (member(Role.MERCHANT), False, False),
    (member(Role.OWNER), False, False),
    (member(Role.DRIVER), False, False),
    (member(Role.OPERATOR, ELSEWHERE), False, False),
    (key("devices:read"), True, False),
    (key("devices:write"), True, True),
    (key("places:write"), False, False),
    (key("devices:write", organisation_id=ELSEWHERE), False, False),
]


@pytest.mark.parametrize(("viewer", "may_see", "may_manage"), WHO)
def test_who_may(viewer: Viewer, may_see: bool, may_manage: bool) -> None:
    assert may_see_devices(viewer, HERE) is may_see
    assert may_manage_devices(viewer, HERE) is may_manage


@pytest.mark.parametrize(
    ("seconds_ago", "lifetime", "silent"),
    [(0, 60, False), (60, 60, False), (60.001, 60, True), (86_400, 93_600, False), (None, 1, True)],
)
def test_silence(seconds_ago: float | None, lifetime: int, silent: bool) -> None:
    seen = None if seconds_ago is None else NOW - timedelta(seconds=seconds_ago)
    assert is_silent(seen, lifetime, NOW) is silent


@pytest.mark.parametrize(
    ("active", "said", "after"),
    [
        ("", {"tamper": True}, "tamper"),
        ("tamper", {"tamper": True}, "tamper"),
        ("tamper", {"tamper": False}, ""),
        ("forced tamper", {"obstruction": True, "forced": False}, "obstruction tamper"),
        ("", {"tamper": False}, ""),
    ],
)
def test_alarms(active: str, said: dict[str, bool], after: str) -> None:
    assert alarms_after(active, said) == after


def test_a_device_that_raises_ever_more_alarms_fills_no_table() -> None:
    active = ""
    for number in range(10):
        active = alarms_after(active, {f"a{number}_{n}": True for n in range(32)})
    assert len(active.split()) == ALARMS_MAX
    assert alarms_after(active, {"tamper": True, "a0_0": False}).count("tamper") == 1


def test_what_must_be_durable_is_all_but_telemetry() -> None:
    assert not any(is_event(name) for name in TELEMETRY)
    assert all(is_event(name) for name in ("alarms", "error_codes", "reset_cause", "firmware"))


@pytest.mark.parametrize("name", ["bay-17", "urn:imei:352099001761481", "a", "x" * 64, "A_b.c"])
def test_endpoint_names(name: str) -> None:
    check_endpoint(name)


@pytest.mark.parametrize("name", ["", "x" * 65, "a b", "a/b", "ü", "a\n", "a\x00"])
def test_what_is_no_endpoint_name(name: str) -> None:
    with pytest.raises(InvalidInput):
        check_endpoint(name)


@pytest.mark.parametrize(
    ("seconds", "is_right"), [(59, False), (60, True), (2_678_400, True), (2_678_401, False)]
)
def test_lifetimes(seconds: int, is_right: bool) -> None:
    if is_right:
        check_lifetime(seconds)
        return
    with pytest.raises(InvalidInput, match="lifetime"):
        check_lifetime(seconds)
