"""Notices: what the viewer wishes to be told, and an organisation's webhooks and dead letters."""

from datetime import datetime

import strawberry

from parking.accounts.dead_notices import list_dead_notices
from parking.accounts.notice_preferences import own_preference
from parking.accounts.own_notices import list_own_notices, own_notices
from parking.accounts.viewer import Viewer as DomainViewer
from parking.accounts.webhook_endpoints import list_webhook_endpoints
from parking.errors import NotFound, NotPermitted
from parking.notices.dead import DeadNotice as DeadNoticeRecord
from parking.notices.kinds import EndpointState, NoticeChannel, NoticeTopic
from parking.notices.own import OwnNotice
from parking.notices.preferences import PreferenceRecord
from parking.notices.webhooks.endpoints import Endpoint
from schema.context import Info, viewer_of
from schema.execution import COST, VOLATILE, Cost
from schema.fields import resolved
from schema.ids import global_id
from schema.loaders import load
from schema.relay import (
    PAGE_SIZE_DEFAULT,
    After,
    Connection,
    First,
    Node,
    after_id,
    connection,
    page,
)
from schema.scalars import TimeZone, Version

ENDPOINTS_ASSUMED = 5


_ABOUT = {"order": "MerchantOrder", "reservation": "Reservation"}


@strawberry.type(
    description="What the viewer was told: their own list, beside SMS, e-mail and WeChat. A link"
    " that was sent along is left out."
)
class Notice(Node):
    """`parking.notices.own.OwnNotice`."""

    version: Version = strawberry.field(description="Counts the viewer's notices: 1, 2, 3 …")
    topic: NoticeTopic = strawberry.field(description="What it is about.")
    subject: str = strawberry.field(description="In a few words, in the viewer's language.")
    text: str = strawberry.field(description="All of it; `…` where a link was.")
    at: datetime = strawberry.field(description="When it was written.")
    about_id: strawberry.ID | None = strawberry.field(
        description="The reservation or merchant's order that it is about; ask `node` for it."
    )


def notice_of(record: OwnNotice) -> Notice:
    """The domain's notice as the schema's type."""
    return Notice(
        id=global_id("Notice", record.id),
        version=Version(record.version),
        topic=record.topic,
        subject=record.subject,
        text=record.text,
        at=record.at,
        about_id=_about_id(record.about),
    )


def _about_id(about: str) -> strawberry.ID | None:
    noun, _, key = about.partition(":")
    return global_id(_ABOUT[noun], int(key)) if noun in _ABOUT else None


async def load_notice(info: Info, key: int) -> Notice | None:
    """The notice, if it is the viewer's own."""
    found = await load(info.context, own_notices, key)
    return None if found is None else notice_of(found)


@strawberry.type(description="What a person wishes to be told, and when.")
class NoticePreference:
    """`parking.notices.preferences.PreferenceRecord`."""

    muted_topics: list[NoticeTopic] = strawberry.field(description="What they want no notices of.")
    quiet_from: str | None = strawberry.field(
        description="From then on only what is urgent, `HH:MM` in `timeZone`; null: at any time."
    )
    quiet_until: str | None = strawberry.field(
        description="Until then, `HH:MM`, which may be on the next day; null: at any time."
    )
    time_zone: TimeZone = strawberry.field(description="On whose clocks the quiet hours are.")
    has_wechat: bool = strawberry.field(description="Whether WeChat knows them as a reader.")


def preference_of(record: PreferenceRecord) -> NoticePreference:
    """The domain's wishes as the schema's type."""
    return NoticePreference(
        muted_topics=list(record.muted),
        quiet_from=record.quiet_from,
        quiet_until=record.quiet_until,
        time_zone=TimeZone(record.time_zone),
        has_wechat=record.wechat_open_id is not None,
    )


