"""Verbs on rights to fetch a car: of whose car it is, and of whoever has the address."""

from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.access.credentials import Qr
from parking.access.delegations.codes import delegated_qr_again, refresh_delegated_qr
from parking.access.delegations.records import DelegationRecord
from parking.access.models import DelegationPayer
from parking.access.qr import qr_svg
from parking.accounts.idempotency import Answer
from parking.accounts.viewer import Viewer
from parking.locations.fetching import delegate
from parking.locations.fetching.accept import accept_exit
from parking.locations.fetching.delegate import FETCHING_PATH, delegate_exit
from parking.locations.fetching.queries import token_of
from parking.locations.fetching.revoke import revoke_exit
from parking.locations.fetching.rules import require_for
from parking.locations.fetching.wish import ExitWish
from parking.reservations.attempts import CODES_PER_BOOKING, VERBS_PER_LINK
from schema.booking_refusals import NotFunded
from schema.context import Info, services_of, viewer_of
from schema.ids import wanted_key
from schema.locations_fetching import (
    DelegatedExit,
    ExitDelegation,
    FetchToken,
    delegated_exit_of,
    linked_delegation,
    load_known_delegation,
)
from schema.mutations.counted import counted
from schema.mutations.once import IdempotencyKey, Work, mutation, once, plain
from schema.refusals import Refusal, TooManyTries, VerbRefusal, also_shaped


@strawberry.type(
    description="Somebody has a right to fetch this car already; take that back first."
)
class AlreadyDelegated(Refusal):
    """`parking.locations.fetching.delegate.AlreadyDelegated`."""


also_shaped({delegate.AlreadyDelegated: AlreadyDelegated})


@strawberry.input(description="Who is to fetch the car of a booking, until when, and who pays.")
class DelegateExitInput:
    """`parking.locations.fetching.wish.ExitWish`."""

    reservation_id: strawberry.ID = strawberry.field(
        description="The viewer's booking, CONFIRMED or ACTIVE."
    )
    payer: DelegationPayer = strawberry.field(description="Who pays the stay.")
    valid_until: datetime = strawberry.field(
        description="It lets nobody out from then on; 90 days ahead at most."
    )
    label: str = strawberry.field(
        default="", description="What to call who fetches it; shown to them, too."
    )
    amount_max_minor: int | None = strawberry.field(
        default=None, description="What a FETCHER pays at most, in the booking's currency."
    )
    binding_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="For the receiver of this binding alone, who is told; ends with it.",
    )
    phone: str | None = strawberry.field(
        default=None, description="Whom to send the address by SMS; it is not kept beyond that."
    )
    locale: str | None = strawberry.field(
        default=None, description="Language of that SMS, such as `zh`."
    )


@strawberry.type(description="Somebody else may drive the car out, once.")
class ExitDelegated:
    """Outcome of `delegateExit`."""

    delegation: ExitDelegation = strawberry.field(description="The right.")
    link: str | None = strawberry.field(
        description="Path of its page, `/f/…`: whoever has it may fetch the car. Told only here;"
        " null where the installation's secret has changed since."
    )


@strawberry.type(description="Nobody is let out by it any more.")
class ExitDelegationRevoked:
    """Outcome of `revokeExitDelegation`."""

    delegation: ExitDelegation = strawberry.field(description="The right as it ended.")


@strawberry.type(description="Who fetches the car has agreed to pay; the amount is reserved.")
class ExitDelegationAccepted:
    """Outcome of `acceptExitDelegation`."""

    exit: DelegatedExit = strawberry.field(description="The right now.")


@strawberry.type(
    description="The next QR of a right to fetch a car, with a one-time id of its own."
)
class DelegatedQrRefreshed:
    """Outcome of `refreshDelegatedQr`."""

    text: str = strawberry.field(description="What the code holds.")
    svg: str = strawberry.field(description="The code, drawn.")
    renew_at: datetime = strawberry.field(description="When to show the next one.")
    expires_at: datetime = strawberry.field(description="When it opens nothing any more.")


DelegateExitResult: TypeAlias = Annotated[
    ExitDelegated | VerbRefusal | TooManyTries | AlreadyDelegated,
    strawberry.union("DelegateExitResult", description="What `delegateExit` answers."),
]
RevokeExitDelegationResult: TypeAlias = Annotated[
    ExitDelegationRevoked | VerbRefusal,
    strawberry.union(
        "RevokeExitDelegationResult", description="What `revokeExitDelegation` answers."
    ),
]
AcceptExitDelegationResult: TypeAlias = Annotated[
    ExitDelegationAccepted | VerbRefusal | TooManyTries | NotFunded,
    strawberry.union(
        "AcceptExitDelegationResult", description="What `acceptExitDelegation` answers."
    ),
]
RefreshDelegatedQrResult: TypeAlias = Annotated[
    DelegatedQrRefreshed | VerbRefusal | TooManyTries,
    strawberry.union("RefreshDelegatedQrResult", description="What `refreshDelegatedQr` answers."),
]


