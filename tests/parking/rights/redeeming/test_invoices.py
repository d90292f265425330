"""What issuers, and operators that carry for them, are billed each month."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from parking.accounts.models import AuditEntry
from parking.accounts.viewer import SYSTEM
from parking.money import Money
from parking.rights.checks import verify_rights
from parking.rights.kinds import RightKind
from parking.rights.models import Redemption, RightsInvoice
from parking.rights.redeeming import invoices
from parking.rights.redeeming.invoices import issue_invoices, last_closed
from parking.settlement.charge_records import digest_of
from parking.settlement.merchants import KEY_CHARACTERS_MAX, record_merchant_payment
from parking.storage.sql import Sql, database
from tests.parking.rights.redeeming.desk import Desk

MONTHS = [
    ("2026-02-01T00:59:59", "2025-12", "2026-01-01T00:00:00"),
    ("2026-02-01T01:00:00", "2026-01", "2026-02-01T00:00:00"),
    ("2026-03-15T12:00:00", "2026-02", "2026-03-01T00:00:00"),
]


@pytest.mark.parametrize(("now", "month", "ended"), MONTHS)
def test_a_month_is_billed_an_hour_after_its_end(now: str, month: str, ended: str) -> None:
    at, ended_at = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (now, ended))
    assert last_closed(at) == (month, ended_at)


async def used(desk: Desk, kind: RightKind, value: int, contract_id: int | None = None) -> None:
    """A stay that uses a right."""
    await desk.right(kind, value, contract_id=contract_id)
    await desk.park()
    await desk.redeem()
    await desk.leave()


async def issue(desk: Desk) -> int:
    return await issue_invoices(desk.clock, desk.bus)


async def test_issuer_and_carrier_are_billed_what_they_paid(both: Desk) -> None:
    desk = both
    priced = await desk.contract(price_minor=90)
    await used(desk, RightKind.AMOUNT, 100)
    await used(desk, RightKind.AMOUNT, 120)
    await used(desk, RightKind.FREE, 0, priced)
    assert await issue(desk) == 0  # the month is not over
    desk.clock.set(datetime(2026, 2, 1, 1, tzinfo=UTC))
    assert sum(await asyncio.gather(*(issue(desk) for _ in range(4)))) == 2
    assert await issue(desk) == 0
    mine = await RightsInvoice.get(organisation_id=desk.issuer_id)
    carried = await RightsInvoice.get(organisation_id=desk.operator_id)
    assert (mine.number, mine.amount_minor) == (f"RI-2026-01-{desk.issuer_id}-EUR", 310)
    assert (mine.redemptions, carried.amount_minor) == (3, 310)
    body = orjson.loads(mine.body)
    lines = [(line["part"], line["specification"], line["amountMinor"]) for line in body["lines"]]
    assert sorted(lines) == [
        ("ISSUED", "amount 100", 100), ("ISSUED", "amount 120", 120), ("ISSUED", "free 0", 90),
    ]  # fmt: skip
    [line] = orjson.loads(carried.body)["lines"]
    assert (line["part"], line["issuer"], line["amountMinor"]) == ("CARRIED", "Tea room", 310)
    assert mine.digest == digest_of(mine.body)
    assert await AuditEntry.filter(verb="issue_rights_invoice").count() == 2
    await desk.audit()


async def test_what_was_finished_too_late_is_on_the_next(desk: Desk) -> None:
    await used(desk, RightKind.AMOUNT, 100)
    desk.clock.set(datetime(2026, 2, 2, 8, tzinfo=UTC))
    assert await issue(desk) == 1
    await used(desk, RightKind.AMOUNT, 120)
    late = datetime(2026, 1, 31, tzinfo=UTC)
    await Redemption.filter(invoice_id__isnull=True).update(finished_at=late)
    assert await issue(desk) == 0
    desk.clock.set(datetime(2026, 3, 2, 8, tzinfo=UTC))
    assert await issue(desk) == 1
    rows = await RightsInvoice.all().order_by("month")
    assert [(row.month, row.amount_minor) for row in rows] == [("2026-01", 100), ("2026-02", 120)]


async def test_one_that_cannot_be_billed_holds_up_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    priced = await desk.contract(price_minor=90)
    await used(desk, RightKind.FREE, 0, priced)
    desk.clock.set(datetime(2026, 2, 2, 8, tzinfo=UTC))
    written, first = invoices._body, min(desk.issuer_id, desk.operator_id)

    async def body(sql: Sql, payer_id: int, *more: Any) -> dict[str, Any]:
        if payer_id == first:
            raise ValueError("a bug")
        return await written(sql, payer_id, *more)

    with monkeypatch.context() as broken:
        broken.setattr(invoices, "_body", body)
        with pytest.raises(ValueError, match="a bug"):
            await issue(desk)
    [billed] = await RightsInvoice.all()
    assert billed.organisation_id == max(desk.issuer_id, desk.operator_id)
    assert await issue(desk) == 1


async def test_it_is_paid_by_its_number(desk: Desk) -> None:
    await used(desk, RightKind.AMOUNT, 100)
    desk.clock.set(datetime(2026, 2, 2, 8, tzinfo=UTC))
    await issue(desk)
    found = await RightsInvoice.get(organisation_id=desk.issuer_id)
    assert len(f"RI-2026-12-{10**12}-EUR") <= KEY_CHARACTERS_MAX
    for _ in range(2):
        paid = Money(found.amount_minor, "EUR")
        await record_merchant_payment(SYSTEM, desk.issuer_id, paid, found.number, clock=desk.clock)
    assert await desk.owes() == 0


async def test_nobody_edits_one(both: Desk) -> None:
    await used(both, RightKind.AMOUNT, 100)
    both.clock.set(datetime(2026, 2, 2, 8, tzinfo=UTC))
    await issue(both)
    for statement in ("UPDATE rights_invoice SET amount_minor = 1", "DELETE FROM rights_invoice"):
        with pytest.raises((IntegrityError, OperationalError), match="append_only"):
            await database().execute(statement)
    assert await verify_rights(database()) == []
    await Redemption.all().update(issuer_minor=99)
    codes = [each.code for each in await verify_rights(database())]
    assert "RIGHTS_INVOICE" in codes
