"""What was taken from somebody in another process is noticed in this one."""

from typing import Any

from parking.accounts.api_keys import create_api_key, revoke_api_key
from parking.accounts.members import add_role, remove_member
from parking.accounts.models import Organisation, Role
from parking.accounts.scopes import Scope
from parking.accounts.sign_out import sign_out
from parking.accounts.standings_relay import LOOK_BACK, StandingsRelay
from parking.accounts.viewer import SYSTEM
from parking.clock import TestClock
from tests.support.people import Desk, make_desk, make_person


def elsewhere(desk: Desk) -> dict[str, Any]:
    """What another process has of its own."""
    other = make_desk(desk.clock)
    return {"clock": desk.clock, "standings": other.standings}


async def test_a_sign_out_elsewhere_is_known_at_once(database: str, clock: TestClock) -> None:
    del database
    desk = make_desk(clock)
    relay = StandingsRelay(desk.standings, clock)
    ada, bo = [await desk.viewer(f"{name}@example.org") for name in ("ada", "bo")]
    assert await relay.run_once() == frozenset()
    await sign_out(ada, **elsewhere(desk))
    assert await desk.gate.is_still_valid(ada), "it is kept here for seconds"
    assert await relay.run_once() == {ada.actor}
    assert not await desk.gate.is_still_valid(ada)
    assert await desk.gate.is_still_valid(bo)
    assert await relay.run_once() == frozenset(), "each is told once"


async def test_so_is_a_role_that_was_taken_away(database: str, clock: TestClock) -> None:
    del database
    desk = make_desk(clock)
    relay = StandingsRelay(desk.standings, clock)
    operator = await make_person("Otto", Harbour=Role.OPERATOR)
    harbour = (await Organisation.get(name="Harbour")).id
    ada = await desk.viewer("ada@example.org")
    assert ada.person_id is not None
    other = elsewhere(desk)
    await add_role(SYSTEM, harbour, ada.person_id, Role.ATTENDANT, **other)
    desk.standings.forget_person(ada.person_id)
    now = await desk.gate.revalidate(ada)
    assert now is not None
    assert now.has_role(harbour, Role.ATTENDANT)
    await remove_member(operator, harbour, ada.person_id, **other)
    assert await relay.run_once() == {ada.actor}
    now = await desk.gate.revalidate(ada)
    assert now is not None
    assert not now.roles


async def test_and_a_key_also_one_that_was_revoked_before_the_first_look(
    database: str, clock: TestClock
) -> None:
    del database
    desk = make_desk(clock)
    operator = await make_person("Otto", Harbour=Role.OPERATOR)
    harbour = (await Organisation.get(name="Harbour")).id
    scopes = [next(iter(Scope)).value]
    made = await create_api_key(operator, harbour, "gate", scopes, clock=clock)
    viewer = await desk.gate.authenticate(f"Bearer {made.secret}")
    await revoke_api_key(operator, made.key.id, **elsewhere(desk))
    clock.advance(seconds=1)
    assert await StandingsRelay(desk.standings, clock).run_once() == {viewer.actor}
    assert not await desk.gate.is_still_valid(viewer)
    clock.advance(seconds=LOOK_BACK.total_seconds())
    assert await StandingsRelay(desk.standings, clock).run_once() == frozenset()
