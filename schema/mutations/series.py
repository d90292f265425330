"""Verbs on recurring bookings, and moving a booking to another bay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.clock import rfc3339
from parking.reservations import reassign as domain
from parking.reservations import recurring
from parking.reservations.holding import For
from parking.reservations.recurring import RefusedTurn as DomainTurn
from parking.reservations.recurring import SeriesPolicy
from schema.booking_refusals import FundingRefusal, HoldExpired, SpaceClosed, WindowTaken
from schema.context import Info, viewer_of
from schema.ids import wanted_key
from schema.mutations.funding import prepare_bookings
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.mutations.reservations import Reason, ReservationId, ReserveSpaceInput, request_of
from schema.refusals import Refusal, VerbRefusal, also_shaped
from schema.reservations import Reservation, load_known_reservation
from schema.series import ReservationSeries, load_known_series

SeriesId: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The series' id.")]


@strawberry.type(description="A date of a series that cannot be had, and why.")
class RefusedTurn:
    """`parking.reservations.recurring.RefusedTurn`."""

    starts_at: datetime = strawberry.field(description="When it would have begun.")
    ends_at: datetime = strawberry.field(description="When it would have ended.")
    code: str = strawberry.field(description="As in refusals of `reserveSpace`: WINDOW_TAKEN …")
    message: str = strawberry.field(description="For people, in English.")


@strawberry.type(description="Turns of a series are held, or were asked for.")
class SeriesReserved:
    """Outcome of `reserveSeries`."""

    series: ReservationSeries = strawberry.field(description="The series.")
    refused: list[RefusedTurn] = strawberry.field(
        description="The dates that were left out; none unless WHAT_IS_FREE was asked for."
    )


@strawberry.type(description="All turns that were held are booked.")
class SeriesConfirmed:
    """Outcome of `confirmSeries`."""

    series: ReservationSeries = strawberry.field(description="The series now.")


@strawberry.type(description="Turns of a series were cancelled.")
class SeriesCancelled:
    """Outcome of `cancelSeries`."""

    series: ReservationSeries = strawberry.field(description="The series now.")
    cancelled_count: int = strawberry.field(description="How many turns.")


@strawberry.type(description="A booking has another bay.")
class ReservationReassigned:
    """Outcome of `reassignReservation`."""

    reservation: Reservation = strawberry.field(description="The reservation now.")


@strawberry.type(description="Dates cannot be had, so nothing was booked.")
class SeriesRefused(Refusal):
    """`parking.reservations.recurring.SeriesRefused`."""

    refused: list[RefusedTurn] = strawberry.field(description="Each of them.")


@strawberry.type(description="No other space of the place is free then and serves as well.")
class NoReplacement(Refusal):
    """`parking.reservations.reassign.NoReplacement`."""


also_shaped({domain.NoReplacement: NoReplacement})

ReserveSeriesResult: TypeAlias = Annotated[
    SeriesReserved | VerbRefusal | SeriesRefused,
    strawberry.union("ReserveSeriesResult", description="What `reserveSeries` answers."),
]
ConfirmSeriesResult: TypeAlias = Annotated[
    SeriesConfirmed | VerbRefusal | HoldExpired | SpaceClosed | FundingRefusal,
    strawberry.union("ConfirmSeriesResult", description="What `confirmSeries` answers."),
]
CancelSeriesResult: TypeAlias = Annotated[
    SeriesCancelled | VerbRefusal,
    strawberry.union("CancelSeriesResult", description="What `cancelSeries` answers."),
]
ReassignReservationResult: TypeAlias = Annotated[
    ReservationReassigned | VerbRefusal | HoldExpired | NoReplacement | WindowTaken,
    strawberry.union(
        "ReassignReservationResult", description="What `reassignReservation` answers."
    ),
]


def _told(refused: Sequence[DomainTurn]) -> list[dict[str, Any]]:
    """Refused turns as they are kept under the idempotency key."""
    return [
        {
            "starts_at": rfc3339(each.window.starts_at),
            "ends_at": rfc3339(each.window.ends_at),
            "code": each.code,
            "message": each.message,
        }
        for each in refused
    ]


def _refused_of(told: Sequence[dict[str, Any]]) -> list[RefusedTurn]:
    return [
        RefusedTurn(
            starts_at=datetime.fromisoformat(each["starts_at"]),
            ends_at=datetime.fromisoformat(each["ends_at"]),
            code=each["code"],
            message=each["message"],
        )
        for each in told
    ]


@strawberry.type
class SeriesMutations:
    """Root fields."""

    @mutation(
        "Hold a space for each date of a rule: FREQ=DAILY or WEEKLY with INTERVAL, BYDAY, and"
        " COUNT or UNTIL, a year at most, at the same time of the place's clocks. Each turn is a"
        " reservation of its own; `confirmSeries` confirms them together."
    )
    async def reserve_series(
        self,
        info: Info,
        input: Annotated[ReserveSpaceInput, strawberry.argument(description="The first turn.")],
        rule: Annotated[
            str, strawberry.argument(description="An RRULE, such as FREQ=WEEKLY;COUNT=10.")
        ],
        idempotency_key: IdempotencyKey,
        policy: Annotated[
            SeriesPolicy, strawberry.argument(description="What if some dates cannot be had.")
        ] = SeriesPolicy.ALL_OR_NOTHING,
    ) -> ReserveSeriesResult:
        request, whom = request_of(input), For(guest_name=input.guest_name)

        async def do(work: Work) -> Answer:
            limits = work.services.booking_limits
            made = await recurring.reserve_series(
                work.viewer, request, rule, policy, whom,
                clock=work.clock, bus=work.bus, limits=limits,
            )  # fmt: skip
            return {"series": made.series_id, "refused": _told(made.refused)}

        given = {"input": input, "rule": rule, "policy": policy}
        try:
            answer = (await once(info, idempotency_key, given, do)).answer
        except recurring.SeriesRefused as refusal:
            turns = _refused_of(_told(refusal.refused))
            return SeriesRefused(code=refusal.code, message=refusal.message, refused=turns)
        series = await load_known_series(info, answer["series"])
        return SeriesReserved(series=series, refused=_refused_of(answer["refused"]))

    @mutation("Confirm all turns of a series that are held, all or none. For the driver.")
    async def confirm_series(
        self, info: Info, series_id: SeriesId, idempotency_key: IdempotencyKey
    ) -> ConfirmSeriesResult:
        key = wanted_key(series_id, "ReservationSeries")

        async def do(work: Work) -> Answer:
            funding = work.services.funding
            await recurring.confirm_series(
                work.viewer, key, clock=work.clock, bus=work.bus, funding=funding
            )
            return {}

        held = await recurring.held_turns(viewer_of(info.context), key)
        await prepare_bookings(info, held)
        await once(info, idempotency_key, {"series": key}, do)
        return SeriesConfirmed(series=await load_known_series(info, key))

    @mutation(
        "Cancel all turns of a series that have not begun, or the rest of them. One turn is"
        " cancelled by `cancelReservation`. For the driver, the lessor, and the place's OPERATORs."
    )
    async def cancel_series(
        self,
        info: Info,
        series_id: SeriesId,
        idempotency_key: IdempotencyKey,
        starts_from: Annotated[
            datetime | None,
            strawberry.argument(description="Only turns that begin then or later; null: all."),
        ] = None,
        reason: Reason = "",
    ) -> CancelSeriesResult:
        key = wanted_key(series_id, "ReservationSeries")

        async def do(work: Work) -> Answer:
            count = await recurring.cancel_series(
                work.viewer, key, reason, starts_from, clock=work.clock, bus=work.bus
            )
            return {"count": count}

        given = {"series": key, "starts_from": starts_from, "reason": reason}
        done = await once(info, idempotency_key, given, do)
        series = await load_known_series(info, key)
        return SeriesCancelled(series=series, cancelled_count=done.answer["count"])

    @mutation(
        "Move a booking to another space of its place when its own fails: one that serves as well,"
        " at the price that was agreed. For the lessor, and for who works at the place."
    )
    async def reassign_reservation(
        self,
        info: Info,
        reservation_id: ReservationId,
        idempotency_key: IdempotencyKey,
        space_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The space to move to; null: the best there is."),
        ] = None,
        reason: Reason = "",
    ) -> ReassignReservationResult:
        key = wanted_key(reservation_id, "Reservation")
        space = None if space_id is None else wanted_key(space_id, "Space")

        async def do(work: Work) -> Answer:
            await domain.reassign(work.viewer, key, reason, space, clock=work.clock, bus=work.bus)
            return {}

        given = {"reservation": key, "space": space, "reason": reason}
        await once(info, idempotency_key, given, do)
        return ReservationReassigned(reservation=await load_known_reservation(info, key))
