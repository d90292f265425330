"""Orders by signed webhook: who signed, each message once, and what came of it (CLAIMS D1, D2).

Standard Webhooks: the same `webhook-id` is the same message. Its first answer is kept, and a repeat
gets it; the id with another body is refused. The order is taken in transactions of its own (an
order is recorded first, and then placed), between two small ones: the first binds the id to its
body, the last keeps the answer. What dies in between is done again by a repeat, which changes
nothing: it is the same message of the same stamp.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from parking.accounts.attempts import Limit
from parking.accounts.idempotency import Answer, idempotent, kept_answer
from parking.accounts.models import Role
from parking.accounts.scopes import Scope
from parking.accounts.viewer import SYSTEM, Viewer
from parking.devices.sealing import Sealer
from parking.ids import PUBLIC_ID_CHARACTERS
from parking.merchants.hook_messages import Fault, HookMessage, Unreadable, read_message
from parking.merchants.hooks import Signer, signers_at
from parking.merchants.kinds import OrderSource
from parking.merchants.orders.desk import Desk
from parking.merchants.orders.queries import FIRST_LINK
from parking.merchants.orders.record import order_by_id
from parking.merchants.orders.take import cancel_order, take_order
from parking.notices.webhooks.signing import is_genuine
from parking.reservations.attempts import count_attempt
from parking.reservations.queries import reservations_by_id
from parking.storage.sql import database

MESSAGE_ID_CHARACTERS_MAX = 100
CALLS_PER_HOOK = Limit("order_hook", 1_200, timedelta(minutes=5))
"""Signed messages of one hook, repeats too; four a second on and on."""
VERB = "order_by_hook"
_PUBLIC_ID = re.compile(rf"[a-z2-7]{{{PUBLIC_ID_CHARACTERS}}}")
_DECOY = b"\0" * 32
"""Signatures for an address that is not known are checked as long as others."""


class Called(NamedTuple):
    """Whether there is such a hook, and who signed; None for a signature that is false or old."""

    is_known: bool
    signer: Signer | None


class Booked(NamedTuple):
    """A reservation and the generation of its link."""

    reservation_id: int
    link_generation: int


class HookAnswer(NamedTuple):
    """What came of a message: `told` is the JSON to answer with; `booked` has a link besides."""

    told: Answer
    booked: Booked | None


async def recognise(
    public_id: str, headers: Mapping[str, str], body: bytes, sealer: Sealer, now: datetime
) -> Called:
    """Who signed this call to the address of a hook, by their present secrets."""
    signers = await signers_at(public_id, sealer) if _PUBLIC_ID.fullmatch(public_id) else []
    if not signers:
        is_genuine(headers, body, _DECOY, now)
        return Called(False, None)
    genuine = [each for each in signers if is_genuine(headers, body, each.key, now)]
    return Called(True, genuine[0] if genuine else None)


async def take_message(
    signer: Signer, message_id: str, body: bytes, desk: Desk, limit: Limit = CALLS_PER_HOOK
) -> HookAnswer:
    """Take a message that is genuine; what came of it, or came of it before.

    Raises TooManyTries, KeyReused for an id that came with another body, Unreadable, and Conflict
    `UNIT_CLOSED`.
    """
    await count_attempt(limit, str(signer.hook_id), desk.clock)
    _check_id(message_id)
    viewer, given = hook_viewer(signer), {"body": hashlib.sha256(body).hexdigest()}
    kept = await kept_answer(viewer, f"answer:{message_id}", VERB, given)
    if kept is None:
        message = read_message(body, desk.clock.now())
        unit_id = await _unit_id(signer.organisation_id, message.unit)
        await idempotent(viewer, f"id:{message_id}", VERB, given, _nothing, clock=desk.clock)
        made = await _take(viewer, unit_id, message, desk)

        async def answer() -> Answer:
            return await _answer(made)

        kept = await idempotent(
            viewer, f"answer:{message_id}", VERB, given, answer, clock=desk.clock
        )
    return HookAnswer(kept["told"], Booked(*kept["booked"]) if kept["booked"] else None)


def hook_viewer(signer: Signer) -> Viewer:
    """The merchant's order system: as an API key that may do nothing but send orders."""
    roles = {signer.organisation_id: frozenset[Role]()}
    return Viewer(hook_id=signer.hook_id, roles=roles, scopes=frozenset({Scope.ORDERS_WRITE.value}))


def _check_id(message_id: str) -> None:
    if not 1 <= len(message_id) <= MESSAGE_ID_CHARACTERS_MAX or not message_id.isprintable():
        expected = f"expected 1 to {MESSAGE_ID_CHARACTERS_MAX} printable characters"
        raise Unreadable([Fault("webhook-id", expected)])


async def _unit_id(organisation_id: int, name: str) -> int:
    """The unit by the merchant's own id for it; one without such an id by its name, as our
    webhooks call it, and closed ones after those that are open. Raises Unreadable."""
    rows = await database().fetch(
        "SELECT id, CASE WHEN external_id IS NOT NULL THEN 0 WHEN state = 'ACTIVE' THEN 1 ELSE 2"
        " END AS rank FROM merchant_unit WHERE organisation_id = $1"
        " AND (external_id = $2 OR (external_id IS NULL AND name = $2))",
        organisation_id,
        name,
    )
    best = min((row["rank"] for row in rows), default=None)
    found = [row for row in rows if row["rank"] == best]
    if len(found) != 1:
        fault = "several units have this name" if found else "there is no such unit"
        raise Unreadable([Fault("unit", f"{fault}; give the external id that the unit has here")])
    return int(found[0]["id"])


async def _take(viewer: Viewer, unit_id: int, message: HookMessage, desk: Desk) -> int:
    source, ref, at = OrderSource.WEBHOOK, message.order_ref, message.stamp
    if message.ordered is None:
        return await cancel_order(viewer, unit_id, ref, source, at, desk)
    return await take_order(viewer, unit_id, message.ordered, source, at, desk)


async def _nothing() -> Answer:
    return {}


async def _answer(order_id: int) -> Answer:
    """As it is kept: without the link, which is a secret, but with what it is made of."""
    sql = database()
    order = await order_by_id(sql, order_id)
    assert order is not None, "orders are never deleted"
    row = await sql.fetch_one(
        "SELECT (SELECT name FROM place WHERE id = $1) AS place,"
        " (SELECT number FROM space WHERE id = $2) AS space",
        order.place_id or 0,
        order.space_id or 0,
    )
    assert row is not None, "one row, whatever there is"
    told = {
        "orderRef": order.order_ref,
        "state": order.state,
        "place": row["place"],
        "space": row["space"],
        "startsAt": order.starts_at,
        "endsAt": order.ends_at,
        "reasonCode": order.reason_code,
        "reason": order.reason,
    }
    return {"told": told, "booked": await _booked(order.reservation_id)}


async def _booked(reservation_id: int | None) -> Booked | None:
    """None once the guest has renewed the link: that makes it worthless for everybody who had it,
    and no later message tells the new one."""
    if reservation_id is None:
        return None
    found = (await reservations_by_id(SYSTEM, [reservation_id]))[reservation_id]
    return Booked(found.id, FIRST_LINK) if found.link_generation == FIRST_LINK else None
