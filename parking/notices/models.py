"""Tables of notices: the outbox, wishes, webhook endpoints, incoming SMS, the development inbox."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from parking.notices.kinds import EndpointState, NoticeChannel, NoticeState


class NoticeInbox(Model):
    """A message that the embedded channel would have sent; only the newest are kept."""

    id = fields.BigIntField(primary_key=True)
    recipient = fields.CharField(max_length=254, description="E.164 or e-mail")
    subject = fields.CharField(max_length=200)
    text = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        table = "notice_inbox"


class Notice(Model):
    """Something to be told, in the outbox; `parking.notices.records.Letter` says what is in it."""

    id = fields.BigIntField(primary_key=True)
    key = fields.CharField(max_length=120, unique=True)
    channel = fields.CharEnumField(NoticeChannel, max_length=7)
    state = fields.CharEnumField(NoticeState, max_length=7, default=NoticeState.DUE)
    recipient = fields.CharField(max_length=500, description="E.164, e-mail, open id or URL")
    person_id = fields.BigIntField(null=True)
    organisation_id = fields.BigIntField(null=True, description="who sees it when it is given up")
    webhook_id = fields.BigIntField(null=True)
    topic = fields.CharField(max_length=40)
    about = fields.CharField(max_length=60, default="", description="such as order:12")
    locale = fields.CharField(max_length=16, default="en")
    subject = fields.CharField(max_length=200, default="")
    body = fields.TextField()
    attempts = fields.IntField(default=0)
    due_at = fields.DatetimeField(description="also the end of a worker's lease")
    give_up_at = fields.DatetimeField()
    useful_until = fields.DatetimeField(null=True)
    last_error = fields.CharField(max_length=500, default="")
    provider_reference = fields.CharField(max_length=128, default="")
    created_at = fields.DatetimeField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notice"
        indexes = (
            Index(fields=("person_id", "id")),
            Index(fields=("done_at",)),
            Index(fields=("about",)),
        )


class OwnNotice(Model):
    """What a person was told, in the list that they have themselves: no link in it, no address.

    A person's have the versions 1, 2, 3 … in the order in which they were committed.
    """

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField()
    version = fields.BigIntField()
    key = fields.CharField(max_length=120, unique=True)
    topic = fields.CharField(max_length=40)
    about = fields.CharField(max_length=60, default="")
    subject = fields.CharField(max_length=200)
    text = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        table = "own_notice"
        unique_together = (("person_id", "version"),)
        indexes = (Index(fields=("at",)), Index(fields=("about",)))


class OwnNoticeVersion(Model):
    """The newest version of a person's list; it goes on when notices are forgotten."""

    person_id = fields.BigIntField(primary_key=True, generated=False)
    version = fields.BigIntField()

    class Meta:
        table = "own_notice_version"


class NoticePreference(Model):
    """What a person wants to be told, and when."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.BigIntField(unique=True)
    muted = fields.TextField(default="[]", description="topics, as JSON")
    quiet_from = fields.CharField(max_length=5, null=True, description="HH:MM in the time zone")
    quiet_until = fields.CharField(max_length=5, null=True)
    time_zone = fields.CharField(max_length=64, default="UTC")
    wechat_open_id = fields.CharField(max_length=128, null=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "notice_preference"


class WebhookEndpoint(Model):
    """Where an organisation is told of events; the secrets are sealed."""

    id = fields.BigIntField(primary_key=True)
    organisation_id = fields.BigIntField()
    url = fields.CharField(max_length=500)
    secret = fields.TextField()
    former_secret = fields.TextField(null=True)
    former_until = fields.DatetimeField(null=True)
    topics = fields.TextField(description="as JSON")
    state = fields.CharEnumField(EndpointState, max_length=7, default=EndpointState.ACTIVE)
    reason = fields.CharField(max_length=200, default="")
    created_by = fields.BigIntField(null=True, description="person")
    created_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()

    class Meta:
        table = "webhook_endpoint"
        indexes = (Index(fields=("organisation_id", "id")),)


class SmsMessage(Model):
    """An SMS that came in: kept before it is handled, once by its provider's id."""

    id = fields.BigIntField(primary_key=True)
    provider = fields.CharField(max_length=16)
    provider_id = fields.CharField(max_length=128)
    sender = fields.CharField(max_length=20)
    recipient = fields.CharField(max_length=20)
    text = fields.CharField(max_length=2000)
    received_at = fields.DatetimeField()
    handled_at = fields.DatetimeField(null=True)
    outcome = fields.CharField(max_length=200, default="")
    unit_id = fields.BigIntField(null=True, description="of the merchant whose number sent it")
    result = fields.CharField(max_length=10, null=True, description="a value of `SmsResult`")
    understood = fields.TextField(default="", description="JSON, `parking.merchants.sms.heard`")
    answer = fields.TextField(default="")
    order_id = fields.BigIntField(null=True)

    class Meta:
        table = "sms_message"
        indexes = (Index(fields=("unit_id", "id")),)
        unique_together = (("provider", "provider_id"),)
