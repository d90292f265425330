"""What a friend's code does at the bay and at the gate: it lets out, once, and never in."""

from datetime import timedelta

import pytest

from parking.access.access_events import access_events_of
from parking.access.base45 import b45decode
from parking.access.check import Outcome
from parking.access.credentials import refresh_qr
from parking.access.delegations.codes import delegated_qr_again, refresh_delegated_qr
from parking.access.delegations.records import EXIT_WAY
from parking.access.models import DelegationState as State
from parking.access.revocations import revoked_tokens
from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock
from parking.devices.models import DeviceKind
from parking.devices.provision import DeviceDraft, provision
from parking.errors import Conflict, NotFound
from parking.locations.fetching.follow import follow_delegations
from parking.locations.fetching.revoke import revoke_exit
from parking.storage.sql import database
from tests.support.bays import SEALER
from tests.support.fetching import Fetching, make_fetching


async def test_the_bay_opens_and_the_gate_lets_out_once(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    assert await fetching.try_at(fetching.bay, made) is Outcome.GRANTED
    assert await fetching.state(made) is State.LEAVING
    assert await fetching.try_at(fetching.bay, made) is Outcome.GRANTED
    token = await fetching.code(made)
    assert await fetching.try_at(fetching.gate, made) is Outcome.GRANTED
    right = await fetching.right(made)
    assert (right.state, right.used_device_id) == (State.USED, fetching.gate.device_id)
    for reader in (fetching.bay, fetching.gate):
        assert (await fetching.show(token, reader)).outcome is Outcome.NOT_DELEGATED
    with pytest.raises(Conflict, match="used"):
        await fetching.code(made)


async def test_a_code_opens_once_and_a_minute_long(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    token = await fetching.code(made)
    assert (await fetching.show(token, fetching.bay)).outcome is Outcome.GRANTED
    assert (await fetching.show(token, fetching.bay)).outcome is Outcome.ALREADY_USED
    token = await fetching.code(made)
    fetching.clock.advance(seconds=60)
    assert (await fetching.show(token, fetching.gate)).outcome is Outcome.EXPIRED


async def test_the_arm_goes_down_at_the_bay_and_stays_at_the_gate(fetching: Fetching) -> None:
    lease = fetching.lease
    draft = DeviceDraft(
        endpoint="lock", kind=DeviceKind.LOCK, place_id=lease.estate.place_id,
        space_id=lease.space_id,
    )  # fmt: skip
    await provision(SYSTEM, draft, fetching.clock, SEALER)
    made = await fetching.delegate()
    await fetching.park()
    answer = await fetching.show(await fetching.code(made), fetching.bay)
    assert answer.command_id is not None
    answer = await fetching.show(await fetching.code(made), fetching.gate)
    assert (answer.outcome, answer.command_id) == (Outcome.GRANTED, None)


async def test_it_never_lets_in(fetching: Fetching) -> None:
    made = await fetching.delegate()
    with pytest.raises(Conflict) as refusal:
        await fetching.code(made)
    assert refusal.value.code == "NOT_PARKED"
    await fetching.park()
    token = await fetching.code(made)
    await database().execute("UPDATE reservation SET state = 'CONFIRMED'")
    for reader in (fetching.bay, fetching.gate):
        assert (await fetching.show(token, reader)).outcome is Outcome.NOT_DELEGATED
    assert await fetching.state(made) is State.ACTIVE


async def test_another_bay_is_not_its(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    there = await fetching.reader(fetching.lease.estate.space_ids[1], "there")
    assert await fetching.try_at(there, made) is Outcome.WRONG_SPACE


async def test_taken_back_it_is_refused_at_once(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    token = await fetching.code(made)
    await fetching.try_at(fetching.bay, made)
    await revoke_exit(fetching.owner, made, **fetching.both)
    for reader in (fetching.bay, fetching.gate):
        assert (await fetching.show(token, reader)).outcome is Outcome.NOT_DELEGATED
    assert await fetching.state(made) is State.REVOKED


async def test_at_its_very_end_it_is_over(fetching: Fetching) -> None:
    until = fetching.clock.now() + timedelta(minutes=70)
    made = await fetching.delegate(fetching.wish(valid_until=until))
    await fetching.park()
    fetching.clock.advance(minutes=9, seconds=59)
    token = await fetching.code(made)
    fetching.clock.set(until)
    assert (await fetching.show(token, fetching.bay)).outcome is Outcome.EXPIRED
    assert await fetching.state(made) is State.EXPIRED
    assert await follow_delegations(**fetching.both) == 1
    assert await follow_delegations(**fetching.both) == 0
    assert await fetching.state(made) is State.EXPIRED


async def test_the_sensor_ends_the_stay_before_the_car_is_at_the_gate(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    await fetching.try_at(fetching.bay, made)
    await fetching.leave()
    assert await follow_delegations(**fetching.both) == 0
    assert await fetching.state(made) is State.LEAVING
    assert await fetching.try_at(fetching.bay, made) is Outcome.ENDED
    assert await fetching.try_at(fetching.gate, made) is Outcome.GRANTED
    assert await fetching.state(made) is State.USED


async def test_the_way_to_the_gate_ends(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    await fetching.try_at(fetching.bay, made)
    await fetching.leave()
    token = await fetching.code(made)
    fetching.clock.advance(seconds=EXIT_WAY.total_seconds())
    assert (await fetching.show(token, fetching.gate)).outcome is Outcome.EXPIRED
    assert await fetching.state(made) is State.USED
    assert await follow_delegations(**fetching.both) == 1
    assert await fetching.state(made) is State.USED


@pytest.mark.parametrize("is_opened", [True, False])
async def test_without_a_gate_it_ends_with_the_stay(
    database: str, clock: TestClock, *, is_opened: bool
) -> None:
    del database
    fetching = await make_fetching(clock, has_gate=False)
    made = await fetching.delegate()
    await fetching.park()
    if is_opened:
        await fetching.try_at(fetching.bay, made)
    await fetching.leave()
    expected = State.USED if is_opened else State.ENDED
    assert await fetching.state(made) is expected
    assert await follow_delegations(**fetching.both) == 1
    assert await fetching.state(made) is expected


async def test_the_drivers_own_code_is_not_touched_by_it(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    qr = await refresh_qr(fetching.owner, fetching.reservation_id, sealer=SEALER, **fetching.both)
    assert (await fetching.show(b45decode(qr.text), fetching.gate)).outcome is Outcome.GRANTED
    assert await fetching.state(made) is State.ACTIVE


async def test_what_it_opened_is_noted_with_the_booking(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    await fetching.try_at(fetching.bay, made)
    [event] = (await access_events_of(fetching.owner, [fetching.reservation_id]))[
        fetching.reservation_id
    ]
    assert event.outcome is Outcome.GRANTED
    row = await database().fetch_one(
        "SELECT detail FROM reservation_event WHERE kind = 'access_granted'"
    )
    assert row is not None
    assert f'"delegation_id":{made}' in row["detail"]


async def test_a_code_again_is_the_same_and_no_other_rights(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    right = await fetching.right(made)
    qr = await refresh_delegated_qr(right, sealer=SEALER, **fetching.both)
    assert await delegated_qr_again(right, qr.token_id, sealer=SEALER) == qr
    own = await refresh_qr(fetching.owner, fetching.reservation_id, sealer=SEALER, **fetching.both)
    with pytest.raises(NotFound):
        await delegated_qr_again(right, own.token_id, sealer=SEALER)


async def revoked(fetching: Fetching) -> tuple[int, int]:
    """How many tokens are on the lists of the bay's reader and the gate."""
    now = fetching.clock.now()
    bay = await revoked_tokens(database(), fetching.bay, now)
    gate = await revoked_tokens(database(), fetching.gate, now)
    return len(bay), len(gate)


async def test_readers_that_decide_alone_hear_what_lets_nobody_out(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    await fetching.code(made)
    assert await revoked(fetching) == (0, 0)
    await fetching.leave()
    assert await revoked(fetching) == (1, 0)
    await fetching.try_at(fetching.gate, made)
    assert await revoked(fetching) == (2, 2)
    fetching.clock.advance(minutes=1)
    assert await revoked(fetching) == (0, 0)


async def test_a_revoked_right_is_on_the_list(fetching: Fetching) -> None:
    made = await fetching.delegate()
    await fetching.park()
    await fetching.code(made)
    await revoke_exit(fetching.owner, made, **fetching.both)
    assert await revoked(fetching) == (1, 1)
