"""A place with money: bookings that are secured, stays, and settlements with all their postings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parking.ledger.accounts import escrow
from parking.ledger.verify import verify
from parking.listings.cancellation import CancellationTerms, terms_json
from parking.listings.models import Listing
from parking.reservations.cancel import cancel
from parking.reservations.due import run_due
from parking.reservations.extend import extend, quote_extension
from parking.settlement.checks.verify import verify_settlements
from parking.settlement.funding import EscrowFunding
from parking.settlement.models import FeeContract
from parking.settlement.receipts import Receipt, recompute_receipt, require_digest
from parking.settlement.records import (
    SELECT_CHARGES,
    SELECT_SETTLEMENTS,
    ChargeRow,
    SettlementRecord,
    charge_row,
    settlement_record,
)
from parking.settlement.settle import settle_ended
from parking.storage.sql import database
from tests.parking.sessions.stage import Stage
from tests.support.estate import OPENED
from tests.support.leasing import hours
from tests.support.wallets import in_account, in_wallet, postings

FEES = {
    "platform": {"percent": 15},
    "property": {"percent": 10},
    "overstay_owner_percent": 70,
}
"""Of 4.00: 0.60 for the platform, 0.40 for the place, 3.00 for the owner."""


@dataclass
class Till:
    """What a driver, a lessor and a place see of money, on one stage."""

    stage: Stage

    @property
    def names(self) -> dict[str, str]:
        """Account names by what they are to these tests."""
        lease = self.stage.lease
        return {
            f"driver:{lease.driver.person_id}": "driver",
            f"receivable:{lease.driver.person_id}": "debt",
            f"owner:{lease.lessor_id}:payable": "owner",
            f"property:{lease.estate.organisation_id}:payable": "property",
            "platform:revenue": "platform",
            "tax:payable": "tax",
        }

    async def settle(self) -> int:
        """What a worker does."""
        return await settle_ended(self.stage.clock, self.stage.bus)

    async def book(self, begin: float = 1, end: float = 3) -> int:
        """A booking of two hours for 4.00, whose price is secured."""
        return await self.stage.book(begin, end)

    async def extend(self, reservation_id: int, until: float) -> None:
        """A later end, hours from now."""
        driver, clock = self.stage.lease.driver, self.stage.clock
        ends_at = hours(clock.now(), 0, until).ends_at
        quote = await quote_extension(driver, reservation_id, ends_at, clock=clock)
        await extend(driver, quote, clock=clock, bus=self.stage.bus, funding=self.stage.funding)

    async def stay(self, minutes: float = 120, *, wait: float = 60) -> None:
        """The car comes after `wait` minutes, and leaves so many minutes later."""
        await self.stage.pass_time(minutes=wait)
        await self.stage.come()
        await self.stage.pass_time(minutes=minutes)
        await self.stage.go()

    async def cancel(self, reservation_id: int, by: Any = None) -> None:
        """By the driver unless said."""
        stage = self.stage
        await cancel(by or stage.lease.driver, reservation_id, clock=stage.clock, bus=stage.bus)

    async def miss(self, hours: float = 4) -> None:
        """Nobody comes."""
        self.stage.clock.advance(hours=hours)
        await run_due(self.stage.clock, self.stage.bus)

    async def moved(self, reservation_id: int) -> dict[str, dict[str, int]]:
        """All transfers of a booking by their codes, with the accounts' short names."""
        names = self.names | {f"escrow:{reservation_id}": "escrow"}
        return {
            transfer.partition(":")[0]: {
                names.get(name, name): each for name, each in parts.items()
            }
            for transfer, parts in (await postings(f"reservation:{reservation_id}")).items()
        }

    async def split(self, reservation_id: int) -> dict[str, int]:
        """What went out of the escrow at the end."""
        return (await self.moved(reservation_id)).get("split", {})

    async def settlement(self, reservation_id: int) -> SettlementRecord:
        """The one settlement of a booking; its escrow is empty, its receipt proven."""
        rows = await database().fetch(
            f"{SELECT_SETTLEMENTS} WHERE t.reservation_id = $1", reservation_id
        )
        [found] = [settlement_record(row) for row in rows]
        assert await in_account(escrow(reservation_id, found.currency)) == 0
        receipt = await self.receipt(reservation_id)
        assert (receipt.cost_minor, receipt.tax_minor) == (found.cost_minor, found.tax_minor)
        assert tuple(receipt.parts) == (
            found.owner_minor, found.property_minor, found.platform_minor, found.tax_minor
        )  # fmt: skip
        return found

    async def charges(self, reservation_id: int) -> list[ChargeRow]:
        """Bill and credits."""
        rows = await database().fetch(
            f"{SELECT_CHARGES} JOIN settlement t ON t.id = c.settlement_id"
            " WHERE t.reservation_id = $1 ORDER BY c.id",
            reservation_id,
        )
        return [charge_row(row) for row in rows]

    async def audit(self) -> None:
        """Nothing is wrong with the books, nor with what settlements tell of them."""
        sql, at = database(), self.stage.clock.now()
        assert [*await verify(sql, at), *await verify_settlements(sql, at)] == []

    async def receipt(self, reservation_id: int) -> Receipt:
        """The bill, worked out again from its own body."""
        bill = (await self.charges(reservation_id))[0]
        require_digest(bill.body, bill.digest)
        assert json.loads(bill.body)["number"] == bill.number
        return recompute_receipt(bill.body)

    async def items(self) -> list[tuple[str, str, int]]:
        """What is owed to organisations: party, cause, amount."""
        rows = await database().fetch(
            "SELECT party, cause, amount_minor FROM payout_item ORDER BY id"
        )
        return [(row["party"], row["cause"], row["amount_minor"]) for row in rows]

    async def wallet(self) -> int:
        """What the driver has."""
        return await in_wallet(self.stage.lease.driver)


async def make_till(stage: Stage, fees: dict[str, Any] | None = None) -> Till:
    """The stage with money; fees for everybody as given."""
    stage.funding = EscrowFunding()
    await FeeContract.create(
        terms=json.dumps(FEES if fees is None else fees), valid_from=OPENED, created_at=OPENED
    )
    return Till(stage)


async def set_terms(terms: CancellationTerms) -> None:
    """What listings say of cancelling and not coming."""
    await Listing.all().update(cancellation=terms_json(terms))


def whole(found: SettlementRecord) -> Sequence[int]:
    """secured, validated, topped up, owed | owner, property, platform, tax, refund."""
    return (
        found.secured_minor, found.validation_minor, found.topped_up_minor, found.receivable_minor,
        found.owner_minor, found.property_minor, found.platform_minor, found.tax_minor,
        found.refund_minor,
    )  # fmt: skip
