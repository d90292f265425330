"""Verbs on secure links: the sharer's, and the one of whoever has such a link."""

from dataclasses import fields
from datetime import datetime
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.accounts.viewer import Viewer
from parking.errors import NotFound
from parking.locations.limits import (
    LABEL_CHARACTERS_MAX,
    LINK_LASTS,
    LINK_LASTS_MAX,
    LINK_VIEWS_MAX,
    PASSCODE_DIGITS_MAX,
    PASSCODE_DIGITS_MIN,
    PASSCODE_TRIES_MAX,
)
from parking.locations.links import rules
from parking.locations.links.device_words import device_words
from parking.locations.links.make import NewLink, make_link, revoke_link
from parking.locations.links.open import at_link, count_view, note_used_up
from parking.locations.links.queries import link_token
from parking.locations.links.snapshot import snapshot_of
from parking.locations.records import LinkRecord
from parking.locations.tokens import LINK_PATH
from schema.context import Info, services_of, source_of, viewer_of
from schema.ids import wanted_key
from schema.locations_links import (
    LinkedPosition,
    LinkToken,
    PositionLink,
    linked_position_of,
    load_known_link,
)
from schema.mutations.once import IdempotencyKey, Work, mutation, once, plain
from schema.refusals import (
    IdempotencyKeyReused,
    InvalidInput,
    Refusal,
    TooManyTries,
    VerbRefusal,
    also_shaped,
    also_told,
)
from schema.refusals import NotFound as NotFoundData

LinkId: TypeAlias = Annotated[strawberry.ID, strawberry.argument(description="The link's id.")]


@strawberry.type(description="The link works, and has a passcode. This was not counted as a try.")
class PasscodeNeeded(Refusal):
    """`parking.locations.links.rules.PasscodeNeeded`."""


@strawberry.type(description="The passcode is wrong; after the last try the link is closed.")
class WrongPasscode(Refusal):
    """`parking.locations.links.rules.WrongPasscode`."""

    tries_left: int = strawberry.field(
        description=f"How many of its {PASSCODE_TRIES_MAX} tries the link has left, for all."
    )


def _wrong(refusal: rules.WrongPasscode) -> WrongPasscode:
    return WrongPasscode(code=refusal.code, message=refusal.message, tries_left=refusal.tries_left)


also_shaped({rules.PasscodeNeeded: PasscodeNeeded})
also_told({rules.WrongPasscode: _wrong})


@strawberry.input(description="A secure link that a sharer wishes for.")
class NewPositionLinkInput:
    """`parking.locations.links.make.NewLink`."""

    position_id: strawberry.ID = strawberry.field(description="The position's id.")
    label: str = strawberry.field(
        default="", description=f"For whom; at most {LABEL_CHARACTERS_MAX} characters."
    )
    passcode: str | None = strawberry.field(
        default=None,
        description=f"{PASSCODE_DIGITS_MIN} to {PASSCODE_DIGITS_MAX} digits, told by another way"
        " than the link; null: none.",
    )
    views_max: int | None = strawberry.field(
        default=None,
        description=f"How often it can be opened, 1 to {LINK_VIEWS_MAX}; null: at will.",
    )
    expires_at: datetime | None = strawberry.field(
        default=None,
        description=f"Until when it works, within {LINK_LASTS_MAX.days} days; null:"
        f" {LINK_LASTS.days} days. It ends with the stay in any case.",
    )
    shows_photo: bool = strawberry.field(default=True, description="Whether the photo is shown.")
    shows_note: bool = strawberry.field(default=True, description="Whether the note is shown.")


@strawberry.type(description="There is another secure link.")
class PositionLinkMade:
    """Outcome of `makePositionLink`."""

    link: PositionLink = strawberry.field(description="The link.")
    path: str | None = strawberry.field(
        description="Its address, `/p/…`: to be given to whom it is for. Told here only; null when"
        " the platform's secret was changed since."
    )


@strawberry.type(description="Nobody sees anything by the link any more.")
class PositionLinkRevoked:
    """Outcome of `revokePositionLink`."""

    link: PositionLink = strawberry.field(description="The link now.")


@strawberry.type(description="A secure link was opened, which is one of its views.")
class PositionLinkOpened:
    """Outcome of `openPositionLink`."""

    position: LinkedPosition = strawberry.field(description="Where the car was then.")


