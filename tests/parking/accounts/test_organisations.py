"""Organisations, their members, and invitations to them."""

import asyncio
from typing import Any

import pytest

from parking.accounts import members
from parking.accounts.invitations import (
    INVITATION_LIFETIME,
    InvitationView,
    accept_invitation,
    invite_member,
    list_invitations,
    own_invitations,
    withdraw_invitation,
)
from parking.accounts.members import add_role, list_members, remove_member
from parking.accounts.models import AuditEntry, Membership, Role
from parking.accounts.organisations import (
    create_organisation,
    organisation,
    own_organisations,
    rename_organisation,
)
from parking.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from parking.clock import TestClock
from parking.errors import Conflict, InvalidInput, NotFound, NotPermitted, Refusal, Unauthenticated
from parking.notices.inbox import inbox_messages
from parking.storage.database import connect, disconnect
from parking.storage.sql import Sql
from tests.support.people import Desk, make_desk, make_person, organisation_id


async def invite(desk: Desk, viewer: Viewer, address: str) -> InvitationView:
    return await invite_member(
        viewer,
        organisation_id(viewer),
        address,
        Role.ATTENDANT,
        clock=desk.clock,
        keys=desk.keys,
        channel=desk.channel,
    )


async def remove(desk: Desk, viewer: Viewer, person: Viewer, role: Role | None = None) -> int:
    assert person.person_id is not None
    return await remove_member(
        viewer,
        organisation_id(viewer),
        person.person_id,
        role,
        clock=desk.clock,
        standings=desk.standings,
    )


async def test_whoever_makes_an_organisation_operates_it(desk: Desk) -> None:
    viewer = await make_person("Ada")
    made = await create_organisation(
        viewer, " Ada  & Co ", clock=desk.clock, standings=desk.standings
    )
    assert made.name == "Ada & Co"
    (entry,) = await AuditEntry.all()
    assert (entry.actor, entry.subject) == (viewer.actor, f"organisation:{made.id}")
    assert (await Membership.get(person_id=viewer.person_id)).role is Role.OPERATOR


async def test_nobody_makes_no_organisation(desk: Desk) -> None:
    with pytest.raises(Unauthenticated):
        await create_organisation(ANONYMOUS, "X", clock=desk.clock, standings=desk.standings)


