"""Making, editing, publishing, pausing and withdrawing offers.

Nothing here reaches agreements already made: quotes and reservations keep what they were made
with. Every verb raises NotFound (also for what the viewer may not know of) and NotPermitted, and
locks the place, so that nobody books under terms that are just being changed.
"""

from collections.abc import Mapping
from typing import Any

from parking.accounts.audit import record_audit
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict
from parking.listings.cancellation import parse_terms, terms_json
from parking.listings.content import (
    Schedule,
    plates_of_listings,
    schedule_of,
    spaces_of_listings,
    write_plates,
    write_schedule,
    write_spaces,
)
from parking.listings.extend import rewrite_openings
from parking.listings.guards import (
    locked_listing,
    managed_listing,
    require_audience,
    require_publishable,
    require_rate_table,
    require_spaces,
)
from parking.listings.models import ListingState
from parking.listings.new import ListingEdit, NewListing, changes, checked_listing, merged
from parking.listings.records import ListingRecord
from parking.listings.rules import require_following, require_lessor
from parking.places.queries import place_by_id
from parking.storage.sql import Sql
from parking.storage.transactions import transaction

PLAIN = (
    "rate_table_id", "name", "mode", "audience", "audience_organisation_id", "stay_minutes_min",
    "stay_minutes_max", "lead_minutes", "horizon_days", "turnover_minutes", "valid_from",
    "valid_until",
)  # fmt: skip
"""Columns that an edit may set, under the same name."""


async def create_listing(viewer: Viewer, new: NewListing, *, clock: Clock) -> int:
    """A draft of the lessor's; its id. Nobody else sees it yet. Raises InvalidInput."""
    require_lessor(viewer, new.organisation_id)
    await place_by_id(viewer, new.place_id)
    listing, at = checked_listing(new), clock.now()
    await _require_references(viewer, listing)
    async with transaction() as sql:
        await require_rate_table(sql, listing.rate_table_id, listing.organisation_id)
        columns = {
            "place_id": listing.place_id, "organisation_id": listing.organisation_id,
            "state": ListingState.DRAFT.value, "created_at": at,
            **_columns(listing), "changed_at": at,
        }  # fmt: skip
        listing_id = await _insert(sql, columns)
        await _write_content(sql, listing_id, listing)
        subject, detail = f"listing:{listing_id}", {"name": listing.name}
        await record_audit(
            sql, viewer, "create_listing", subject, listing.organisation_id, detail, at
        )
    return listing_id


async def update_listing(viewer: Viewer, edit: ListingEdit, *, clock: Clock) -> None:
    """Change an offer and raise its version; an ACTIVE one must stay publishable.

    Raises InvalidInput, or Conflict: `WRONG_STATE` for a withdrawn one, else as `activate_listing`.
    """
    await managed_listing(viewer, edit.id)
    wanted = changes(edit)
    if not wanted:
        return
    async with transaction() as sql:
        before = await locked_listing(sql, viewer, edit.id)
        _require_editable(before)
        listing = checked_listing(merged(before, await _stored(sql, before), edit))
        await _require_references(viewer, listing)
        if "rate_table_id" in wanted:
            await require_rate_table(sql, listing.rate_table_id, listing.organisation_id)
        await _write_edit(sql, before, listing, clock)
        await _after_edit(sql, viewer, before, sorted(wanted), clock)


async def replace_schedule(
    viewer: Viewer, listing_id: int, schedule: Schedule, *, clock: Clock
) -> None:
    """Other windows and exceptions instead of the present ones; raises as `update_listing`."""
    edit = ListingEdit(listing_id, windows=schedule.windows, exceptions=schedule.exceptions)
    await update_listing(viewer, edit, clock=clock)


async def activate_listing(viewer: Viewer, listing_id: int, *, clock: Clock) -> None:
    """Publish a draft, or go on after a pause; its openings are worked out up to its horizon.

    Raises Conflict: `WRONG_STATE`, `PLACE_RETIRED`, `SPACE_RETIRED`, `TITLE_MISSING`,
    `RATE_TABLE_RETIRED`, `CURRENCY_DIFFERS`, `VALIDITY_OVER`.
    """
    await _go_to(viewer, listing_id, ListingState.ACTIVE, "activate_listing", clock)


