"""The three ways in for the proof of merchants' orders, each by its real door: the mutation with an
API key, the signed webhook, and Twilio's signed form."""

import json
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from twilio.request_validator import RequestValidator

from bench.orders_plan import Death, Message, Way
from bench.orders_shop import PUBLIC_URL, TWILIO_TOKEN, Shop, ask
from bench.orders_time import SharedClock
from parking.accounts.api_keys import create_api_key
from parking.accounts.scopes import Scope
from parking.accounts.viewer import SYSTEM
from parking.clock import rfc3339
from parking.devices.sealing import Sealer
from parking.merchants.hooks import MadeHook, create_hook
from parking.merchants.senders import add_sender
from parking.notices.webhooks.signing import SECRET_PREFIX, signed_headers
from schema.ids import global_id
from tests.support.mall import Mall
from tests.support.running import SECRET

SENDERS = 8
"""So many numbers write for the unit, so that none is over its limit."""
ZONE = ZoneInfo("Europe/Berlin")
"""Of the mall's places."""
BEFORE = timedelta(hours=1)
SMS_PATH = "/sms/twilio"
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}

_PLACE = """
mutation Place($input: PlaceMerchantOrderInput!, $key: String!) {
  placeMerchantOrder(input: $input, idempotencyKey: $key) {
    __typename ... on MerchantOrderPlaced { order { id } } ... on Refusal { code message }
  }
}
"""
_CANCEL = """
mutation Cancel($unit: ID!, $ref: String!, $stamp: DateTime!, $key: String!) {
  cancelMerchantOrder(unitId: $unit, orderRef: $ref, stamp: $stamp, idempotencyKey: $key) {
    __typename ... on MerchantOrderCancelled { order { id } } ... on Refusal { code message }
  }
}
"""


@dataclass
class Intake:
    """Takes messages; `begin` is when everything began, `answers` what each was answered first."""

    mall: Mall
    shop: Shop
    clock: SharedClock
    hook: MadeHook
    api_key: str
    kiosk_id: int
    begin: datetime
    answers: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    async def take(self, message: Message, *, may_die: bool) -> None:
        """One message, sent until it is answered; a repeat has to get the very same answer."""
        self.clock.arm(message.dies if may_die else Death.NONE)
        send = {Way.VERB: self._verb, Way.WEBHOOK: self._webhook, Way.SMS: self._sms}
        name = f"{message.ref}-{message.step}"
        answer = await send[message.way](message, name)
        if self.answers.setdefault(name, answer) != answer:
            self.faults.append(f"{name} was answered {self.answers[name]}, then {answer}")

    def service_at(self, message: Message) -> datetime:
        """Its beginning; of one that is on."""
        assert message.hours is not None, "it is on"
        return self.begin + timedelta(hours=message.hours)

    def stamp(self, message: Message) -> datetime:
        """When it was made; an SMS is as old as its receipt."""
        return self.begin - BEFORE + timedelta(seconds=message.step)

    async def _verb(self, message: Message, name: str) -> Any:
        unit = self.kiosk_id if message.is_kiosks else self.mall.unit_id
        unit_id, stamp = global_id("MerchantUnit", unit), rfc3339(self.stamp(message))
        if message.hours is None:
            given = {"unit": unit_id, "ref": message.ref, "stamp": stamp}
            return await self._graphql(_CANCEL, {**given, "key": name})
        order = {
            "unitId": unit_id, "orderRef": message.ref, "stamp": stamp,
            "serviceAt": rfc3339(self.service_at(message)),
            "demand": "YES" if message.is_wanted else "NO", "party": 2 + message.step,
            "guest": {"name": "Li", "phone": message.phone, "plate": f"S-LI {message.number}"},
        }  # fmt: skip
        return await self._graphql(_PLACE, {"input": order, "key": name})

    async def _graphql(self, document: str, variables: dict[str, Any]) -> Any:
        said = await self.graphql(document, variables, {"authorization": f"Bearer {self.api_key}"})
        [outcome] = said.get("data", {"none": said}).values()
        if "order" not in outcome:
            self.faults.append(f"{variables['key']} came to {outcome}")
        return outcome

    async def graphql(
        self, document: str, variables: dict[str, Any], headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """What the API answers to anybody's document."""
        body = json.dumps({"query": document, "variables": variables}).encode()
        wanted = {**JSON, "accept": "application/graphql-response+json", **(headers or {})}
        said: dict[str, Any] = (await ask(self.shop, "/graphql", body, wanted)).json()
        return said

    async def _webhook(self, message: Message, name: str) -> Any:
        body, now = json.dumps(self._document(message)).encode(), self.clock.now()
        key = b64decode(self.hook.secret.removeprefix(SECRET_PREFIX))
        headers = {**JSON, **signed_headers(name, now, body, [key])}
        answer = await ask(self.shop, f"/hooks/orders/{self.hook.public_id}", body, headers)
        if answer.status_code != 200:
            self.faults.append(f"{name} came to {answer.status_code} {answer.text}")
        return answer.json()

    def _document(self, message: Message) -> dict[str, object]:
        least = {
            "orderRef": message.ref,
            "unit": "Kiosk" if message.is_kiosks else "Tea room",
            "updatedAt": rfc3339(self.stamp(message)),
        }
        if message.hours is None:
            return {**least, "cancelled": True}
        guest = {"name": "Li", "phone": message.phone, "language": "zh"}
        return {
            **least, "serviceAt": rfc3339(self.service_at(message)), "party": 2 + message.step,
            "parking": message.is_wanted, "guest": guest, "plate": f"S-LI {message.number}",
        }  # fmt: skip

    async def _sms(self, message: Message, name: str) -> Any:
        fields = {
            "MessageSid": f"SM{name}", "From": sender_of(message.number), "To": "+10000000000",
            "Body": self._text(message),
        }  # fmt: skip
        signature = RequestValidator(TWILIO_TOKEN).compute_signature(PUBLIC_URL + SMS_PATH, fields)
        headers = {**FORM, "x-twilio-signature": signature}
        answer = await ask(self.shop, SMS_PATH, urlencode(fields).encode(), headers)
        if answer.status_code != 200:
            self.faults.append(f"{name} came to {answer.status_code} {answer.text}")
        return answer.text

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


async def open_intake(mall: Mall, shop: Shop, clock: SharedClock, kiosk_day_max: int) -> Intake:
    """A kiosk whose day has a limit; a hook, an API key, and numbers that may write."""
    kiosk = await mall.unit(name="Kiosk", orders_per_day_max=kiosk_day_max)
    for number in range(SENDERS):
        await add_sender(mall.merchant, mall.unit_id, sender_of(number), clock=clock)
    sealer = Sealer(SECRET.encode())
    hook = await create_hook(mall.merchant, mall.merchant_id, clock=clock, sealer=sealer)
    key = await create_api_key(
        SYSTEM, mall.merchant_id, "Till", [Scope.ORDERS_WRITE.value], clock=clock
    )
    return Intake(mall, shop, clock, hook, key.secret, kiosk, clock.now())
