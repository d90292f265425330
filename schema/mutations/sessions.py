"""Verbs of operators and attendants on sessions, for where the devices do not say it right."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.sessions.override import end_session, start_session
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import VerbRefusal
from schema.sessions import Session, load_known_session


@strawberry.type(description="A stay has begun by an operator's word.")
class SessionStarted:
    """Outcome of `startSession`."""

    session: Session = strawberry.field(description="The session now.")


@strawberry.type(description="A stay has ended by an operator's word.")
class SessionEnded:
    """Outcome of `endSession`."""

    session: Session = strawberry.field(description="The session now, with its price.")


StartSessionResult: TypeAlias = Annotated[
    SessionStarted | VerbRefusal,
    strawberry.union("StartSessionResult", description="What `startSession` answers."),
]
EndSessionResult: TypeAlias = Annotated[
    SessionEnded | VerbRefusal,
    strawberry.union("EndSessionResult", description="What `endSession` answers."),
]


@strawberry.type
class SessionMutations:
    """Root fields."""

    @mutation(
        "Begin the stay of a CONFIRMED reservation: since the sensor saw a vehicle, else now. For"
        " OPERATORs and ATTENDANTs of the place."
    )
    async def start_session(
        self,
        info: Info,
        reservation_id: Annotated[
            strawberry.ID, strawberry.argument(description="The reservation's id.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> StartSessionResult:
        key = wanted_key(reservation_id, "Reservation")

        async def do(work: Work) -> Answer:
            made = await start_session(work.viewer, key, clock=work.clock, bus=work.bus)
            return {"session": made}

        done = await once(info, idempotency_key, {"reservation": key}, do)
        return SessionStarted(session=await load_known_session(info, done.answer["session"]))

    @mutation(
        "End a stay, which is priced at once and completes its reservation. For OPERATORs and"
        " ATTENDANTs of the place."
    )
    async def end_session(
        self,
        info: Info,
        session_id: Annotated[strawberry.ID, strawberry.argument(description="The session's id.")],
        idempotency_key: IdempotencyKey,
        ended_at: Annotated[
            datetime | None,
            strawberry.argument(description="When the vehicle left; null: just now."),
        ] = None,
    ) -> EndSessionResult:
        key = wanted_key(session_id, "Session")

        async def do(work: Work) -> Answer:
            await end_session(work.viewer, key, ended_at, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"session": key, "ended_at": ended_at}, do)
        return SessionEnded(session=await load_known_session(info, key))
