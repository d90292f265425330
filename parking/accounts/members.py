"""Members of an organisation and their roles."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parking.accounts.audit import record_audit
from parking.accounts.models import Role
from parking.accounts.organisations import add_membership
from parking.accounts.rules import (
    may_remove,
    require_grantable,
    require_manager,
    require_operator_left,
    require_visible,
)
from parking.accounts.standings import Standings
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotFound, NotPermitted
from parking.storage.locks import lock_organisation
from parking.storage.sql import Sql, as_time, database
from parking.storage.transactions import retried, transaction


@dataclass(frozen=True, slots=True)
class Member:
    """A person's place in an organisation; `since` (UTC) is when the first of `roles` began."""

    organisation_id: int
    person_id: int
    name: str
    phone: str | None
    email: str | None
    roles: tuple[Role, ...]
    since: datetime


async def list_members(viewer: Viewer, organisation_id: int) -> list[Member]:
    """All members by name, for an OPERATOR. Raises `NotFound`, `NotPermitted`."""
    require_manager(viewer, organisation_id)
    return await _members(database(), organisation_id)


async def add_role(
    viewer: Viewer,
    organisation_id: int,
    person_id: int,
    role: Role,
    *,
    clock: Clock,
    standings: Standings,
) -> Member:
    """Give a member one more role. Only the platform itself may so add somebody who is no member:
    everybody else invites them (`invitations`), because a member's name and address are shown.

    Raises `NotFound`, `NotPermitted` (`ROLE_RESERVED` for PLATFORM).
    """
    require_manager(viewer, organisation_id)
    require_grantable(viewer, role)
    now = clock.now()
    async with transaction() as sql:
        is_member = any(m.person_id == person_id for m in await _members(sql, organisation_id))
        exists = await sql.fetch_one("SELECT 1 AS one FROM person WHERE id = $1", person_id)
        if not (is_member or (viewer.is_system and exists)):
            raise NotFound("there is no such member; invite the person first")
        await add_membership(sql, organisation_id, person_id, role, now)
        await _record(sql, viewer, "add_role", organisation_id, person_id, role, now)
        member = await member_of(sql, organisation_id, person_id)
    standings.forget_person(person_id)
    return member


async def remove_member(
    viewer: Viewer,
    organisation_id: int,
    person_id: int,
    role: Role | None = None,
    *,
    clock: Clock,
    standings: Standings,
) -> int:
    """Take `role` (None: every role) from a member; how many memberships ended.

    By an OPERATOR, or by the member, who leaves. Raises `NotFound`, `NotPermitted`, and
    `Conflict` (`LAST_OPERATOR`) when nobody could manage the organisation any more.
    """
    require_visible(viewer, organisation_id)
    if not may_remove(viewer, organisation_id, person_id):
        raise NotPermitted("only an OPERATOR of the organisation may do this")

    async def once() -> int:
        async with transaction() as sql:
            # Two operators removing each other at once: the second must see what the first did.
            await lock_organisation(sql, organisation_id)
            return await _remove(sql, viewer, organisation_id, person_id, role, clock.now())

    removed = await retried(once)
    standings.forget_person(person_id)
    return removed


async def member_of(sql: Sql, organisation_id: int, person_id: int) -> Member:
    """One member. Raises `NotFound`."""
    for member in await _members(sql, organisation_id):
        if member.person_id == person_id:
            return member
    raise NotFound("there is no such member")


async def _remove(
    sql: Sql,
    viewer: Viewer,
    organisation_id: int,
    person_id: int,
    role: Role | None,
    now: datetime,
) -> int:
    members = await _members(sql, organisation_id)
    held = [(member.person_id, each) for member in members for each in member.roles]
    given_up = [each for who, each in held if who == person_id and role in (None, each)]
    if not given_up:
        raise NotFound("there is no such member, or not with this role")
    if viewer.person_id != person_id:
        for each in given_up:
            require_grantable(viewer, each)
    if Role.OPERATOR in given_up:
        require_operator_left(held, person_id, role)
    for each in given_up:
        await sql.execute(
            "DELETE FROM membership WHERE organisation_id = $1 AND person_id = $2 AND role = $3",
            organisation_id,
            person_id,
            each.value,
        )
        await _record(sql, viewer, "remove_role", organisation_id, person_id, each, now)
    return len(given_up)


async def _members(sql: Sql, organisation_id: int) -> list[Member]:
    rows = await sql.fetch(
        """
        SELECT m.person_id, p.name, p.phone, p.email, m.role, m.created_at
        FROM membership m JOIN person p ON p.id = m.person_id
        WHERE m.organisation_id = $1 ORDER BY p.name, p.id, m.role
        """,
        organisation_id,
    )
    by_person: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        by_person.setdefault(row["person_id"], []).append(row)
    return [_member(organisation_id, rows) for rows in by_person.values()]


def _member(organisation_id: int, rows: list[dict[str, Any]]) -> Member:
    first = rows[0]
    return Member(
        organisation_id,
        first["person_id"],
        first["name"],
        first["phone"],
        first["email"],
        tuple(Role(row["role"]) for row in rows),
        min(as_time(row["created_at"]) for row in rows),
    )


async def _record(
    sql: Sql,
    viewer: Viewer,
    verb: str,
    organisation_id: int,
    person_id: int,
    role: Role,
    now: datetime,
) -> None:
    detail = {"role": role.value}
    await record_audit(sql, viewer, verb, f"person:{person_id}", organisation_id, detail, now)
