"""Verbs on notices: one's own wishes, an organisation's webhook endpoints and dead letters."""

from typing import Annotated, TypeAlias

import strawberry

from parking.accounts.dead_notices import replay_notices
from parking.accounts.idempotency import Answer
from parking.accounts.notice_preferences import own_preference, set_own_preference
from parking.accounts.webhook_endpoints import (
    create_webhook_endpoint,
    delete_webhook_endpoint,
    list_webhook_endpoints,
    pause_webhook_endpoint,
    resume_webhook_endpoint,
    rotate_webhook_secret,
)
from parking.notices.kinds import NoticeTopic
from parking.notices.limits import REPLAYED_AT_ONCE_MAX
from schema.context import Info, viewer_of
from schema.ids import global_id, wanted_key
from schema.mutations.once import IdempotencyKey, Work, mutation, once
from schema.notices import NoticePreference, WebhookEndpoint, endpoint_of, preference_of
from schema.refusals import VerbRefusal, known
from schema.relay import check_count
from schema.scalars import TimeZone

EndpointId: TypeAlias = Annotated[
    strawberry.ID, strawberry.argument(description="The endpoint's id.")
]


@strawberry.input(description="What the viewer wishes to be told; it replaces what was wished.")
class SetNoticePreferenceInput:
    """All of it."""

    muted_topics: list[NoticeTopic] = strawberry.field(
        default_factory=list,
        description="Topics without notices. What is urgent (a booking, its change or end, an"
        " answer) cannot be muted.",
    )
    quiet_from: str | None = strawberry.field(
        default=None, description="`HH:MM`: from then on only what is urgent; null: never."
    )
    quiet_until: str | None = strawberry.field(
        default=None, description="`HH:MM`: until then; it may be on the next day."
    )
    time_zone: TimeZone = strawberry.field(
        default=TimeZone("UTC"), description="On whose clocks the quiet hours are."
    )


@strawberry.input(description="A new webhook endpoint.")
class CreateWebhookEndpointInput:
    """Where, and of what."""

    organisation_id: strawberry.ID = strawberry.field(description="The organisation's id.")
    url: str = strawberry.field(
        description="https, on a public address, at most 500 characters; no redirects."
    )
    topics: list[NoticeTopic] = strawberry.field(description="Topics that begin with ORDER_.")


@strawberry.type(description="The viewer's wishes are as they were given.")
class NoticePreferenceSet:
    """Outcome of `setNoticePreference`."""

    preference: NoticePreference = strawberry.field(description="The wishes now.")


@strawberry.type(description="An endpoint was made.")
class WebhookEndpointCreated:
    """Outcome of `createWebhookEndpoint`."""

    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint.")
    secret: str | None = strawberry.field(
        description="What events are signed with (`whsec_…`, Standard Webhooks); it is shown once."
        " Null when this answer was given before: rotate the secret if it was lost."
    )


@strawberry.type(description="An endpoint was paused or resumed.")
class WebhookEndpointChanged:
    """Outcome of `pauseWebhookEndpoint` and `resumeWebhookEndpoint`."""

    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint now.")


@strawberry.type(description="An endpoint has another secret.")
class WebhookSecretRotated:
    """Outcome of `rotateWebhookSecret`."""

    endpoint: WebhookEndpoint = strawberry.field(description="The endpoint now.")
    secret: str | None = strawberry.field(
        description="The new secret; shown once, as by `createWebhookEndpoint`."
    )


@strawberry.type(description="An endpoint is no more.")
class WebhookEndpointDeleted:
    """Outcome of `deleteWebhookEndpoint`."""

    endpoint_id: strawberry.ID = strawberry.field(description="The endpoint's id.")


@strawberry.type(description="Dead letters are on their way again.")
class NoticesReplayed:
    """Outcome of `replayNotices`."""

    notice_ids: list[strawberry.ID] = strawberry.field(description="Their ids.")


SetNoticePreferenceResult: TypeAlias = Annotated[
    NoticePreferenceSet | VerbRefusal,
    strawberry.union(
        "SetNoticePreferenceResult", description="What `setNoticePreference` answers."
    ),
]
CreateWebhookEndpointResult: TypeAlias = Annotated[
    WebhookEndpointCreated | VerbRefusal,
    strawberry.union(
        "CreateWebhookEndpointResult", description="What `createWebhookEndpoint` answers."
    ),
]
ChangeWebhookEndpointResult: TypeAlias = Annotated[
    WebhookEndpointChanged | VerbRefusal,
    strawberry.union(
        "ChangeWebhookEndpointResult",
        description="What `pauseWebhookEndpoint` and `resumeWebhookEndpoint` answer.",
    ),
]
RotateWebhookSecretResult: TypeAlias = Annotated[
    WebhookSecretRotated | VerbRefusal,
    strawberry.union(
        "RotateWebhookSecretResult", description="What `rotateWebhookSecret` answers."
    ),
]
DeleteWebhookEndpointResult: TypeAlias = Annotated[
    WebhookEndpointDeleted | VerbRefusal,
    strawberry.union(
        "DeleteWebhookEndpointResult", description="What `deleteWebhookEndpoint` answers."
    ),
]
ReplayNoticesResult: TypeAlias = Annotated[
    NoticesReplayed | VerbRefusal,
    strawberry.union("ReplayNoticesResult", description="What `replayNotices` answers."),
]


async def load_known_endpoint(info: Info, organisation: int, key: int) -> WebhookEndpoint:
    """One that a verb has just made or changed."""
    listed = await list_webhook_endpoints(viewer_of(info.context), organisation)
    return endpoint_of(known(next((each for each in listed if each.id == key), None)))