async def pause_listing(viewer: Viewer, listing_id: int, *, clock: Clock) -> None:
    """Stop offering for a while. Raises Conflict `WRONG_STATE`."""
    await _go_to(viewer, listing_id, ListingState.PAUSED, "pause_listing", clock)


async def withdraw_listing(viewer: Viewer, listing_id: int, *, clock: Clock) -> None:
    """Stop offering for good."""
    await _go_to(viewer, listing_id, ListingState.WITHDRAWN, "withdraw_listing", clock)


async def _go_to(
    viewer: Viewer, listing_id: int, state: ListingState, verb: str, clock: Clock
) -> None:
    async with transaction() as sql:
        listing = await locked_listing(sql, viewer, listing_id)
        if listing.state is state:
            return
        require_following(listing.state, state)
        at = clock.now()
        await set_state(sql, listing_id, state, clock)
        if state is ListingState.ACTIVE:
            _require_validity(listing, clock)
            await require_publishable(sql, listing)
            await rewrite_openings(sql, listing, at)
        subject = f"listing:{listing_id}"
        await record_audit(sql, viewer, verb, subject, listing.organisation_id, {}, at)


async def set_state(sql: Sql, listing_id: int, state: ListingState, clock: Clock) -> None:
    """Write the state; the version tells of terms and stays."""
    await sql.execute(
        "UPDATE listing SET state = $2, changed_at = $3 WHERE id = $1",
        listing_id,
        state.value,
        clock.now(),
    )


def _require_editable(listing: ListingRecord) -> None:
    if listing.state is ListingState.WITHDRAWN:
        message = "the listing is withdrawn for good; make a new one"
        raise Conflict(message, code="WRONG_STATE")


def _require_validity(listing: ListingRecord, clock: Clock) -> None:
    if listing.valid_until is not None and listing.valid_until <= clock.now():
        message = "the listing's validity is over; give it a later validUntil"
        raise Conflict(message, code="VALIDITY_OVER")


async def _require_references(viewer: Viewer, listing: NewListing) -> None:
    require_audience(viewer, listing)
    await require_spaces(viewer, listing.place_id, listing.space_ids)


async def _stored(sql: Sql, listing: ListingRecord) -> Mapping[str, Any]:
    """What an edit may keep of what is not in the listing's own row."""
    schedule = await schedule_of(listing.id, sql)
    return {
        "cancellation": parse_terms(listing.cancellation),
        "space_ids": (await spaces_of_listings([listing.id], sql))[listing.id],
        "plates": (await plates_of_listings([listing.id], sql))[listing.id],
        "windows": schedule.windows,
        "exceptions": schedule.exceptions,
    }


def _columns(listing: NewListing) -> dict[str, Any]:
    plain = {name: getattr(listing, name) for name in PLAIN}
    return {**plain, "cancellation": terms_json(listing.cancellation)}


async def _insert(sql: Sql, columns: Mapping[str, Any]) -> int:
    names, places = ", ".join(columns), ", ".join(f"${i + 1}" for i in range(len(columns)))
    [row] = await sql.fetch(
        f"INSERT INTO listing ({names}) VALUES ({places}) RETURNING id", *columns.values()
    )
    return int(row["id"])


async def _write_edit(sql: Sql, before: ListingRecord, listing: NewListing, clock: Clock) -> None:
    columns = {**_columns(listing), "changed_at": clock.now()}
    assignments = ", ".join(f"{name} = ${i}" for i, name in enumerate(columns, start=2))
    await sql.execute(
        f"UPDATE listing SET {assignments}, version = version + 1 WHERE id = $1",
        before.id,
        *columns.values(),
    )
    await _write_content(sql, before.id, listing)


async def _after_edit(
    sql: Sql, viewer: Viewer, before: ListingRecord, changed: list[str], clock: Clock
) -> None:
    if before.state is ListingState.ACTIVE:
        listing = await managed_listing(viewer, before.id, sql)
        _require_validity(listing, clock)
        await require_publishable(sql, listing)
        await rewrite_openings(sql, listing, clock.now())
    subject, detail = f"listing:{before.id}", {"changed": changed, "version": before.version + 1}
    await record_audit(
        sql, viewer, "update_listing", subject, before.organisation_id, detail, clock.now()
    )


async def _write_content(sql: Sql, listing_id: int, listing: NewListing) -> None:
    await write_spaces(sql, listing_id, listing.space_ids)
    await write_plates(sql, listing_id, listing.plates)
    await write_schedule(sql, listing_id, listing.schedule)
