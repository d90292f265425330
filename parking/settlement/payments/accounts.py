"""With what a driver pays: the wallet, which everybody has, or an account that they have bound.

Binding has two halves: `begin_binding` gives the driver's page a secret with which the rail itself
takes the card; `finish_binding` asks the rail what it got. No card number ever passes through
Berth. Everything here that asks a rail runs outside of transactions.
"""

from parking.accounts.rules import require_person
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import Conflict, InvalidInput, NotFound
from parking.events.bus import Bus
from parking.settlement.payments.prepare import in_change, rail_of
from parking.settlement.payments.records import (
    SELECT_ACCOUNTS,
    PaymentAccountRecord,
    account_record,
)
from parking.settlement.rails.outside import require_outside
from parking.settlement.rails.port import WALLET, BindingStarted, Bound, Rails
from parking.settlement.topics import person_money_topic, tell_money
from parking.storage.locks import lock_person
from parking.storage.sql import Sql, database

ACCOUNTS_MAX = 10
"""So many payment accounts a person may have at a time."""

_INSERT = """
INSERT INTO payment_account (person_id, rail, customer, reference, label, is_default, created_at)
VALUES ($1, $2, $3, $4, $5, TRUE, $6) RETURNING id
"""
_UNDER_WAY = """
SELECT 1 AS found FROM payment WHERE payment_account_id = $1 AND secured_at IS NULL
   AND state IN ('CREATED', 'ACTION_NEEDED', 'AUTHORISED')
UNION ALL
SELECT 1 AS found FROM escrow_account WHERE payment_account_id = $1 AND state = 'OPEN'
UNION ALL
SELECT 1 AS found FROM rail_order o JOIN payment p ON p.id = o.payment_id
 WHERE p.payment_account_id = $1 AND o.state = 'DUE'
LIMIT 1
"""


async def accounts_of(viewer: Viewer) -> list[PaymentAccountRecord]:
    """The viewer's own bound accounts, oldest first; the wallet is not among them. Raises
    Unauthenticated and NotPermitted."""
    rows = await database().fetch(
        f"{SELECT_ACCOUNTS} WHERE a.person_id = $1 AND a.removed_at IS NULL ORDER BY a.id",
        require_person(viewer),
    )
    return [account_record(row) for row in rows]


async def default_account(sql: Sql, person_id: int) -> PaymentAccountRecord | None:
    """With what a person pays when nothing else is said; None: the wallet."""
    row = await sql.fetch_one(
        f"{SELECT_ACCOUNTS} WHERE a.person_id = $1 AND a.is_default AND a.removed_at IS NULL",
        person_id,
    )
    return None if row is None else account_record(row)


async def own_account(sql: Sql, viewer: Viewer, account_id: int) -> PaymentAccountRecord:
    """An account of the viewer's that was not removed. Raises NotFound."""
    row = await sql.fetch_one(
        f"{SELECT_ACCOUNTS} WHERE a.id = $1 AND a.person_id = $2 AND a.removed_at IS NULL",
        account_id,
        require_person(viewer),
    )
    if row is None:
        raise NotFound("there is no such payment account")
    return account_record(row)


async def begin_binding(viewer: Viewer, rail: str, key: str, *, rails: Rails) -> BindingStarted:
    """Begin to bind an account of an outer rail; the secret is for the driver's page only.

    `key` is the request's idempotency key. Raises InvalidInput for a rail that does not exist here,
    Conflict `TOO_MANY_PAYMENT_ACCOUNTS`, RailUnreachable and RailRefused.
    """
    require_outside()
    person_id, accounts = require_person(viewer), await accounts_of(viewer)
    _require_bindable(rail, rails)
    if len(accounts) >= ACCOUNTS_MAX:
        raise Conflict(
            f"a person has at most {ACCOUNTS_MAX} payment accounts; remove one first",
            code="TOO_MANY_PAYMENT_ACCOUNTS",
        )
    customer = next((each.customer for each in accounts if each.rail == rail), "")
    name = person_name(person_id)
    return await rail_of(rails, rail).begin_binding(name, customer, f"bind:{name}:{key}")


