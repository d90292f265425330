"""Webhook endpoints of an organisation: made and changed by its OPERATORs, never by an API key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parking.accounts.audit import record_audit
from parking.accounts.rules import acts_in, require_manager
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, NotFound
from parking.notices.kinds import EVENTS, EndpointState, NoticeTopic
from parking.notices.limits import ENDPOINTS_MAX
from parking.notices.webhooks.endpoints import (
    Endpoint,
    Sealing,
    delete_endpoint,
    endpoint_by_id,
    endpoints_of,
    insert_endpoint,
    rotate_secret,
    set_state,
)
from parking.notices.webhooks.places import parse_endpoint_url
from parking.notices.webhooks.signing import new_secret, shown_secret
from parking.storage.sql import Sql, database
from parking.storage.transactions import transaction


@dataclass(frozen=True, slots=True, repr=False)
class NewSecret:
    """An endpoint with the secret that signs from now on: the only time that it is shown."""

    endpoint: Endpoint
    secret: str


async def list_webhook_endpoints(viewer: Viewer, organisation_id: int) -> list[Endpoint]:
    """The organisation's, oldest first. Raises `NotFound`, `NotPermitted`."""
    require_manager(viewer, organisation_id)
    return await endpoints_of(database(), organisation_id)


async def create_webhook_endpoint(
    viewer: Viewer,
    organisation_id: int,
    url: str,
    topics: Sequence[NoticeTopic],
    *,
    clock: Clock,
    sealing: Sealing,
    is_development: bool,
) -> NewSecret:
    """Tell a system of the organisation's events from now on.

    Raises `InvalidInput`, `NotFound`, `NotPermitted`, and `Conflict` (`TOO_MANY_ENDPOINTS`).
    """
    require_manager(viewer, organisation_id)
    url = parse_endpoint_url(url, is_development=is_development)
    _require_events(topics)
    secret, now = new_secret(), clock.now()
    async with transaction() as sql:
        await _require_room(sql, organisation_id)
        made = await insert_endpoint(
            sql, organisation_id, url, topics, secret, sealing,
            created_by=viewer.person_id, at=now,
        )  # fmt: skip
        detail = {"url": url, "topics": sorted(topics)}
        await _record(sql, viewer, "create_webhook_endpoint", made, detail, clock)
    return NewSecret(made, shown_secret(secret))


async def pause_webhook_endpoint(viewer: Viewer, endpoint_id: int, *, clock: Clock) -> Endpoint:
    """Send nothing for now: events wait, and are given up after three days.

    Again changes nothing. Raises `NotFound`, `NotPermitted`.
    """
    return await _switch(viewer, endpoint_id, EndpointState.PAUSED, clock)


async def resume_webhook_endpoint(viewer: Viewer, endpoint_id: int, *, clock: Clock) -> Endpoint:
    """Send again. Raises `NotFound`, `NotPermitted`."""
    return await _switch(viewer, endpoint_id, EndpointState.ACTIVE, clock)


async def rotate_webhook_secret(
    viewer: Viewer, endpoint_id: int, *, clock: Clock, sealing: Sealing
) -> NewSecret:
    """Another secret; the former one signs too for a day. Raises `NotFound`, `NotPermitted`."""
    secret = new_secret()
    async with transaction() as sql:
        endpoint = await _own(sql, viewer, endpoint_id)
        await rotate_secret(sql, endpoint, secret, sealing, clock.now())
        await _record(sql, viewer, "rotate_webhook_secret", endpoint, {}, clock)
        rotated = await _own(sql, viewer, endpoint_id)
    return NewSecret(rotated, shown_secret(secret))


async def delete_webhook_endpoint(viewer: Viewer, endpoint_id: int, *, clock: Clock) -> int:
    """Forget it, and what still waits for it; the organisation. Raises `NotFound`,
    `NotPermitted`."""
    async with transaction() as sql:
        endpoint = await _own(sql, viewer, endpoint_id)
        await delete_endpoint(sql, endpoint_id, clock.now())
        await _record(
            sql, viewer, "delete_webhook_endpoint", endpoint, {"url": endpoint.url}, clock
        )
    return endpoint.organisation_id


async def _switch(viewer: Viewer, endpoint_id: int, state: EndpointState, clock: Clock) -> Endpoint:
    async with transaction() as sql:
        endpoint = await _own(sql, viewer, endpoint_id)
        if await set_state(sql, endpoint_id, state, clock.now()):
            await _record(sql, viewer, "switch_webhook_endpoint", endpoint, {"state": state}, clock)
        return await _own(sql, viewer, endpoint_id)


async def _own(sql: Sql, viewer: Viewer, endpoint_id: int) -> Endpoint:
    endpoint = await endpoint_by_id(sql, endpoint_id)
    if endpoint is None or not acts_in(viewer, endpoint.organisation_id):
        raise NotFound("there is no such webhook endpoint")
    require_manager(viewer, endpoint.organisation_id)
    return endpoint


def _require_events(topics: Sequence[NoticeTopic]) -> None:
    wrong = [topic for topic in topics if topic not in EVENTS]
    if wrong or not topics:
        said = f"webhooks are not sent about {wrong[0]}" if wrong else "an endpoint needs a topic"
        raise InvalidInput("topics", f"{said}; expected some of {', '.join(EVENTS)}")


async def _require_room(sql: Sql, organisation_id: int) -> None:
    row = await sql.fetch_one(
        "SELECT count(*) AS n FROM webhook_endpoint WHERE organisation_id = $1", organisation_id
    )
    if row is not None and row["n"] >= ENDPOINTS_MAX:
        raise Conflict(
            f"an organisation has at most {ENDPOINTS_MAX} webhook endpoints; delete one first",
            code="TOO_MANY_ENDPOINTS",
        )


async def _record(
    sql: Sql, viewer: Viewer, verb: str, endpoint: Endpoint, detail: dict[str, Any], clock: Clock
) -> None:
    subject = f"webhook_endpoint:{endpoint.id}"
    await record_audit(sql, viewer, verb, subject, endpoint.organisation_id, detail, clock.now())
