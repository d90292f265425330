"""The gate: credentials to viewer, and what a live viewer becomes."""

from datetime import timedelta

import pytest

from parking.accounts.api_keys import create_api_key, list_api_keys, revoke_api_key
from parking.accounts.members import add_role
from parking.accounts.models import ApiKey, Role
from parking.accounts.organisations import create_organisation
from parking.accounts.standings import KEPT_MAX, LAST_USED_GRAIN, Standing, Standings
from parking.accounts.viewer import ANONYMOUS, SYSTEM
from parking.clock import TestClock
from parking.errors import NotFound, NotPermitted, Unauthenticated
from parking.storage.sql import database as storage
from tests.support.people import Desk, make_desk, make_person, organisation_id

ADA = "ada@example.com"


@pytest.mark.parametrize("credentials", [None, "", "  "])
async def test_nobody_is_anonymous(desk: Desk, credentials: str | None) -> None:
    assert await desk.gate.authenticate(credentials) is ANONYMOUS


@pytest.mark.parametrize(
    "credentials",
    ["Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer x", "berth_key_x", "x" * 9000],
)
async def test_credentials_that_prove_nothing_are_refused(desk: Desk, credentials: str) -> None:
    with pytest.raises(Unauthenticated):
        await desk.gate.authenticate(credentials)


@pytest.mark.parametrize("prefix", ["", "Bearer ", "bearer  "])
async def test_an_access_token_is_its_person(desk: Desk, prefix: str) -> None:
    signed_in = await desk.sign_in(ADA)
    viewer = await desk.gate.authenticate(prefix + signed_in.access_token)
    assert (viewer.person_id, viewer.valid_until) == (
        signed_in.person.id,
        signed_in.access_expires_at,
    )
    assert viewer.scopes == frozenset()


async def test_roles_come_from_memberships_at_once_here_and_soon_elsewhere(desk: Desk) -> None:
    elsewhere = make_desk(desk.clock)
    token = (await desk.sign_in(ADA)).access_token
    viewer = await desk.gate.authenticate(token)
    assert not (await elsewhere.gate.authenticate(token)).roles
    made = await create_organisation(viewer, "Ada's", clock=desk.clock, standings=desk.standings)
    assert (await desk.gate.authenticate(token)).has_role(made.id, Role.OPERATOR)
    assert not (await elsewhere.gate.authenticate(token)).roles
    desk.clock.advance(seconds=KEPT_MAX.total_seconds())
    assert (await elsewhere.gate.authenticate(token)).has_role(made.id, Role.OPERATOR)


@pytest.mark.parametrize(("forgotten_meanwhile", "reads"), [(True, 2), (False, 1)])
async def test_what_was_read_before_a_change_is_not_kept_after_it(
    clock: TestClock, forgotten_meanwhile: bool, reads: int
) -> None:
    """The second row is the control: undisturbed, one read serves both."""
    standings, seen = Standings(clock), []

    async def read() -> Standing:
        seen.append(Standing(person_id=1))
        if forgotten_meanwhile:
            standings.forget_person(1)
        return seen[-1]

    for _ in range(2):
        await standings._get(("person", 1), read)
    assert len(seen) == reads


async def test_a_live_viewer_gets_todays_roles_and_ends_with_its_token(desk: Desk) -> None:
    viewer = await desk.viewer(ADA)
    harbour = organisation_id(await make_person("Olga", Harbour=Role.OPERATOR))
    assert viewer.person_id is not None
    await add_role(
        SYSTEM, harbour, viewer.person_id, Role.DRIVER, clock=desk.clock, standings=desk.standings
    )
    renewed = await desk.gate.revalidate(viewer)
    assert renewed is not None
    assert renewed.has_role(harbour, Role.DRIVER)
    desk.clock.advance(minutes=15)
    assert await desk.gate.revalidate(renewed) is None


async def test_nobody_and_the_system_stay_what_they_are(desk: Desk) -> None:
    assert await desk.gate.revalidate(ANONYMOUS) is ANONYMOUS
    assert await desk.gate.is_still_valid(SYSTEM)


async def test_an_api_key_acts_in_its_own_organisation_until_revoked(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    harbour = organisation_id(operator)
    made = await create_api_key(operator, harbour, "Till", ["places:read"], clock=desk.clock)
    viewer = await desk.gate.authenticate(f"Bearer {made.secret}")
    assert (viewer.api_key_id, viewer.scopes) == (made.key.id, frozenset({"places:read"}))
    assert viewer.roles == {harbour: frozenset()}
    await revoke_api_key(operator, made.key.id, clock=desk.clock, standings=desk.standings)
    assert await desk.gate.revalidate(viewer) is None
    with pytest.raises(Unauthenticated):
        await desk.gate.authenticate(made.secret)


async def test_a_key_is_shown_once_and_stored_hashed(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    harbour = organisation_id(operator)
    made = await create_api_key(operator, harbour, "Till", ["places:read"], clock=desk.clock)
    stored = await ApiKey.get(id=made.key.id)
    assert made.secret not in stored.key_hash
    assert made.secret not in repr(made)
    (listed,) = await list_api_keys(operator, harbour)
    assert listed == made.key
    assert made.secret.startswith(f"berth_key_{listed.hint}")


async def test_keys_are_made_listed_and_revoked_by_operators_only(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    attendant = await make_person("Arno", Harbour=Role.ATTENDANT)
    stranger = await make_person("Sven", Elsewhere=Role.OPERATOR)
    harbour = organisation_id(operator)
    made = await create_api_key(operator, harbour, "Till", ["places:read"], clock=desk.clock)
    key = await desk.gate.authenticate(made.secret)
    for viewer, refusal in ((attendant, NotPermitted), (key, NotPermitted), (stranger, NotFound)):
        with pytest.raises(refusal):
            await create_api_key(viewer, harbour, "Mine", ["places:read"], clock=desk.clock)
        with pytest.raises(refusal):
            await list_api_keys(viewer, harbour)
        with pytest.raises(refusal):
            await revoke_api_key(viewer, made.key.id, clock=desk.clock, standings=desk.standings)


async def test_the_use_of_a_key_is_noted_at_most_once_a_minute(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    harbour = organisation_id(operator)
    made = await create_api_key(operator, harbour, "Till", ["places:read"], clock=desk.clock)
    used = []
    for step in (timedelta(0), LAST_USED_GRAIN - KEPT_MAX, KEPT_MAX):
        desk.clock.advance(seconds=step.total_seconds())
        await desk.gate.authenticate(made.secret)
        used.append((await list_api_keys(operator, harbour))[0].last_used_at)
    now = desk.clock.now()
    assert used == [now - LAST_USED_GRAIN, now - LAST_USED_GRAIN, now]


async def test_a_known_viewer_costs_no_statement_for_some_seconds(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = (await desk.sign_in(ADA)).access_token
    before = await desk.gate.authenticate(token)

    def no_database() -> None:
        raise AssertionError("the database was asked")

    monkeypatch.setattr("parking.accounts.standings.database", no_database)
    assert await desk.gate.authenticate(token) == before
    assert storage() is not None
