"""Tables of the ledger; the database itself guards them (`migrations/initial/ledger.*`)."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class AccountKind(StrEnum):
    """The chart of accounts (DESIGN section 6); an account's name begins with its kind."""

    EXTERNAL = "EXTERNAL"
    DRIVER = "DRIVER"
    ESCROW = "ESCROW"
    OWNER = "OWNER"
    PROPERTY = "PROPERTY"
    PLATFORM = "PLATFORM"
    MERCHANT = "MERCHANT"
    TAX = "TAX"
    DISPUTE = "DISPUTE"
    RECEIVABLE = "RECEIVABLE"


class TransferKind(StrEnum):
    """A transfer moves money (DIRECT), reserves it (PENDING), or resolves one that did: moves what
    was reserved or a part of it (POST), or nothing (VOID by somebody, EXPIRE by the clock)."""

    DIRECT = "DIRECT"
    PENDING = "PENDING"
    POST = "POST"
    VOID = "VOID"
    EXPIRE = "EXPIRE"


class LedgerAccount(Model):
    """An account of one currency, such as `escrow:12` in EUR.

    What is owed to somebody is positive, what came from outside (`external:…`) or is owed by
    somebody (`receivable:…`) negative; all accounts of a currency sum to zero. A tracked one has
    its balance in its row, kept by the database with every posting: `balance_minor` is what is
    posted, `held_minor` what pending transfers would take out. `balance - held` is never below
    `minimum_minor`, `balance` never above `maximum_minor`. The others are summed when asked, so
    that transfers of strangers never wait for each other there.
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=64)
    kind = fields.CharEnumField(AccountKind, max_length=10)
    currency = fields.CharField(max_length=3, description="ISO 4217")
    is_tracked = fields.BooleanField(default=False)
    minimum_minor = fields.BigIntField(null=True)
    maximum_minor = fields.BigIntField(null=True)
    balance_minor = fields.BigIntField(default=0)
    held_minor = fields.BigIntField(default=0)
    created_at = fields.DatetimeField()

    class Meta:
        table = "ledger_account"
        unique_together = (("name", "currency"),)


class LedgerSeal(Model):
    """Says that a transfer is whole: the database looks at its postings when this row is written,
    lets nothing be added afterwards, and commits no transfer without it."""

    transfer_id = fields.BigIntField(primary_key=True, generated=False)

    class Meta:
        table = "ledger_seal"


class LedgerTransfer(Model):
    """Money moved at `at`; never edited or deleted. `public_id` is made by who asks for it, `code`
    says what for, `subject` for whom (`reservation:12`); `input_hash` tells a repetition from
    another transfer of the same id. A correction is a new one that names what it corrects."""

    id = fields.BigIntField(primary_key=True)
    public_id = fields.CharField(max_length=64, unique=True)
    kind = fields.CharEnumField(TransferKind, max_length=7)
    code = fields.CharField(max_length=32)
    reason = fields.CharField(max_length=500, default="")
    subject = fields.CharField(max_length=40, default="", db_index=True)
    actor = fields.CharField(max_length=64)
    input_hash = fields.CharField(max_length=64)
    at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True, description="of a PENDING one")
    pending: fields.OneToOneNullableRelation["LedgerTransfer"] = fields.OneToOneField(
        "parking.LedgerTransfer", related_name="resolution", null=True, on_delete=fields.RESTRICT
    )
    pending_id: int | None
    corrects: fields.ForeignKeyNullableRelation["LedgerTransfer"] = fields.ForeignKeyField(
        "parking.LedgerTransfer", related_name="corrections", null=True, on_delete=fields.RESTRICT
    )
    corrects_id: int | None

    class Meta:
        table = "ledger_transfer"
        indexes = (Index(fields=("at", "id")),)


class LedgerOpen(Model):
    """A pending transfer that waits for its resolution; the database makes and deletes these."""

    transfer: fields.OneToOneRelation[LedgerTransfer] = fields.OneToOneField(
        "parking.LedgerTransfer",
        related_name="waiting",
        primary_key=True,
        on_delete=fields.RESTRICT,
    )
    transfer_id: int
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "ledger_open"


class LedgerPosting(Model):
    """One account's part of a transfer; positive is into the account. The postings of a transfer
    sum to zero in each currency. `at` is the transfer's."""

    id = fields.BigIntField(primary_key=True)
    transfer: fields.ForeignKeyRelation[LedgerTransfer] = fields.ForeignKeyField(
        "parking.LedgerTransfer", related_name="postings", on_delete=fields.RESTRICT
    )
    transfer_id: int
    account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "parking.LedgerAccount", related_name="postings", on_delete=fields.RESTRICT
    )
    account_id: int
    amount_minor = fields.BigIntField()
    is_pending = fields.BooleanField(default=False)
    at = fields.DatetimeField()

    class Meta:
        table = "ledger_posting"
        unique_together = (("transfer", "account"),)
