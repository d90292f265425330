"""Verbs on titles: lessors ask, operators decide."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.idempotency import Answer
from parking.listings.titles import approve_titles, decline_titles, request_titles, revoke_titles
from schema.context import Info
from schema.ids import wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.refusals import VerbRefusal
from schema.titles import Title, load_known_title

TitleIds: TypeAlias = Annotated[
    list[strawberry.ID], strawberry.argument(description="The titles' ids, 1 to 1000.")
]
Reason: TypeAlias = Annotated[
    str, strawberry.argument(description="Why, for the other side: 1 to 500 characters.")
]


@strawberry.type(description="Titles were asked for; those that were already are as they were.")
class TitlesRequested:
    """Outcome of `requestTitles`."""

    titles: list[Title] = strawberry.field(description="The titles, in the order of the spaces.")


@strawberry.type(description="Titles are decided as was wished.")
class TitlesDecided:
    """Outcome of `approveTitles`, `declineTitles` and `revokeTitles`."""

    titles: list[Title] = strawberry.field(description="The titles now, in the order given.")


RequestTitlesResult: TypeAlias = Annotated[
    TitlesRequested | VerbRefusal,
    strawberry.union("RequestTitlesResult", description="What `requestTitles` answers."),
]
DecideTitlesResult: TypeAlias = Annotated[
    TitlesDecided | VerbRefusal,
    strawberry.union(
        "DecideTitlesResult",
        description="What `approveTitles`, `declineTitles` and `revokeTitles` answer.",
    ),
]


async def _titles(info: Info, keys: Sequence[int]) -> list[Title]:
    return list(await asyncio.gather(*(load_known_title(info, key) for key in keys)))


def _keys(ids: Sequence[strawberry.ID]) -> list[int]:
    return [wanted_key(each, "Title") for each in ids]


@strawberry.type
class TitleMutations:
    """Root fields."""

    @mutation(
        "Ask the operator of a place for title to spaces, so as to let them. For OWNERs and"
        " OPERATORs of the organisation; who runs the place needs none."
    )
    async def request_titles(
        self,
        info: Info,
        organisation_id: Annotated[
            strawberry.ID, strawberry.argument(description="Who wants to let them.")
        ],
        space_ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="The spaces' ids, 1 to 1000.")
        ],
        document_reference: Annotated[
            str, strawberry.argument(description="Where the proof is: deed, lease …")
        ],
        idempotency_key: IdempotencyKey,
    ) -> RequestTitlesResult:
        organisation = wanted_key(organisation_id, "Organisation")
        spaces = [wanted_key(each, "Space") for each in space_ids]

        async def do(work: Work) -> Answer:
            made = await request_titles(
                work.viewer, organisation, spaces, document_reference, clock=work.clock
            )
            return {"titles": made}

        given = {"organisation": organisation, "spaces": spaces, "reference": document_reference}
        done = await once(info, idempotency_key, given, do)
        return TitlesRequested(titles=await _titles(info, done.answer["titles"]))

    @mutation("Let the lessor offer the spaces. For OPERATORs of the place's organisation.")
    async def approve_titles(
        self, info: Info, title_ids: TitleIds, idempotency_key: IdempotencyKey
    ) -> DecideTitlesResult:
        keys = _keys(title_ids)

        async def do(work: Work) -> Answer:
            await approve_titles(work.viewer, keys, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"titles": keys}, do)
        return TitlesDecided(titles=await _titles(info, keys))

    @mutation("Refuse titles, and say why. For OPERATORs of the place's organisation.")
    async def decline_titles(
        self, info: Info, title_ids: TitleIds, reason: Reason, idempotency_key: IdempotencyKey
    ) -> DecideTitlesResult:
        keys = _keys(title_ids)

        async def do(work: Work) -> Answer:
            await decline_titles(work.viewer, keys, reason, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"titles": keys, "reason": reason}, do)
        return TitlesDecided(titles=await _titles(info, keys))

    @mutation(
        "Take titles back; what the lessor offers of these spaces is paused, agreements already"
        " made stay. For OPERATORs of the place's organisation, and for the lessor."
    )
    async def revoke_titles(
        self, info: Info, title_ids: TitleIds, reason: Reason, idempotency_key: IdempotencyKey
    ) -> DecideTitlesResult:
        keys = _keys(title_ids)

        async def do(work: Work) -> Answer:
            await revoke_titles(work.viewer, keys, reason, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"titles": keys, "reason": reason}, do)
        return TitlesDecided(titles=await _titles(info, keys))
