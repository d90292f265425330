"""Recurring bookings: each turn is a reservation of its own, and all of them are one series.

Every turn is looked at under the lock of the place before any is written, so the dates that cannot
be had are named, and either none is booked or all that can be.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.clock import Clock, rfc3339
from parking.errors import Conflict, NotFound, Refusal
from parking.events.bus import Bus
from parking.listings.rules import BookingRefusal
from parking.places.rules import checked_text
from parking.rates.effort import STEPS_MAX, Effort
from parking.reservations.answer import REASON_CHARACTERS_MAX
from parking.reservations.cancel import cancel_in
from parking.reservations.confirm import confirm_in
from parking.reservations.facts import is_taken
from parking.reservations.funding import DUE_AT_END, Funding
from parking.reservations.holding import MYSELF, For, hold, require_few_holds
from parking.reservations.limits import DEFAULTS, BookingLimits
from parking.reservations.models import ReservationState
from parking.reservations.offering import serve_first
from parking.reservations.quote import Offered, Request, offer, turnover_of
from parking.reservations.record import BookingChange, changing_bookings
from parking.reservations.records import (
    SELECT_RESERVATIONS,
    ReservationRecord,
    reservation_record,
)
from parking.reservations.recurrence import parse_rule, turns
from parking.reservations.refusals import SpaceClosed, SpaceOccupied, WindowTaken
from parking.reservations.reserve import place_of_request
from parking.reservations.rules import MACHINE, Step, has_lapsed, require_may
from parking.reservations.series import SeriesRecord, series_by_id
from parking.storage.sql import Sql, database
from parking.windows import Window

NAMED_MAX = 10
"""So many refused dates stand in the message; all of them are in `SeriesRefused.refused`."""

SERIES_STEPS_MAX = 5 * STEPS_MAX
"""All turns together are priced under one lock."""


class SeriesPolicy(StrEnum):
    """What to do when some dates cannot be had."""

    ALL_OR_NOTHING = "ALL_OR_NOTHING"
    WHAT_IS_FREE = "WHAT_IS_FREE"


class RefusedTurn(NamedTuple):
    """A date that cannot be had, and why: `code` and `message` of the refusal."""

    window: Window
    code: str
    message: str


class SeriesMade(NamedTuple):
    """The series, its bookings in order, and the dates that were left out."""

    series_id: int
    reservation_ids: list[int]
    refused: list[RefusedTurn]


class SeriesRefused(Refusal):
    """Dates of a series cannot be had; `refused` names each."""

    code = "SERIES_REFUSED"

    def __init__(self, refused: Sequence[RefusedTurn]) -> None:
        named = ", ".join(f"{rfc3339(r.window.starts_at)} ({r.code})" for r in refused[:NAMED_MAX])
        more = f" and {len(refused) - NAMED_MAX} more" if len(refused) > NAMED_MAX else ""
        super().__init__(f"these dates cannot be had: {named}{more}; nothing was booked")
        self.refused = list(refused)


_TURN_REFUSALS = (BookingRefusal, WindowTaken, SpaceClosed, SpaceOccupied)


async def reserve_series(
    viewer: Viewer,
    request: Request,
    rule: str,
    policy: SeriesPolicy = SeriesPolicy.ALL_OR_NOTHING,
    whom: For = MYSELF,
    *,
    clock: Clock,
    bus: Bus,
    limits: BookingLimits = DEFAULTS,
) -> SeriesMade:
    """Hold every turn of the request's window by the rule (`parking.reservations.recurrence`).

    Raises InvalidInput, NotFound, TooManyHolds, StayTooComplex, PriceTooHigh, and SeriesRefused
    when a date cannot be had, or with `WHAT_IS_FREE` when none can.
    """
    person_id = require_person(viewer)
    place_id = await place_of_request(request)
    async with changing_bookings([place_id], clock, bus) as change:
        await require_few_holds(change, viewer, limits)
        zone = await _zone(change.sql, place_id)
        wanted = turns(parse_rule(rule, zone), request.window, zone)
        whole = Window(wanted[0].starts_at, wanted[-1].ends_at)
        await serve_first(change, place_id, whole, viewer, limits)
        free, refused = await _looked_at(change, viewer, request, wanted)
        if refused and (policy is SeriesPolicy.ALL_OR_NOTHING or not free):
            raise SeriesRefused(refused)
        [row] = await change.sql.fetch(
            "INSERT INTO reservation_series (person_id, rule, created_at) VALUES ($1, $2, $3)"
            " RETURNING id",
            person_id, rule.strip(), change.at,
        )  # fmt: skip
        mine = whom._replace(series_id=row["id"])
        made = [(await hold(change, viewer, each, mine, limits)).id for each in free]
    return SeriesMade(int(row["id"]), made, refused)


async def confirm_series(
    viewer: Viewer, series_id: int, *, clock: Clock, bus: Bus, funding: Funding = DUE_AT_END
) -> None:
    """Confirm all turns that are held. For the driver; all or none.

    Raises NotFound, Conflict `WRONG_STATE` when none is held, and as `confirm`.
    """
    series, place_id = await _series(viewer, series_id)
    async with changing_bookings([place_id], clock, bus) as change:
        held = [
            each
            for each in await _turns(change.sql, series.id)
            if each.state is ReservationState.PENDING_PAYMENT
        ]
        if not held:
            raise Conflict("no turn of the series is held; reserve it anew", code="WRONG_STATE")
        for each in held:
            require_may(Step.CONFIRM, viewer, each)
            await confirm_in(change, viewer, each, funding)


async def held_turns(viewer: Viewer, series_id: int) -> list[int]:
    """The turns that wait to be confirmed; none for a series that the viewer may not see."""
    if series_id not in await series_by_id(viewer, [series_id]):
        return []
    turns = await _turns(database(), series_id)
    return [each.id for each in turns if each.state is ReservationState.PENDING_PAYMENT]


async def cancel_series(
    viewer: Viewer,
    series_id: int,
    reason: str = "",
    starts_from: datetime | None = None,
    *,
    clock: Clock,
    bus: Bus,
) -> int:
    """Cancel every turn that has not begun, or those that begin at `starts_from` or later; how
    many. For the driver, the lessor and the operator; what is refunded follows from each turn's
    terms.

    Raises NotFound, NotPermitted, InvalidInput, and Conflict `WRONG_STATE` when there is none.
    """
    text = checked_text("reason", reason, REASON_CHARACTERS_MAX, is_required=False)
    series, place_id = await _series(viewer, series_id)
    async with changing_bookings([place_id], clock, bus) as change:
        since = change.at if starts_from is None else max(starts_from, change.at)
        rest = [
            each
            for each in await _turns(change.sql, series.id)
            if each.starts_at >= since and _is_cancellable(each, change.at)
        ]
        if not rest:
            raise Conflict("no turn of the series is left to cancel", code="WRONG_STATE")
        for each in rest:
            require_may(Step.CANCEL, viewer, each)
            await cancel_in(change, viewer, each, text)
        await change.sql.execute(
            "UPDATE reservation_series SET cancelled_at = $2 WHERE id = $1", series.id, change.at
        )
    return len(rest)


def _is_cancellable(turn: ReservationRecord, now: datetime) -> bool:
    return turn.state in MACHINE[Step.CANCEL] and not has_lapsed(turn, now)


async def _looked_at(
    change: BookingChange, viewer: Viewer, request: Request, wanted: Sequence[Window]
) -> tuple[list[Offered], list[RefusedTurn]]:
    """What can be had, and what cannot; nobody can take any of it before the lock is given up."""
    free: list[Offered] = []
    refused: list[RefusedTurn] = []
    effort = Effort(SERIES_STEPS_MAX)
    for window in wanted:
        try:
            free.append(await _turn(change, viewer, request._replace(window=window), effort))
        except _TURN_REFUSALS as refusal:
            refused.append(RefusedTurn(window, refusal.code, refusal.message))
    return free, refused


async def _turn(change: BookingChange, viewer: Viewer, request: Request, effort: Effort) -> Offered:
    offered = await offer(change.sql, viewer, request, change.at, effort)
    turnover = turnover_of(offered.terms)
    space_id = offered.facts.space_id
    if await is_taken(change.sql, space_id, offered.window, turnover, change.at):
        raise WindowTaken
    return offered


async def _zone(sql: Sql, place_id: int) -> ZoneInfo:
    [row] = await sql.fetch("SELECT time_zone FROM place WHERE id = $1", place_id)
    return ZoneInfo(row["time_zone"])


async def _turns(sql: Sql, series_id: int) -> list[ReservationRecord]:
    rows = await sql.fetch(
        f"{SELECT_RESERVATIONS} WHERE r.series_id = $1 ORDER BY r.starts_at", series_id
    )
    return [reservation_record(row) for row in rows]


async def _series(viewer: Viewer, series_id: int) -> tuple[SeriesRecord, int]:
    """The series and its place. Raises NotFound."""
    found = (await series_by_id(viewer, [series_id])).get(series_id)
    held = await _turns(database(), series_id)
    if found is None or not held:
        raise NotFound("there is no such series")
    return found, held[0].place_id
