"""Organisations: made by any signed-in person, who becomes their first OPERATOR."""

from dataclasses import dataclass
from datetime import datetime

from parking.accounts.audit import record_audit
from parking.accounts.models import Role
from parking.accounts.people import parse_name
from parking.accounts.rules import require_manager, require_person, require_visible
from parking.accounts.standings import Standings
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import NotFound
from parking.storage.sql import Sql, as_time, database
from parking.storage.transactions import transaction


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """An organisation; `created_at` is UTC."""

    id: int
    name: str
    created_at: datetime


async def create_organisation(
    viewer: Viewer, name: str, *, clock: Clock, standings: Standings
) -> OrganisationView:
    """A new organisation with the viewer as OPERATOR.

    Raises `InvalidInput`, `Unauthenticated`, `NotPermitted`.
    """
    person_id = None if viewer.is_system else require_person(viewer)
    name, now = parse_name(name), clock.now()
    async with transaction() as sql:
        rows = await sql.fetch(
            "INSERT INTO organisation (name, created_at) VALUES ($1, $2) RETURNING id", name, now
        )
        made: int = rows[0]["id"]
        if person_id is not None:
            await add_membership(sql, made, person_id, Role.OPERATOR, now)
        subject = f"organisation:{made}"
        await record_audit(sql, viewer, "create_organisation", subject, made, {"name": name}, now)
    if person_id is not None:
        standings.forget_person(person_id)
    return OrganisationView(made, name, now)


async def rename_organisation(
    viewer: Viewer, organisation_id: int, name: str, *, clock: Clock
) -> OrganisationView:
    """Give the organisation another name. Raises `InvalidInput`, `NotFound`, `NotPermitted`."""
    require_manager(viewer, organisation_id)
    name = parse_name(name)
    async with transaction() as sql:
        await sql.execute("UPDATE organisation SET name = $2 WHERE id = $1", organisation_id, name)
        renamed = await organisation_of(sql, organisation_id)
        subject = f"organisation:{organisation_id}"
        await record_audit(
            sql,
            viewer,
            "rename_organisation",
            subject,
            organisation_id,
            {"name": name},
            clock.now(),
        )
    return renamed


async def organisation(viewer: Viewer, organisation_id: int) -> OrganisationView:
    """One organisation that the viewer belongs to. Raises `NotFound`."""
    require_visible(viewer, organisation_id)
    return await organisation_of(database(), organisation_id)


async def own_organisations(viewer: Viewer) -> list[OrganisationView]:
    """Those the viewer belongs to, by name."""
    sql = database()
    rows = await sql.fetch(
        f"SELECT id, name, created_at FROM organisation WHERE id {sql.any_of('$1')}"
        " ORDER BY name, id",
        sorted(viewer.roles),
    )
    return [OrganisationView(r["id"], r["name"], as_time(r["created_at"])) for r in rows]


async def organisation_of(sql: Sql, organisation_id: int) -> OrganisationView:
    """The organisation with this id. Raises `NotFound`."""
    row = await sql.fetch_one(
        "SELECT id, name, created_at FROM organisation WHERE id = $1", organisation_id
    )
    if row is None:
        raise NotFound("there is no such organisation")
    return OrganisationView(row["id"], row["name"], as_time(row["created_at"]))


async def add_membership(
    sql: Sql, organisation_id: int, person_id: int, role: Role, now: datetime
) -> bool:
    """Write the membership in the caller's transaction; False when it was there already."""
    added = await sql.execute(
        "INSERT INTO membership (organisation_id, person_id, role, created_at)"
        " VALUES ($1, $2, $3, $4) ON CONFLICT (person_id, organisation_id, role) DO NOTHING",
        organisation_id,
        person_id,
        role.value,
        now,
    )
    return added == 1