@strawberry.type
class NoticeMutations:
    """Root fields."""

    @mutation("Say what the viewer wishes to be told, and when.")
    async def set_notice_preference(
        self,
        info: Info,
        input: Annotated[SetNoticePreferenceInput, strawberry.argument(description="All wishes.")],
        idempotency_key: IdempotencyKey,
    ) -> SetNoticePreferenceResult:
        async def do(work: Work) -> Answer:
            await set_own_preference(
                work.viewer, muted=input.muted_topics, quiet_from=input.quiet_from,
                quiet_until=input.quiet_until, time_zone=input.time_zone, clock=work.clock,
            )  # fmt: skip
            return {}

        await once(info, idempotency_key, {"input": input}, do)
        now = await own_preference(viewer_of(info.context))
        return NoticePreferenceSet(preference=preference_of(now))

    @mutation("Have events of an organisation posted to a system of its own. For OPERATORs.")
    async def create_webhook_endpoint(
        self,
        info: Info,
        input: Annotated[
            CreateWebhookEndpointInput, strawberry.argument(description="The new endpoint.")
        ],
        idempotency_key: IdempotencyKey,
    ) -> CreateWebhookEndpointResult:
        organisation = wanted_key(input.organisation_id, "Organisation")

        async def do(work: Work) -> Answer:
            made = await create_webhook_endpoint(
                work.viewer, organisation, input.url, input.topics, clock=work.clock,
                sealing=work.services.sealer, is_development=work.services.may_embed,
            )  # fmt: skip
            work.shown = made.secret
            return {"endpoint": made.endpoint.id}

        done = await once(info, idempotency_key, {"input": input}, do)
        endpoint = await load_known_endpoint(info, organisation, done.answer["endpoint"])
        return WebhookEndpointCreated(endpoint=endpoint, secret=done.shown)

    @mutation("Post nothing to an endpoint for now; events wait for three days. For OPERATORs.")
    async def pause_webhook_endpoint(
        self, info: Info, endpoint_id: EndpointId, idempotency_key: IdempotencyKey
    ) -> ChangeWebhookEndpointResult:
        key = wanted_key(endpoint_id, "WebhookEndpoint")

        async def do(work: Work) -> Answer:
            changed = await pause_webhook_endpoint(work.viewer, key, clock=work.clock)
            return {"organisation": changed.organisation_id}

        done = await once(info, idempotency_key, {"endpoint": key}, do)
        endpoint = await load_known_endpoint(info, done.answer["organisation"], key)
        return WebhookEndpointChanged(endpoint=endpoint)

    @mutation("Post to a paused endpoint again. For OPERATORs.")
    async def resume_webhook_endpoint(
        self, info: Info, endpoint_id: EndpointId, idempotency_key: IdempotencyKey
    ) -> ChangeWebhookEndpointResult:
        key = wanted_key(endpoint_id, "WebhookEndpoint")

        async def do(work: Work) -> Answer:
            changed = await resume_webhook_endpoint(work.viewer, key, clock=work.clock)
            return {"organisation": changed.organisation_id}

        done = await once(info, idempotency_key, {"endpoint": key}, do)
        endpoint = await load_known_endpoint(info, done.answer["organisation"], key)
        return WebhookEndpointChanged(endpoint=endpoint)

    @mutation("Give an endpoint another secret; the former one signs too for a day. For OPERATORs.")
    async def rotate_webhook_secret(
        self, info: Info, endpoint_id: EndpointId, idempotency_key: IdempotencyKey
    ) -> RotateWebhookSecretResult:
        key = wanted_key(endpoint_id, "WebhookEndpoint")

        async def do(work: Work) -> Answer:
            made = await rotate_webhook_secret(
                work.viewer, key, clock=work.clock, sealing=work.services.sealer
            )
            work.shown = made.secret
            return {"organisation": made.endpoint.organisation_id}

        done = await once(info, idempotency_key, {"endpoint": key}, do)
        endpoint = await load_known_endpoint(info, done.answer["organisation"], key)
        return WebhookSecretRotated(endpoint=endpoint, secret=done.shown)

    @mutation("Forget an endpoint, and what still waits for it. For OPERATORs.")
    async def delete_webhook_endpoint(
        self, info: Info, endpoint_id: EndpointId, idempotency_key: IdempotencyKey
    ) -> DeleteWebhookEndpointResult:
        key = wanted_key(endpoint_id, "WebhookEndpoint")

        async def do(work: Work) -> Answer:
            await delete_webhook_endpoint(work.viewer, key, clock=work.clock)
            return {}

        await once(info, idempotency_key, {"endpoint": key}, do)
        return WebhookEndpointDeleted(endpoint_id=global_id("WebhookEndpoint", key))

    @mutation("Have notices sent again that were given up, all or none. For OPERATORs.")
    async def replay_notices(
        self,
        info: Info,
        notice_ids: Annotated[
            list[strawberry.ID],
            strawberry.argument(description="Ids of `deadNotices`, 1 to 100."),
        ],
        idempotency_key: IdempotencyKey,
    ) -> ReplayNoticesResult:
        check_count(len(notice_ids), REPLAYED_AT_ONCE_MAX, "noticeIds")
        keys = [wanted_key(each, "DeadNotice") for each in notice_ids]

        async def do(work: Work) -> Answer:
            return {"notices": await replay_notices(work.viewer, keys, clock=work.clock)}

        done = await once(info, idempotency_key, {"notices": keys}, do)
        return NoticesReplayed(
            notice_ids=[global_id("DeadNotice", key) for key in done.answer["notices"]]
        )
