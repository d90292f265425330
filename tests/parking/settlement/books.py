"""Settlements written straight into the books: rows and transfers as `settle` makes them, with
parts that a test chooses."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from parking.ledger.accounts import Account, external, owner, platform, property_of, tax
from parking.ledger.balances import balance
from parking.ledger.transfers import Movement, transfer
from parking.reservations.models import Reservation, ReservationState
from parking.settlement.kinds import Outcome, PayoutCause, PayoutParty
from parking.settlement.models import PayoutItem, Settlement
from parking.settlement.split import Parts
from parking.storage.sql import database
from parking.storage.transactions import transaction
from tests.support.leasing import Lease

STAY = timedelta(hours=2)


@dataclass(frozen=True)
class Books:
    """Settled stays of one lease: the lessor and who runs the place are two organisations."""

    lease: Lease
    lessor_id: int | None = None
    """Another lessor than the lease's."""

    @property
    def lessor(self) -> int:
        return self.lease.lessor_id if self.lessor_id is None else self.lessor_id

    @property
    def operator(self) -> int:
        return self.lease.estate.organisation_id

    async def settle(self, at: datetime, parts: Parts, currency: str = "EUR") -> int:
        """A stay that ended at `at`, paid for from outside; the settlement's id."""
        reservation = await self._stay(at, parts.whole_minor, currency)
        made = await Settlement.create(
            reservation_id=reservation.id, outcome=Outcome.COMPLETED,
            person_id=reservation.person_id, organisation_id=self.lessor,
            operator_id=self.operator, place_id=reservation.place_id, currency=currency,
            cost_minor=parts.whole_minor, secured_minor=parts.whole_minor, refund_minor=0,
            lines="[]", parts="[]", at=at, **parts._asdict(),
        )  # fmt: skip
        await self._pay_in(reservation.id, parts, currency, at)
        for party, organisation, amount in (
            (PayoutParty.OWNER, self.lessor, parts.owner_minor),
            (PayoutParty.PROPERTY, self.operator, parts.property_minor),
        ):
            if amount:
                await owe(made.id, organisation, party, PayoutCause.SHARE, currency, amount, at)
        settlement_id: int = made.id
        return settlement_id

    async def owed(self, currency: str = "EUR") -> tuple[int, int]:
        """Balances of the lessor's and the property's payable accounts."""
        return (
            await posted(owner(self.lessor, currency)),
            await posted(property_of(self.operator, currency)),
        )

    async def _stay(self, at: datetime, amount_minor: int, currency: str) -> Reservation:
        lease = self.lease
        return await Reservation.create(
            state=ReservationState.COMPLETED, listing_id=lease.listing_id,
            space_id=lease.space_id, place_id=lease.estate.place_id,
            organisation_id=self.lessor, person_id=lease.driver.person_id,
            starts_at=at - STAY, ends_at=at, blocked_until=at, currency=currency,
            amount_minor=amount_minor, lines="[]", terms="{}", created_at=at - STAY,
            confirmed_at=at - STAY, started_at=at - STAY, ended_at=at, settled_at=at,
        )  # fmt: skip

    async def _pay_in(self, reservation_id: int, parts: Parts, currency: str, at: datetime) -> None:
        entries = {
            external("test", currency): -parts.whole_minor,
            owner(self.lessor, currency): parts.owner_minor,
            property_of(self.operator, currency): parts.property_minor,
            platform(currency): parts.platform_minor,
            tax(currency): parts.tax_minor,
        }
        subject = f"reservation:{reservation_id}"
        movement = Movement(f"split:{reservation_id}", "split", entries, subject)
        async with transaction() as sql:
            await transfer(sql, movement, at)


async def owe(
    settlement_id: int,
    organisation_id: int,
    party: PayoutParty,
    cause: PayoutCause,
    currency: str,
    amount_minor: int,
    at: datetime,
) -> None:
    """One more item."""
    await PayoutItem.create(
        settlement_id=settlement_id, organisation_id=organisation_id, party=party, cause=cause,
        currency=currency, amount_minor=amount_minor, at=at,
    )  # fmt: skip


async def posted(account: Account) -> int:
    """What an account has."""
    return (await balance(database(), account)).posted_minor
