"""Verbs on bindings of sharers and receivers."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.locations.bindings import rules
from parking.locations.bindings.answer import Reach, accept_binding, decline_binding
from parking.locations.bindings.ask import Wish, ask_binding
from parking.locations.bindings.queries import invitation_token
from parking.locations.bindings.revoke import rename_binding, revoke_binding
from parking.locations.kinds import BindingScope, BindingSide, InvitationWay
from parking.locations.limits import INVITATION_LASTS, INVITED_PER_DAY_MAX
from parking.locations.tokens import INVITATION_PATH
from schema.context import Info, services_of, viewer_of
from schema.ids import wanted_key
from schema.locations_bindings import InvitationToken, PositionBinding, load_known_binding
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import Refusal, TooManyTries, VerbRefusal, also_shaped

BindingId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The binding's id.")
]
BindingName: TypeAlias = Annotated[
    str,
    strawberry.argument(
        description=f"What to call the other side, at most {rules.NAME_CHARACTERS_MAX} characters;"
        " they are not told."
    ),
]


@strawberry.type(description="The two have such a binding already; revoke that one first.")
class AlreadyBound(Refusal):
    """`parking.locations.bindings.rules.AlreadyBound`."""


@strawberry.type(description="Both sides would be the viewer.")
class NotYourself(Refusal):
    """`parking.locations.bindings.rules.NotYourself`."""


@strawberry.type(
    description="The invitation was sent to a number that the viewer has not signed in with."
)
class NotYourNumber(Refusal):
    """`parking.locations.bindings.rules.NotYourNumber`."""


also_shaped(
    {
        rules.AlreadyBound: AlreadyBound,
        rules.NotYourself: NotYourself,
        rules.NotYourNumber: NotYourNumber,
    }
)


@strawberry.input(description="A binding that somebody wishes for.")
class AskBindingInput:
    """`parking.locations.bindings.ask.Wish`."""

    side: BindingSide = strawberry.field(
        description="SHARER: to show one's own positions; RECEIVER: to be shown another's."
    )
    way: InvitationWay = strawberry.field(description="How the other side is asked.")
    scope: BindingScope = strawberry.field(
        description="How far. What a RECEIVER asks for, the sharer may change."
    )
    own_name: str = strawberry.field(
        description="What the other side is told who asks, 1 to"
        f" {rules.NAME_CHARACTERS_MAX} characters, without an address in it."
    )
    their_name: str = strawberry.field(
        default="", description="What the viewer calls the other side; they are not told."
    )
    position_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of ONE_STAY by a SHARER: the position."
    )
    until: datetime | None = strawberry.field(default=None, description="Of UNTIL: when it ends.")
    phone: str | None = strawberry.field(
        default=None,
        description="Of PHONE: the number (E.164) that gets an SMS; at most"
        f" {INVITED_PER_DAY_MAX} a day.",
    )
    locale: str | None = strawberry.field(
        default=None, description="Language of the SMS: `en` or `zh`; null: the viewer's."
    )


@strawberry.input(description="How far a sharer who was asked lets the receiver see.")
class BindingReachInput:
    """`parking.locations.bindings.answer.Reach`."""

    scope: BindingScope = strawberry.field(description="How far.")
    position_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of ONE_STAY: the position."
    )
    until: datetime | None = strawberry.field(default=None, description="Of UNTIL: when it ends.")


@strawberry.type(description="The other side is asked.")
class BindingAsked:
    """Outcome of `askBinding`."""

    binding: PositionBinding = strawberry.field(description="The binding.")
    invitation_path: str | None = strawberry.field(
        description="Where the other side answers, `/i/…`: to be sent to them. Good once, for"
        f" {INVITATION_LASTS.days} days. Null once it was answered or taken back."
    )


@strawberry.type(description="Both sides agree.")
class BindingAccepted:
    """Outcome of `acceptBinding`."""

    binding: PositionBinding = strawberry.field(description="The binding.")


@strawberry.type(description="The invitation was declined.")
class BindingDeclined:
    """Outcome of `declineBinding`."""

    declined: bool = strawberry.field(description="Always true: nothing of it is kept for you.")


@strawberry.type(description="The other side is called what was wished.")
class BindingRenamed:
    """Outcome of `renameBinding`."""

    binding: PositionBinding = strawberry.field(description="The binding now.")


@strawberry.type(description="Nothing is shown by the binding any more.")
class BindingRevoked:
    """Outcome of `revokeBinding`."""

    binding: PositionBinding = strawberry.field(description="The binding now.")


AskBindingResult: TypeAlias = Annotated[
    BindingAsked | NotYourself | VerbRefusal | TooManyTries,
    strawberry.union("AskBindingResult", description="What `askBinding` answers."),
]
AcceptBindingResult: TypeAlias = Annotated[
    BindingAccepted | AlreadyBound | NotYourself | NotYourNumber | VerbRefusal,
    strawberry.union("AcceptBindingResult", description="What `acceptBinding` answers."),
]
DeclineBindingResult: TypeAlias = Annotated[
    BindingDeclined | NotYourself | NotYourNumber | VerbRefusal,
    strawberry.union("DeclineBindingResult", description="What `declineBinding` answers."),
]
RenameBindingResult: TypeAlias = Annotated[
    BindingRenamed | VerbRefusal,
    strawberry.union("RenameBindingResult", description="What `renameBinding` answers."),
]
RevokeBindingResult: TypeAlias = Annotated[
    BindingRevoked | VerbRefusal,
    strawberry.union("RevokeBindingResult", description="What `revokeBinding` answers."),
]


@strawberry.type
class BindingMutations:
    """Root fields."""

    @mutation("Ask somebody to see where one's cars are, or to show where theirs are.")
    async def ask_binding(
        self,
        info: Info,
        input: Annotated[AskBindingInput, strawberry.argument(description="The wish.")],
        idempotency_key: IdempotencyKey,
    ) -> AskBindingResult:
        services, wish = services_of(info.context), _wish(input)

        async def do(work: Work) -> Answer:
            made = await ask_binding(
                work.viewer, wish, clock=work.clock, bus=work.bus, keys=services.keys.links,
                base_url=services.base_url,
            )  # fmt: skip
            return {"binding": made}

        done = await once(info, idempotency_key, {"input": input}, do)
        made = done.answer["binding"]
        token = await invitation_token(viewer_of(info.context), made, services.keys.links)
        return BindingAsked(
            binding=await load_known_binding(info, made),
            invitation_path=None if token is None else INVITATION_PATH + token,
        )

    @mutation("Agree to an invitation, once: its address is good for one person.")
    async def accept_binding(
        self,
        info: Info,
        token: InvitationToken,
        idempotency_key: IdempotencyKey,
        name: Annotated[
            str | None,
            strawberry.argument(
                description="What to call the other side; null: as it calls itself."
            ),
        ] = None,
        reach: Annotated[
            BindingReachInput | None,
            strawberry.argument(
                description="For a sharer who was asked: how far; null: as was asked for."
            ),
        ] = None,
    ) -> AcceptBindingResult:
        wished = None if reach is None else _reach(reach)

        async def do(work: Work) -> Answer:
            made = await accept_binding(
                work.viewer, token, name=name, reach=wished, clock=work.clock, bus=work.bus
            )
            return {"binding": made}

        given = {"token": token, "name": name, "reach": reach}
        done = await once(info, idempotency_key, given, do)
        return BindingAccepted(binding=await load_known_binding(info, done.answer["binding"]))

    @mutation("Decline an invitation, for good.")
    async def decline_binding(
        self, info: Info, token: InvitationToken, idempotency_key: IdempotencyKey
    ) -> DeclineBindingResult:
        async def do(work: Work) -> Answer:
            await decline_binding(work.viewer, token, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"token": token}, do)
        return BindingDeclined(declined=True)

    @mutation("Call the other side of a binding otherwise.")
    async def rename_binding(
        self, info: Info, binding_id: BindingId, name: BindingName, idempotency_key: IdempotencyKey
    ) -> RenameBindingResult:
        key = wanted_key(binding_id, "PositionBinding")

        async def do(work: Work) -> Answer:
            await rename_binding(work.viewer, key, name, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"binding": key, "name": name}, do)
        return BindingRenamed(binding=await load_known_binding(info, key))

    @mutation(
        "Take a binding, or an invitation, back: from either side, at any time, at once. A right to"
        " fetch the car that the receiver has by it ends, too."
    )
    async def revoke_binding(
        self,
        info: Info,
        binding_id: BindingId,
        idempotency_key: IdempotencyKey,
        close_links: Annotated[
            bool,
            strawberry.argument(
                description="As the sharer: close also all secure links to what it showed, for the"
                " receiver may have one."
            ),
        ] = False,
    ) -> RevokeBindingResult:
        key = wanted_key(binding_id, "PositionBinding")

        async def do(work: Work) -> Answer:
            await revoke_binding(
                work.viewer, key, closes_links=close_links, clock=work.clock, bus=work.bus
            )
            return {}

        await once(info, idempotency_key, {"binding": key, "close_links": close_links}, do)
        return BindingRevoked(binding=await load_known_binding(info, key))


def _wish(given: AskBindingInput) -> Wish:
    values = {each.name: getattr(given, each.name) for each in fields(given)}
    return Wish(**{**values, "position_id": _position(given.position_id)})


def _reach(given: BindingReachInput) -> Reach:
    return Reach(given.scope, _position(given.position_id), given.until)


def _position(text: strawberry.ID | None) -> int | None:
    return None if text is None else wanted_key(text, "ParkingPosition")
