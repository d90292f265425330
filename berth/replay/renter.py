"""A driver of one visit: books and pays through the public API, and has a credential to show."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from berth.replay.declared import Visit
from berth.replay.purses import Told, brings_minor, changes_mind
from berth.replay.talking import ApiAway, ApiRefuses, Talk
from berth.replay.world import World
from parking.clock import rfc3339
from schema.ids import global_id

TAKEN = "WINDOW_TAKEN"
PENDING = "PAYMENT_PENDING"
AWAY_SECONDS_MAX = 240.0
AGAIN_SECONDS = 0.1
CONFIRMATIONS_MAX = 50

RESERVE = """mutation Reserve($input: ReserveSpaceInput!, $key: String!) {
  reserveSpace(input: $input, idempotencyKey: $key) {
    __typename
    ... on Reserved { reservation { id } }
    ... on Refusal { code message }
  }
}"""

CONFIRM = """mutation Confirm($id: ID!, $key: String!) {
  confirmReservation(reservationId: $id, idempotencyKey: $key) {
    __typename
    ... on ReservationConfirmed { reservation { id state } }
    ... on Refusal { code message }
    ... on NotFunded { missing { amountMinor } }
    ... on DebtOutstanding { owed { amountMinor } }
  }
}"""

CANCEL = """mutation Cancel($id: ID!, $key: String!) {
  cancelReservation(reservationId: $id, idempotencyKey: $key) {
    __typename
    ... on ReservationCancelled { reservation { id state } }
    ... on Refusal { code message }
  }
}"""

PAY_IN = """mutation PayIn($amount: MinorUnits!, $currency: Currency!, $key: String!) {
  topUpWallet(amountMinor: $amount, currency: $currency, idempotencyKey: $key) {
    __typename
    ... on Refusal { code message }
  }
}"""

QR = """mutation Qr($id: ID!, $key: String!) {
  refreshQr(reservationId: $id, idempotencyKey: $key) {
    __typename
    ... on QrRefreshed { qr { text } }
    ... on Refusal { code message }
  }
}"""


@dataclass(slots=True)
class Renter:
    """The driver of a visit. `reservation` is the id of the booking, once there is one; `made` are
    all of them, the cancelled one too; `told` what was missing when a confirmation was refused.
    `has_card`: an account of an outer rail is bound, and the wallet is not filled."""

    world: World
    visit: Visit
    token: str
    reservation: str | None = None
    refusals: int = 0
    currency: str = "USD"
    has_card: bool = False
    made: list[str] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    pending: int = 0
    _paid_in: int = 0

    async def book(self, space_id: int) -> bool:
        """Book the declared period and confirm it; False where the bay is taken then.

        Raises `ApiAway`, and `ApiRefuses` for any other refusal.
        """
        if not await self._book(space_id):
            return False
        if changes_mind(self.visit):
            variables = {"id": self.made[-1], "key": f"cancel-{self.visit.number}"}
            answer = (await self.ask(CANCEL, variables))["cancelReservation"]
            _done(answer, "ReservationCancelled")
            if not await self._book(space_id):
                raise ApiRefuses(f"{TAKEN}: what was cancelled could not be booked again")
        self.reservation = self.made[-1]
        return True

    async def _book(self, space_id: int) -> bool:
        visit = self.visit
        assert visit.declared is not None, "it has something to book"
        wanted = {
            "spaceId": global_id("Space", space_id),
            "startsAt": rfc3339(visit.arrival),
            "endsAt": rfc3339(visit.declared),
            "plate": plate_of(visit),
        }
        key = f"reserve-{visit.number}-{self.refusals}-{len(self.made)}"
        answer = (await self.ask(RESERVE, {"input": wanted, "key": key}))["reserveSpace"]
        if answer["__typename"] != "Reserved" and answer["code"] == TAKEN:
            self.refusals += 1
            return False
        made = _done(answer, "Reserved")["reservation"]["id"]
        if not self.made and not self.has_card:
            await self._pay_in(brings_minor(visit))
        await self._confirm(made)
        self.made.append(made)
        return True

    async def _confirm(self, made: str) -> None:
        """Confirm, paying in what is said to be missing, and again while the rail says nothing."""
        for count in range(CONFIRMATIONS_MAX):
            key = f"confirm-{self.visit.number}-{len(self.made)}-{count}"
            answer = (await self.ask(CONFIRM, {"id": made, "key": key}))["confirmReservation"]
            if answer.get("code") == PENDING:
                self.pending += 1
            elif (missing := answer.get("missing") or answer.get("owed")) is not None:
                amount = int(missing["amountMinor"])
                self.told.append(Told(answer["code"], amount))
                await self._pay_in(amount)
            else:
                break
        _done(answer, "ReservationConfirmed")

    async def _pay_in(self, amount_minor: int) -> None:
        if amount_minor:
            self._paid_in += 1
            key = f"pay-in-{self.visit.number}-{self._paid_in}"
            variables = {"amount": amount_minor, "currency": self.currency, "key": key}
            _done((await self.ask(PAY_IN, variables))["topUpWallet"], "WalletToppedUp")

    async def qr(self) -> str:
        """The text of a fresh QR of the booking. Raises `ApiAway` and `ApiRefuses`."""
        variables = {"id": self.reservation, "key": f"qr-{self.visit.number}"}
        answer = (await self.ask(QR, variables))["refreshQr"]
        text: str = _done(answer, "QrRefreshed")["qr"]["text"]
        return text

    async def ask(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Ask, and ask again under the same key while the API is away: it has one effect."""
        deadline = monotonic() + AWAY_SECONDS_MAX
        while True:
            try:
                async with Talk.open(self.world.api, self.token) as talk:
                    return await talk.query(document, variables)
            except ApiAway:
                if self.world.household is None or monotonic() > deadline:
                    raise
                await asyncio.sleep(AGAIN_SECONDS)


def plate_of(visit: Visit) -> str:
    """By which a visit is found again."""
    return f"R{visit.number}"


def _done(answer: dict[str, Any], wanted: str) -> dict[str, Any]:
    if answer["__typename"] != wanted:
        raise ApiRefuses(f"{answer['code']}: {answer['message']}")
    return answer
