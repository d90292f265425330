"""Invitations: a role offered to an address, taken up by whoever proves that address."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from parking.accounts.addresses import parse_address
from parking.accounts.attempts import Limit, take_attempt
from parking.accounts.audit import record_audit
from parking.accounts.keys import Keys
from parking.accounts.members import Member, member_of
from parking.accounts.models import Role
from parking.accounts.organisations import add_membership, organisation_of
from parking.accounts.people import own_profile
from parking.accounts.rules import acts_in, require_grantable, require_manager
from parking.accounts.standings import Standings
from parking.accounts.texts import LOCALE_DEFAULT, invitation_notice
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotFound
from parking.notices.channel import Channel
from parking.storage.sql import Sql, as_time, database
from parking.storage.transactions import transaction

INVITATION_LIFETIME = timedelta(days=14)
INVITATIONS_PER_ORGANISATION = Limit("invitation", 60)

_OPEN = "accepted_at IS NULL AND withdrawn_at IS NULL"


@dataclass(frozen=True, slots=True)
class InvitationView:
    """An open offer; times are UTC. The same whether or not the address has an account."""

    id: int
    organisation_id: int
    organisation_name: str
    address: str
    role: Role
    created_at: datetime
    expires_at: datetime


async def invite_member(
    viewer: Viewer,
    organisation_id: int,
    address: str,
    role: Role,
    *,
    clock: Clock,
    keys: Keys,
    channel: Channel,
    locale: str = LOCALE_DEFAULT,
) -> InvitationView:
    """Offer `role` to whoever proves `address`, and tell them.

    Raises `InvalidInput`, `NotFound`, `NotPermitted`, `TooManyTries`, `NoticeNotSent` (the
    invitation stands all the same).
    """
    require_manager(viewer, organisation_id)
    require_grantable(viewer, role)
    to, now = parse_address(address), clock.now()
    async with transaction() as sql:
        who = str(organisation_id)
        await take_attempt(sql, INVITATIONS_PER_ORGANISATION, who, keys.codes, now)
        host = await organisation_of(sql, organisation_id)
        expires_at = now + INVITATION_LIFETIME
        rows = await sql.fetch(
            "INSERT INTO invitation"
            " (organisation_id, address, role, invited_by_id, created_at, expires_at)"
            " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
            organisation_id,
            to.value,
            role.value,
            viewer.person_id,
            now,
            expires_at,
        )
        made: int = rows[0]["id"]
        await _record(sql, viewer, "invite_member", made, organisation_id, role, now)
    notice = invitation_notice(host.name, role.value, locale)
    await channel.send(to.value, notice.subject, notice.text)
    return InvitationView(made, host.id, host.name, to.value, role, now, expires_at)


async def withdraw_invitation(viewer: Viewer, invitation_id: int, *, clock: Clock) -> None:
    """Take an open offer back. Raises `NotFound`, `NotPermitted`."""
    now = clock.now()
    async with transaction() as sql:
        row = await sql.fetch_one(
            f"SELECT organisation_id, role FROM invitation WHERE id = $1 AND {_OPEN}", invitation_id
        )
        if row is None or not acts_in(viewer, row["organisation_id"]):
            raise _missing()
        require_manager(viewer, row["organisation_id"])
        changed = await sql.execute(
            f"UPDATE invitation SET withdrawn_at = $2 WHERE id = $1 AND {_OPEN}", invitation_id, now
        )
        if changed == 0:
            raise _missing()
        organisation_id, role = row["organisation_id"], Role(row["role"])
        await _record(sql, viewer, "withdraw_invitation", invitation_id, organisation_id, role, now)


async def list_invitations(
    viewer: Viewer, organisation_id: int, *, clock: Clock
) -> list[InvitationView]:
    """The organisation's open offers, newest first. Raises `NotFound`, `NotPermitted`."""
    require_manager(viewer, organisation_id)
    return await _open_ones("i.organisation_id = $2", clock.now(), organisation_id)


async def own_invitations(viewer: Viewer, *, clock: Clock) -> list[InvitationView]:
    """Open offers to the addresses the viewer has proven. Raises `Unauthenticated`."""
    profile = await own_profile(viewer)
    return await _open_ones(
        "i.address IN ($2, $3)", clock.now(), profile.phone or "", profile.email or ""
    )


async def accept_invitation(
    viewer: Viewer, invitation_id: int, *, clock: Clock, standings: Standings
) -> Member:
    """Take up an offer to one of the viewer's own addresses; it works once.

    Raises `NotFound` when there is none that is open and theirs, `Unauthenticated`.
    """
    profile, now = await own_profile(viewer), clock.now()
    async with transaction() as sql:
        row = await sql.fetch_one(
            f"UPDATE invitation SET accepted_at = $2 WHERE id = $1 AND {_OPEN}"
            " AND expires_at > $2 AND address IN ($3, $4) RETURNING organisation_id, role",
            invitation_id,
            now,
            profile.phone or "",
            profile.email or "",
        )
        if row is None:
            raise _missing()
        organisation_id, role = row["organisation_id"], Role(row["role"])
        await add_membership(sql, organisation_id, profile.id, role, now)
        await _record(sql, viewer, "accept_invitation", invitation_id, organisation_id, role, now)
        member = await member_of(sql, organisation_id, profile.id)
    standings.forget_person(profile.id)
    return member


async def _open_ones(condition: str, now: datetime, *values: object) -> list[InvitationView]:
    rows = await database().fetch(
        "SELECT i.id, i.organisation_id, o.name AS organisation_name, i.address, i.role,"
        " i.created_at, i.expires_at"
        " FROM invitation i JOIN organisation o ON o.id = i.organisation_id"
        f" WHERE {_OPEN} AND i.expires_at > $1 AND {condition} ORDER BY i.id DESC",
        now,
        *values,
    )
    return [_view(row) for row in rows]


def _view(row: dict[str, Any]) -> InvitationView:
    times = {name: as_time(row[name]) for name in ("created_at", "expires_at")}
    return InvitationView(**{**row, **times, "role": Role(row["role"])})


def _missing() -> NotFound:
    return NotFound("there is no such open invitation")


async def _record(
    sql: Sql,
    viewer: Viewer,
    verb: str,
    invitation_id: int,
    organisation_id: int,
    role: Role,
    now: datetime,
) -> None:
    subject, detail = f"invitation:{invitation_id}", {"role": role.value}
    await record_audit(sql, viewer, verb, subject, organisation_id, detail, now)