def _wish(given: DelegateExitInput) -> ExitWish:
    binding = given.binding_id
    return ExitWish(
        reservation_id=wanted_key(given.reservation_id, "Reservation"),
        payer=given.payer,
        valid_until=given.valid_until,
        label=given.label,
        amount_max_minor=given.amount_max_minor,
        binding_id=None if binding is None else wanted_key(binding, "PositionBinding"),
        phone=given.phone,
        locale=given.locale,
    )


def _holder(delegation: DelegationRecord) -> Viewer:
    """Whoever has the address, with idempotency keys of their own."""
    return Viewer(token_of=f"delegation:{delegation.id}")


def _shown(qr: Qr) -> DelegatedQrRefreshed:
    return DelegatedQrRefreshed(
        text=qr.text, svg=qr_svg(qr.text), renew_at=qr.renew_at, expires_at=qr.expires_at
    )


@strawberry.type
class FetchingMutations:
    """Root fields."""

    @mutation(
        "Let somebody else drive the car of a booking out, once. For the booking's driver; one at a"
        " time. Where a FETCHER pays it opens when they have agreed. Conflict: WRONG_STATE."
    )
    async def delegate_exit(
        self,
        info: Info,
        input: Annotated[DelegateExitInput, strawberry.argument(description="The right.")],
        idempotency_key: IdempotencyKey,
    ) -> DelegateExitResult:
        wish, services = _wish(input), services_of(info.context)
        keys = services.keys.links

        async def do(work: Work) -> Answer:
            made = await delegate_exit(
                work.viewer, wish, clock=work.clock, bus=work.bus, keys=keys,
                base_url=services.base_url,
            )  # fmt: skip
            return {"delegation": made}

        done = await once(info, idempotency_key, {"input": plain(input)}, do)
        made = done.answer["delegation"]
        token = await token_of(viewer_of(info.context), made, keys, services.clock.now())
        return ExitDelegated(
            delegation=await load_known_delegation(info, made),
            link=None if token is None else FETCHING_PATH + token,
        )

    @mutation(
        "Take a right to fetch a car back, at once, until it is used; or hand it back, as who was"
        " to fetch it. Conflict: WRONG_STATE, OPENED (only the owner takes it back then)."
    )
    async def revoke_exit_delegation(
        self,
        info: Info,
        delegation_id: Annotated[strawberry.ID, strawberry.argument(description="The right's id.")],
        idempotency_key: IdempotencyKey,
    ) -> RevokeExitDelegationResult:
        key = wanted_key(delegation_id, "ExitDelegation")

        async def do(work: Work) -> Answer:
            await revoke_exit(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"delegation": key}, do)
        return ExitDelegationRevoked(delegation=await load_known_delegation(info, key))

    @mutation(
        "Agree to fetch a car and to pay its stay, up to the amount, which is reserved in the"
        " viewer's wallet. For whoever has the address and has signed in. Conflict: WRONG_STATE,"
        " OWN_CAR."
    )
    async def accept_exit_delegation(
        self, info: Info, token: FetchToken, idempotency_key: IdempotencyKey
    ) -> AcceptExitDelegationResult:
        await counted(info, VERBS_PER_LINK)
        found = await linked_delegation(info, token)

        async def do(work: Work) -> Answer:
            await accept_exit(work.viewer, found.id, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"delegation": found.id}, do)
        found = await linked_delegation(info, token)
        return ExitDelegationAccepted(exit=await delegated_exit_of(viewer_of(info.context), found))

    @mutation(
        "The next QR of a right to fetch a car, for whoever has its address; where a FETCHER pays,"
        " for who agreed to, signed in, alone (NotPermitted). A minute long, for the reader of the"
        " bay and for a gate. Conflict: NOT_DELEGATED, NOT_PARKED."
    )
    async def refresh_delegated_qr(
        self, info: Info, token: FetchToken, idempotency_key: IdempotencyKey
    ) -> RefreshDelegatedQrResult:
        found = await linked_delegation(info, token)
        require_for(viewer_of(info.context), found)  # also for what is kept under the key
        viewer, services = _holder(found), services_of(info.context)
        await counted(info, CODES_PER_BOOKING, viewer=viewer)

        async def do(work: Work) -> Answer:
            now = await linked_delegation(info, token)
            qr = await refresh_delegated_qr(
                now, clock=work.clock, bus=work.bus, sealer=services.sealer
            )
            return {"qr": qr.token_id}

        done = await once(info, idempotency_key, {"delegation": found.id}, do, viewer)
        return _shown(await delegated_qr_again(found, done.answer["qr"], sealer=services.sealer))