async def finish_binding(
    viewer: Viewer, rail: str, reference: str, *, rails: Rails, clock: Clock, bus: Bus
) -> int:
    """Bind what the rail got; it becomes the default. The account's id; the same again gives the
    same account. Raises InvalidInput, RailUnreachable, and RailRefused for a binding that is not
    finished, or not this person's."""
    require_outside()
    person_id = require_person(viewer)
    _require_bindable(rail, rails)
    bound = await rail_of(rails, rail).finish_binding(person_name(person_id), reference)

    async def once(sql: Sql, held: Bus) -> int:
        await _no_default(sql, person_id)
        known = await _bound_before(sql, person_id, rail, bound)
        if known is not None:
            await _make_default(sql, known)
        else:
            [row] = await sql.fetch(
                _INSERT, person_id, rail, bound.customer, bound.method, bound.label, clock.now()
            )
            known = int(row["id"])
        topic = person_money_topic(person_id)
        await tell_money(sql, held, clock.now(), topic, payment_account_id=known)
        return known

    return await in_change(once, bus)


async def set_default(viewer: Viewer, account_id: int | None, *, clock: Clock, bus: Bus) -> None:
    """Pay with this account from now on; None: with the wallet. What is booked stays as it was
    paid. Raises NotFound."""
    person_id = require_person(viewer)

    async def once(sql: Sql, held: Bus) -> None:
        if account_id is not None:
            await own_account(sql, viewer, account_id)
        await _no_default(sql, person_id)
        if account_id is not None:
            await _make_default(sql, account_id)
        topic = person_money_topic(person_id)
        await tell_money(sql, held, clock.now(), topic, payment_account_id=account_id)

    await in_change(once, bus)


async def remove_account(
    viewer: Viewer, account_id: int, *, rails: Rails, clock: Clock, bus: Bus
) -> None:
    """Forget an account, here and at its rail. Raises NotFound, RailUnreachable, and Conflict
    `PAYMENT_ACCOUNT_IN_USE` while money is under way on it."""
    require_outside()
    account = await own_account(database(), viewer, account_id)
    await _require_idle(database(), account_id)
    rail = rails.get(account.rail)
    if rail is not None:  # one that is not set up any more is simply left
        await rail.unbind(account.reference)

    async def once(sql: Sql, held: Bus) -> None:
        await sql.execute(
            "UPDATE payment_account SET removed_at = $2, is_default = FALSE WHERE id = $1",
            account_id,
            clock.now(),
        )
        topic = person_money_topic(account.person_id)
        await tell_money(sql, held, clock.now(), topic, payment_account_id=account_id)

    await in_change(once, bus)


def person_name(person_id: int) -> str:
    """What a rail knows a person by: nothing that says who it is."""
    return f"person:{person_id}"


def _require_bindable(rail: str, rails: Rails) -> None:
    names = sorted(name for name in rails if name != WALLET)
    if rail not in names:
        told = ", ".join(names) or "none: only the wallet, which needs no binding"
        raise InvalidInput("rail", f"there is no such rail to bind; there are: {told}")


async def _require_idle(sql: Sql, account_id: int) -> None:
    if await sql.fetch(_UNDER_WAY, account_id):
        raise Conflict(
            "money is under way on this payment account; remove it when its bookings have ended "
            "and are settled",
            code="PAYMENT_ACCOUNT_IN_USE",
        )


async def _bound_before(sql: Sql, person_id: int, rail: str, bound: Bound) -> int | None:
    row = await sql.fetch_one(
        "SELECT id FROM payment_account WHERE person_id = $1 AND rail = $2 AND reference = $3"
        " AND removed_at IS NULL",
        person_id,
        rail,
        bound.method,
    )
    return None if row is None else int(row["id"])


async def _no_default(sql: Sql, person_id: int) -> None:
    await lock_person(sql, person_id)
    await sql.execute(
        "UPDATE payment_account SET is_default = FALSE WHERE person_id = $1 AND is_default",
        person_id,
    )


async def _make_default(sql: Sql, account_id: int) -> None:
    await sql.execute("UPDATE payment_account SET is_default = TRUE WHERE id = $1", account_id)