async def test_an_operator_renames_it_and_a_member_sees_it(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    attendant = await make_person("Arno", Harbour=Role.ATTENDANT)
    harbour = organisation_id(operator)
    renamed = await rename_organisation(operator, harbour, "Port", clock=desk.clock)
    assert await organisation(attendant, harbour) == renamed
    assert await own_organisations(attendant) == [renamed]
    with pytest.raises(NotPermitted):
        await rename_organisation(attendant, harbour, "Mine", clock=desk.clock)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x07b"])
async def test_a_name_is_a_name(desk: Desk, name: str) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    with pytest.raises(InvalidInput):
        await rename_organisation(operator, organisation_id(operator), name, clock=desk.clock)


async def test_strangers_cannot_tell_an_organisation_from_none(desk: Desk) -> None:
    harbour = organisation_id(await make_person("Olga", Harbour=Role.OPERATOR))
    stranger = await make_person("Sven", Elsewhere=Role.OPERATOR)
    answers = []
    for either in (harbour, 10**6):
        with pytest.raises(NotFound) as refused:
            await list_members(stranger, either)
        answers.append((refused.value.code, refused.value.message))
    assert answers[0] == answers[1]


async def test_members_are_listed_with_all_their_roles(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    harbour = organisation_id(operator)
    assert operator.person_id is not None
    await add_role(
        operator,
        harbour,
        operator.person_id,
        Role.OWNER,
        clock=desk.clock,
        standings=desk.standings,
    )
    (member,) = await list_members(operator, harbour)
    assert (member.name, member.roles) == ("Olga", (Role.OPERATOR, Role.OWNER))


async def test_only_the_platform_adds_somebody_who_was_not_asked(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    ada = await make_person("Ada")
    harbour = organisation_id(operator)
    assert ada.person_id is not None
    for viewer, person_id in ((operator, ada.person_id), (SYSTEM, 10**6)):
        with pytest.raises(NotFound):
            await add_role(
                viewer, harbour, person_id, Role.DRIVER, clock=desk.clock, standings=desk.standings
            )
    await add_role(
        SYSTEM, harbour, ada.person_id, Role.DRIVER, clock=desk.clock, standings=desk.standings
    )
    assert len(await list_members(operator, harbour)) == 2


async def test_an_invitation_is_taken_up_by_whoever_proves_the_address(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    invited = await invite(desk, operator, "Ada@example.com")
    assert "Harbour" in (await inbox_messages("ada@example.com"))[0].text
    ada = await desk.viewer("ada@example.com")
    assert await own_invitations(ada, clock=desk.clock) == [invited]
    member = await accept_invitation(ada, invited.id, clock=desk.clock, standings=desk.standings)
    assert (member.person_id, member.roles) == (ada.person_id, (Role.ATTENDANT,))
    assert await list_invitations(operator, organisation_id(operator), clock=desk.clock) == []


async def test_an_invitation_is_for_one_address_once_and_for_a_time(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    ada, eve = await desk.viewer("ada@example.com"), await desk.viewer("eve@example.com")
    withdrawn, late, good = [await invite(desk, operator, "ada@example.com") for _ in range(3)]
    await withdraw_invitation(operator, withdrawn.id, clock=desk.clock)
    accept = {"clock": desk.clock, "standings": desk.standings}
    await accept_invitation(ada, good.id, **accept)  # type: ignore[arg-type]
    desk.clock.advance(seconds=INVITATION_LIFETIME.total_seconds())
    for viewer, invitation in ((eve, good), (ada, good), (ada, withdrawn), (ada, late)):
        with pytest.raises(NotFound):
            await accept_invitation(viewer, invitation.id, **accept)  # type: ignore[arg-type]


async def test_only_operators_invite_and_withdraw(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    attendant = await make_person("Arno", Harbour=Role.ATTENDANT)
    stranger = await make_person("Sven", Elsewhere=Role.OPERATOR)
    invited = await invite(desk, operator, "ada@example.com")
    with pytest.raises(NotPermitted):
        await invite(desk, attendant, "eve@example.com")
    with pytest.raises(NotPermitted):
        await withdraw_invitation(attendant, invited.id, clock=desk.clock)
    with pytest.raises(NotFound):
        await withdraw_invitation(stranger, invited.id, clock=desk.clock)


async def test_members_are_removed_by_operators_and_leave_by_themselves(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    arno, bela = [await make_person(name, Harbour=Role.ATTENDANT) for name in ("Arno", "Bela")]
    with pytest.raises(NotPermitted):
        await remove(desk, arno, bela)
    assert await remove(desk, bela, bela) == 1
    assert await remove(desk, operator, arno, Role.ATTENDANT) == 1
    with pytest.raises(NotFound):
        await remove(desk, operator, arno)
    assert len(await list_members(operator, organisation_id(operator))) == 1


async def test_the_last_operator_stays(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    for role in (None, Role.OPERATOR):
        with pytest.raises(Conflict) as refused:
            await remove(desk, operator, operator, role)
    assert refused.value.code == "LAST_OPERATOR"


async def removals_of_each_other(desk: Desk) -> list[object]:
    """Two operators, the only ones, remove each other at the same time."""
    olga, oleg = [await make_person(name, Harbour=Role.OPERATOR) for name in ("Olga", "Oleg")]
    return list(
        await asyncio.gather(
            remove(desk, olga, oleg), remove(desk, oleg, olga), return_exceptions=True
        )
    )


async def test_two_operators_cannot_remove_each_other_at_once(desk: Desk) -> None:
    answers = await removals_of_each_other(desk)
    assert [isinstance(answer, Refusal) for answer in answers].count(True) == 1
    assert await Membership.filter(role=Role.OPERATOR).count() == 1


async def test_control_without_the_lock_nobody_is_left(
    postgres_url: str, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL only: a SQLite transaction is alone even without a row lock."""
    both_inside = asyncio.Barrier(2)

    async def no_lock(_sql: Sql, _organisation_id: int) -> None:
        await both_inside.wait()

    monkeypatch.setattr(members, "lock_organisation", no_lock)
    real = members._members

    async def look_together(sql: Sql, organisation: int) -> list[members.Member]:
        found = await real(sql, organisation)
        await both_inside.wait()
        return found

    monkeypatch.setattr(members, "_members", look_together)
    await connect(postgres_url)
    try:
        await removals_of_each_other(make_desk(clock))
        assert await Membership.filter(role=Role.OPERATOR).count() == 0
    finally:
        await disconnect()


async def test_only_the_system_gives_and_takes_the_platforms_role(desk: Desk) -> None:
    operator = await make_person("Olga", Harbour=Role.OPERATOR)
    paula = await make_person("Paula", Harbour=Role.ATTENDANT)
    harbour = organisation_id(operator)
    given: dict[str, Any] = {"clock": desk.clock, "standings": desk.standings}
    with pytest.raises(NotPermitted):
        await add_role(operator, harbour, paula.person_id or 0, Role.PLATFORM, **given)
    await add_role(SYSTEM, harbour, paula.person_id or 0, Role.PLATFORM, **given)
    standing = await desk.standings.of_person(paula.person_id or 0)
    assert standing is not None
    assert Viewer(person_id=paula.person_id, roles=standing.roles).is_platform
    assert not operator.is_platform
    with pytest.raises(NotPermitted):
        await remove(desk, operator, paula)
    assert await remove(desk, paula, paula) == 2, "who holds it may leave"
