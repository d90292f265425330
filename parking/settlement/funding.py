"""The reservation's own pocket as `Funding`: what a booking costs is moved there when it is
confirmed, and what an extension adds when it is extended (CLAIMS C5, C6, C12, C14)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.events.bus import Bus
from parking.ledger.accounts import driver, escrow
from parking.ledger.refusals import InsufficientFunds
from parking.ledger.transfers import Movement, transfer
from parking.reservations.funding import NotFunded, Secured
from parking.reservations.models import QuoteKind, ReservationState
from parking.reservations.queries import quotes_by_id, reservations_by_id
from parking.reservations.record import locked_reservation
from parking.reservations.records import QuoteRecord, ReservationRecord
from parking.reservations.rules import Step, has_lapsed, may_take
from parking.settlement.debts import require_no_debt
from parking.settlement.escrow import bound_rail, find_escrow, ready_escrow
from parking.settlement.kinds import Purpose
from parking.settlement.payments.prepare import prepare_payment, secure_payment
from parking.settlement.payments.refusals import PaymentActionNeeded
from parking.settlement.payments.rows import account_by_id
from parking.settlement.rails.port import WALLET, Rails
from parking.settlement.records import EscrowRecord
from parking.settlement.refusals import WalletTooLow
from parking.settlement.validations import covered_minor
from parking.storage.sql import Sql, database

NO_RAILS: Rails = {}


class EscrowFunding:
    """Moves money through the rail of the driver's bound account: the wallet at once, in the
    caller's transaction; an outer rail in two steps, of which `prepare` is the first."""

    def __init__(self, rails: Rails = NO_RAILS) -> None:
        self._rails = rails

    async def prepare(
        self, viewer: Viewer, reservation_ids: Sequence[int], *, clock: Clock, bus: Bus
    ) -> None:
        """Have an outer rail reserve the prices. Raises `DebtOutstanding` and other kinds of
        `NotFunded`."""
        for each in reservation_ids:
            hold = await _confirmable(viewer, each, clock.now())
            if hold is not None:
                await self._reserve(hold, Purpose.BOOKING, hold.amount_minor, clock, bus)

    async def prepare_extension(
        self, viewer: Viewer, quote_id: int, *, clock: Clock, bus: Bus
    ) -> None:
        """Have an outer rail reserve what is added. Raises `DebtOutstanding` and other kinds of
        `NotFunded`."""
        quote = (await quotes_by_id(viewer, [quote_id])).get(quote_id)
        if quote is None or quote.reservation_id is None or not _is_usable(quote, clock.now()):
            return
        reservation = await locked_reservation(database(), quote.reservation_id)
        if may_take(Step.EXTEND, viewer, reservation):
            price = reservation.amount_minor + quote.amount_minor
            with _discreet(viewer):
                await self._reserve(reservation, Purpose.EXTENSION, price, clock, bus)

    async def _reserve(
        self, reservation: ReservationRecord, purpose: Purpose, price: int, clock: Clock, bus: Bus
    ) -> None:
        """Have what is missing to the price reserved, where it does not come from the wallet."""
        sql = database()
        pocket = await find_escrow(sql, reservation.id)
        rail, account_id = await bound_rail(sql, reservation.person_id)
        if pocket is not None:
            rail, account_id = pocket.rail, pocket.payment_account_id
        missing = price - await covered_minor(sql, reservation.id)
        missing -= 0 if pocket is None else pocket.secured_minor
        if rail == WALLET or missing <= 0:
            return
        await require_no_debt(sql, reservation.person_id)
        account = await account_by_id(sql, account_id)
        await prepare_payment(
            reservation, purpose, missing, account, rails=self._rails, clock=clock, bus=bus
        )

    async def secure(self, sql: Sql, reservation: ReservationRecord, at: datetime) -> Secured:
        """Move what is missing to the price into the escrow account; what a right covers is not.
        Raises `DebtOutstanding`, `WalletTooLow` and other kinds of `NotFunded`."""
        await require_no_debt(sql, reservation.person_id)
        pocket = await ready_escrow(sql, reservation, at)
        due = reservation.amount_minor - await covered_minor(sql, reservation.id)
        missing = max(due - pocket.secured_minor, 0)
        if missing:
            await _move_in(sql, pocket, reservation, missing, at)
            await sql.execute(
                "UPDATE escrow_account SET secured_minor = secured_minor + $2 WHERE id = $1",
                pocket.id,
                missing,
            )
        return Secured(pocket.rail.upper(), missing)


@contextmanager
def _discreet(viewer: Viewer) -> Iterator[None]:
    """Whoever holds a booking's link is shown the way to the bank, where its customer signs in; the
    secret of the payment is the driver's alone."""
    try:
        yield
    except PaymentActionNeeded as asked:
        raise asked if viewer.link_of is None else PaymentActionNeeded(asked.url) from None


async def _confirmable(
    viewer: Viewer, reservation_id: int, now: datetime
) -> ReservationRecord | None:
    """The hold, when it is the viewer's to confirm now; the verb says why it is not."""
    found = (await reservations_by_id(viewer, [reservation_id])).get(reservation_id)
    if found is None or not may_take(Step.CONFIRM, viewer, found):
        return None
    is_held = found.state is ReservationState.PENDING_PAYMENT and not has_lapsed(found, now)
    return found if is_held else None


def _is_usable(quote: QuoteRecord, now: datetime) -> bool:
    return quote.kind is QuoteKind.EXTENSION and quote.used_at is None and now < quote.expires_at


async def _move_in(
    sql: Sql, pocket: EscrowRecord, reservation: ReservationRecord, amount: int, at: datetime
) -> None:
    if pocket.rail != WALLET:
        if await secure_payment(sql, reservation.id, amount, at) is None:
            raise NotFunded("the payment is not ready; try again, and agree to it where asked")
        return
    public_id = f"secure:{reservation.id}:{reservation.version}"
    wallet = driver(pocket.person_id, pocket.currency)
    entries = {wallet: -amount, escrow(reservation.id, pocket.currency): amount}
    subject = f"reservation:{reservation.id}"
    try:
        await transfer(sql, Movement(public_id, "secure", entries, subject), at)
    except InsufficientFunds as short:
        raise WalletTooLow(amount - (short.available_minor or 0), pocket.currency) from short
