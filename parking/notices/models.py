"""Table of the development inbox."""

from tortoise import fields
from tortoise.models import Model


class NoticeInbox(Model):
    """A message that the embedded channel would have sent; only the newest are kept."""

    id = fields.BigIntField(primary_key=True)
    recipient = fields.CharField(max_length=254, description="E.164 or e-mail")
    subject = fields.CharField(max_length=200)
    text = fields.TextField()
    at = fields.DatetimeField()

    class Meta:
        table = "notice_inbox"