MakePositionLinkResult: TypeAlias = Annotated[
    PositionLinkMade | VerbRefusal,
    strawberry.union("MakePositionLinkResult", description="What `makePositionLink` answers."),
]
RevokePositionLinkResult: TypeAlias = Annotated[
    PositionLinkRevoked | VerbRefusal,
    strawberry.union("RevokePositionLinkResult", description="What `revokePositionLink` answers."),
]
OpenPositionLinkResult: TypeAlias = Annotated[
    PositionLinkOpened
    | PasscodeNeeded
    | WrongPasscode
    | NotFoundData
    | InvalidInput
    | IdempotencyKeyReused
    | TooManyTries,
    strawberry.union("OpenPositionLinkResult", description="What `openPositionLink` answers."),
]


@strawberry.type
class PositionLinkMutations:
    """Root fields."""

    @mutation("Make a secure link to where one's car is. For the sharer.")
    async def make_position_link(
        self,
        info: Info,
        input: Annotated[NewPositionLinkInput, strawberry.argument(description="The wish.")],
        idempotency_key: IdempotencyKey,
    ) -> MakePositionLinkResult:
        services, new = services_of(info.context), _new(input)

        async def do(work: Work) -> Answer:
            made = await make_link(
                work.viewer, new, clock=work.clock, bus=work.bus, keys=services.keys.links,
                sealer=services.sealer,
            )  # fmt: skip
            return {"link": made}

        # A digest of the input is kept: of a few digits it would tell which.
        given = plain(input) | {"passcode": _sealed(info, new.passcode)}
        done = await once(info, idempotency_key, {"input": given}, do)
        made = done.answer["link"]
        token = await link_token(viewer_of(info.context), made, services.keys.links)
        path = None if token is None else LINK_PATH + token
        return PositionLinkMade(link=await load_known_link(info, made), path=path)

    @mutation("Close a secure link for good: at once, also for pages that have it open.")
    async def revoke_position_link(
        self, info: Info, link_id: LinkId, idempotency_key: IdempotencyKey
    ) -> RevokePositionLinkResult:
        key = wanted_key(link_id, "PositionLink")

        async def do(work: Work) -> Answer:
            await revoke_link(work.viewer, key, clock=work.clock, bus=work.bus)
            return {}

        await once(info, idempotency_key, {"link": key}, do)
        return PositionLinkRevoked(link=await load_known_link(info, key))

    @mutation(
        "Open a secure link, without signing in. It counts a view, so ask only when somebody wants"
        " to see it; the same idempotency key shows the same again and counts nothing. NotFound:"
        " the link is false, closed, expired, used up, or the car is gone."
    )
    async def open_position_link(
        self,
        info: Info,
        token: LinkToken,
        idempotency_key: IdempotencyKey,
        passcode: Annotated[str, strawberry.argument(description="Where the link has one.")] = "",
        user_agent: Annotated[
            str,
            strawberry.argument(
                description="What the browser says of itself; a coarse word of it is logged."
            ),
        ] = "",
    ) -> OpenPositionLinkResult:
        services, device = services_of(info.context), device_words(user_agent)
        link = await at_link(
            token, passcode, source=source_of(info.context), device=device, clock=services.clock,
            bus=services.bus, sealer=services.sealer,
        )  # fmt: skip
        number = await _viewed(info, idempotency_key, link, device)
        shown = await snapshot_of(link.id, number, clock=services.clock)
        return PositionLinkOpened(position=linked_position_of(shown))


async def _viewed(info: Info, key: str, link: LinkRecord, device: str) -> int:
    """The number of the version that this view shows."""

    async def do(work: Work) -> Answer:
        shown = await count_view(link.id, device, clock=work.clock, bus=work.bus)
        return {"version": shown}

    holder = Viewer(token_of=f"position_link:{link.id}")
    try:
        done = await once(info, key, {"link": link.id}, do, holder)
    except NotFound:
        await note_used_up(link, device, clock=services_of(info.context).clock)
        raise
    return int(done.answer["version"])


def _new(given: NewPositionLinkInput) -> NewLink:
    values = {each.name: getattr(given, each.name) for each in fields(given)}
    return NewLink(**{**values, "position_id": wanted_key(given.position_id, "ParkingPosition")})


def _sealed(info: Info, passcode: str | None) -> str | None:
    sealer = services_of(info.context).sealer
    return None if passcode is None else sealer.fingerprint(f"passcode {passcode}").hex()
