"""A driver of one visit: books through the public API, and has a credential to show."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from berth.replay.declared import Visit
from berth.replay.talking import ApiAway, ApiRefuses, Talk
from berth.replay.world import World
from parking.clock import rfc3339
from schema.ids import global_id

TAKEN = "WINDOW_TAKEN"
AWAY_SECONDS_MAX = 120.0
AGAIN_SECONDS = 0.1

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
    """The driver of a visit. `reservation` is the id of the booking, once there is one."""

    world: World
    visit: Visit
    token: str
    reservation: str | None = None
    refusals: int = 0

    async def book(self, space_id: int) -> bool:
        """Book the declared period and confirm it; False where the bay is taken then.

        Raises `ApiAway`, and `ApiRefuses` for any other refusal.
        """
        visit = self.visit
        assert visit.declared is not None, "it has something to book"
        wanted = {
            "spaceId": global_id("Space", space_id),
            "startsAt": rfc3339(visit.arrival),
            "endsAt": rfc3339(visit.declared),
            "plate": plate_of(visit),
        }
        key = f"reserve-{visit.number}-{self.refusals}"
        answer = (await self._ask(RESERVE, {"input": wanted, "key": key}))["reserveSpace"]
        if answer["__typename"] != "Reserved" and answer["code"] == TAKEN:
            self.refusals += 1
            return False
        made = _done(answer, "Reserved")["reservation"]["id"]
        key = f"confirm-{visit.number}"
        answer = (await self._ask(CONFIRM, {"id": made, "key": key}))["confirmReservation"]
        _done(answer, "ReservationConfirmed")
        self.reservation = made
        return True

    async def qr(self) -> str:
        """The text of a fresh QR of the booking. Raises `ApiAway` and `ApiRefuses`."""
        variables = {"id": self.reservation, "key": f"qr-{self.visit.number}"}
        answer = (await self._ask(QR, variables))["refreshQr"]
        text: str = _done(answer, "QrRefreshed")["qr"]["text"]
        return text

    async def _ask(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
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