@strawberry.type(description="Where an organisation's system is told of events.")
class WebhookEndpoint:
    """`parking.notices.webhooks.endpoints.Endpoint`."""

    id: strawberry.ID = strawberry.field(description="The endpoint's id.")
    url: str = strawberry.field(description="Where events are posted to.")
    topics: list[NoticeTopic] = strawberry.field(description="Which events.")
    state: EndpointState = strawberry.field(description="Whether it is told of them.")
    reason: str = strawberry.field(description="Why the platform paused it; else empty.")
    former_secret_until: datetime | None = strawberry.field(
        description="Until when the former secret signs too; null: it was never rotated."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    changed_at: datetime = strawberry.field(description="When it was last changed.")


def endpoint_of(endpoint: Endpoint) -> WebhookEndpoint:
    """The domain's endpoint as the schema's type."""
    return WebhookEndpoint(
        id=global_id("WebhookEndpoint", endpoint.id),
        url=endpoint.url,
        topics=list(endpoint.topics),
        state=endpoint.state,
        reason=endpoint.reason,
        former_secret_until=endpoint.former_until,
        created_at=endpoint.created_at,
        changed_at=endpoint.changed_at,
    )


@strawberry.type(description="A notice that was given up.")
class DeadNotice:
    """`parking.notices.dead.DeadNotice`."""

    id: strawberry.ID = strawberry.field(description="Give it to `replayNotices`.")
    channel: NoticeChannel = strawberry.field(description="How it was sent.")
    topic: NoticeTopic = strawberry.field(description="What it is about.")
    recipient: str = strawberry.field(
        description="To whom: the end of a number, the domain of an e-mail address, or a URL."
    )
    attempts: int = strawberry.field(description="How often it was tried.")
    last_error: str = strawberry.field(description="Why it was given up, in English.")
    created_at: datetime = strawberry.field(description="When what it tells of happened.")
    given_up_at: datetime = strawberry.field(description="When it was given up.")


def dead_notice_of(record: DeadNoticeRecord) -> DeadNotice:
    """The domain's dead letter as the schema's type."""
    return DeadNotice(
        id=global_id("DeadNotice", record.id),
        channel=record.channel,
        topic=record.topic,
        recipient=record.recipient,
        attempts=record.attempts,
        last_error=record.last_error,
        created_at=record.created_at,
        given_up_at=record.done_at,
    )


@strawberry.type
class ViewerNotices:
    """Fields of `Viewer`; `domain` is who asks."""

    domain: strawberry.Private[DomainViewer]

    @resolved("What the viewer wishes to be told; null for an API key.", metadata={VOLATILE: True})
    async def notice_preference(self) -> NoticePreference | None:
        if self.domain.person_id is None:
            return None
        return preference_of(await own_preference(self.domain))

    @resolved(
        "What the viewer was told in the last 30 days, the newest first; null for an API key.",
        metadata={VOLATILE: True},
    )
    async def notices(
        self, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[Notice] | None:
        asked = page(first, after)
        try:
            found = await list_own_notices(
                self.domain, limit=asked.limit, before=after_id(asked) or None
            )
        except NotFound:
            return None
        return connection(asked, found, lambda record: (record.version,), notice_of)


@strawberry.type
class OrganisationNotices:
    """Fields of `Organisation`; `key` is its database key."""

    key: strawberry.Private[int]

    @resolved(
        "Its webhook endpoints, oldest first; null unless the viewer is an OPERATOR of it.",
        metadata={VOLATILE: True, COST: Cost(assumed_size=ENDPOINTS_ASSUMED)},
    )
    async def webhook_endpoints(self, info: Info) -> list[WebhookEndpoint] | None:
        try:
            found = await list_webhook_endpoints(viewer_of(info.context), self.key)
        except (NotFound, NotPermitted):
            return None
        return [endpoint_of(each) for each in found]

    @resolved(
        "Notices on its behalf that were given up, the newest first; null unless the viewer is an"
        " OPERATOR of it.",
        metadata={VOLATILE: True},
    )
    async def dead_notices(
        self, info: Info, first: First = PAGE_SIZE_DEFAULT, after: After = None
    ) -> Connection[DeadNotice] | None:
        asked, viewer = page(first, after), viewer_of(info.context)
        before = after_id(asked) or None
        try:
            found = await list_dead_notices(viewer, self.key, limit=asked.limit, before=before)
        except (NotFound, NotPermitted):
            return None
        return connection(asked, found, lambda record: (record.id,), dead_notice_of)
