"""The three ways in for the proof of merchants' orders: the verb that the schema calls, a signed
webhook, and the text of an SMS. Everything behind them is real."""

import json
from base64 import b64decode
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

from bench.orders_plan import Message, Way
from parking.clock import rfc3339
from parking.merchants.hook_intake import recognise, take_message
from parking.merchants.hooks import MadeHook, create_hook
from parking.merchants.kinds import Demand
from parking.merchants.orders import take
from parking.merchants.orders.ordered import Guest, Ordered
from parking.merchants.senders import add_sender
from parking.merchants.sms.handle import handle_sms
from parking.merchants.sms.inbound import InboundSms, checked_sms
from parking.merchants.sms.receive import Received, receive_sms
from parking.merchants.sms.room import RoomOrders, RoomUnits
from parking.notices.webhooks.signing import SECRET_PREFIX, signed_headers
from tests.support.bays import SEALER
from tests.support.mall import Mall
from tests.support.orders import killed

SENDERS = 20
"""So many numbers write for the unit, so that none is over its limit."""
UNITS = RoomUnits()
ZONE = ZoneInfo("Europe/Berlin")
"""Of the mall's places."""
BEFORE = timedelta(hours=1)


@dataclass
class Intake:
    """Takes messages; `begin` is when everything began."""

    mall: Mall
    hook: MadeHook
    begin: datetime
    repeats: int = field(default=0)

    async def take(self, message: Message) -> None:
        """One message; where it dies, what it was recorded by ends right after that."""
        dies = message.dies and message.way is not Way.SMS
        with mock.patch.object(take, "carry_out", killed) if dies else nullcontext():
            if message.way is Way.VERB:
                await self._verb(message)
            elif message.way is Way.WEBHOOK:
                await self._webhook(message)
            else:
                await self._sms(message)
        self.repeats += message.is_again

    def service_at(self, message: Message) -> datetime:
        """Its beginning; of one that is on."""
        assert message.hours is not None, "it is on"
        return self.begin + timedelta(hours=message.hours)

    def _stamp(self, message: Message) -> datetime:
        return self.begin - BEFORE + timedelta(seconds=message.step)

    async def _verb(self, message: Message) -> None:
        stamp = self._stamp(message)
        if message.hours is None:
            await self.mall.cancel(message.ref, stamp)
            return
        demand = Demand.YES if message.is_wanted else Demand.NO
        guest = Guest("Li", message.phone, f"S-LI {message.number}")
        at, party = self.service_at(message), 2 + message.step
        await self.mall.take(Ordered(message.ref, at, None, demand, party, guest), stamp)

    async def _webhook(self, message: Message) -> None:
        body, now = json.dumps(self._document(message)).encode(), self.mall.clock.now()
        key = b64decode(self.hook.secret.removeprefix(SECRET_PREFIX))
        name = f"{message.ref}-{message.step}"
        headers = signed_headers(name, now, body, [key])
        called = await recognise(self.hook.public_id, headers, body, SEALER, now)
        assert called.signer is not None, "it was signed"
        await take_message(called.signer, name, body, self.mall.desk)

    def _document(self, message: Message) -> dict[str, object]:
        least = {
            "orderRef": message.ref,
            "unit": "Tea room",
            "updatedAt": rfc3339(self._stamp(message)),
        }
        if message.hours is None:
            return {**least, "cancelled": True}
        guest = {"name": "Li", "phone": message.phone, "language": "zh"}
        return {
            **least, "serviceAt": rfc3339(self.service_at(message)), "party": 2 + message.step,
            "parking": message.is_wanted, "guest": guest, "plate": f"S-LI {message.number}",
        }  # fmt: skip

    async def _sms(self, message: Message) -> None:
        sender, name = sender_of(message.number), f"SM{message.ref}-{message.step}"
        sms = checked_sms(InboundSms("inbox", name, sender, "+10000000000", self._text(message)))
        kept = await receive_sms(sms, UNITS, self.mall.clock)
        wanted = Received.KNOWN if message.is_again else Received.NEW
        assert kept.received is wanted, (message, kept)
        if kept.message_id is not None and not message.dies:
            orders = RoomOrders(self.mall.desk)
            await handle_sms(kept.message_id, UNITS, orders, self.mall.clock)

    def _text(self, message: Message) -> str:
        if message.hours is None:
            return f"cancel #{message.ref}"
        at = self.service_at(message).astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
        if message.step:
            return f"move #{message.ref} to {at}, 5 people"
        wish = "" if message.is_wanted else ", no parking"
        return (
            f"order #{message.ref} {at}, 2 people, plate S-LI {message.number}, {message.phone}"
            f"{wish}"
        )


def sender_of(number: int) -> str:
    """Who writes of an order."""
    return f"+4930{1_234_500 + number % SENDERS}"


async def open_intake(mall: Mall) -> Intake:
    """A hook, and numbers that may write."""
    for number in range(SENDERS):
        await add_sender(mall.merchant, mall.unit_id, sender_of(number), clock=mall.clock)
    hook = await create_hook(mall.merchant, mall.merchant_id, clock=mall.clock, sealer=SEALER)
    return Intake(mall, hook, mall.clock.now())
