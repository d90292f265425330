"""Asking for a binding: a sharer invites a receiver, or a receiver asks a sharer (CLAIMS E1, E10).

The other side is whoever opens the address that is made here: anybody (LINK), in WeChat (WECHAT),
or only who has proven the phone number that it is sent to (PHONE).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from parking.accounts.addresses import parse_address
from parking.accounts.attempts import Limit, take_attempt
from parking.accounts.audit import record_audit
from parking.accounts.people import Profile, person_of
from parking.accounts.viewer import Viewer
from parking.clock import Clock
from parking.errors import InvalidInput, Unauthenticated
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ids import token_hash
from parking.locations.bindings.record import require_room, tell_binding
from parking.locations.bindings.rows import binding_row
from parking.locations.bindings.rules import NotYourself, checked_name, checked_scope
from parking.locations.guards import own_live_position, require_signed_in
from parking.locations.kinds import BindingScope, BindingSide, BindingState, InvitationWay
from parking.locations.limits import INVITATION_LASTS, INVITED_PER_DAY_MAX, INVITED_PHONE_MAX
from parking.locations.tokens import INVITATION_PATH, made_token
from parking.notices.kinds import NoticeTopic
from parking.notices.own import tell_person
from parking.notices.reach import Reach, Telling
from parking.notices.templates import best_locale
from parking.storage.locks import lock_person
from parking.storage.sql import Sql
from parking.storage.transactions import retried, transaction

DAY = timedelta(days=1)
INVITED_PER_DAY = Limit("position_invitations", INVITED_PER_DAY_MAX, DAY)
INVITED_PHONE = Limit("position_invited", INVITED_PHONE_MAX, DAY)

WHAT = "invitation"
"""In tokens."""

_INSERT = """
INSERT INTO position_binding
    (sharer_id, receiver_id, state, scope, position_id, until, asked_by, way, phone, sharer_name,
     receiver_name, locale, asked_at, answer_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for, `side` being the asker's. ONE_STAY of a receiver has no position yet.

    `own_name` is what the other side is told who asks, `their_name` what the asker calls them.
    """

    side: BindingSide
    way: InvitationWay
    scope: BindingScope
    position_id: int | None = None
    until: datetime | None = None
    phone: str | None = None
    own_name: str
    their_name: str = ""
    locale: str | None = None


async def ask_binding(
    viewer: Viewer, wish: Wish, *, clock: Clock, bus: Bus, keys: Sequence[bytes], base_url: str
) -> int:
    """Ask; the binding's id. Its token is `tokens.token_again`'s. `keys` are the installation's for
    links, the newest first.

    Raises InvalidInput, NotFound (the position), NotYourself, TooManyBindings, TooManyTries,
    Unauthenticated and NotPermitted.
    """
    person_id, now = require_signed_in(viewer), clock.now()
    wish = _checked(wish, now)

    async def write() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            await lock_person(sql, person_id)
            person = await _person(sql, person_id)
            await require_room(sql, [person_id], now)
            if wish.position_id is not None:
                await own_live_position(sql, viewer, wish.position_id)
            if wish.phone is not None:
                await _count_phone(sql, person, wish.phone, keys[0], now)
            made = await _insert(sql, person, wish, now)
            link = base_url + INVITATION_PATH + await _address(sql, made, keys[0], now)
            if wish.phone is not None:
                await _send(sql, wish, made, link, _locale(wish, person), now)
            binding = await binding_row(sql, made)
            assert binding is not None, "it was just made"
            await tell_binding(sql, held, now, binding)
            detail = {"side": wish.side, "way": wish.way, "scope": wish.scope}
            subject = f"position_binding:{made}"
            await record_audit(sql, viewer, "ask_binding", subject, None, detail, now)
            return made

    return await retried(write)


async def _address(sql: Sql, binding_id: int, key: bytes, now: datetime) -> str:
    """The invitation's token, of which the hash is kept."""
    token = made_token(key, WHAT, binding_id, now)
    await sql.execute(
        "UPDATE position_binding SET token_hash = $2 WHERE id = $1", binding_id, token_hash(token)
    )
    return token


def _checked(wish: Wish, now: datetime) -> Wish:
    is_open = wish.side is BindingSide.RECEIVER and wish.scope is BindingScope.ONE_STAY
    if is_open and wish.position_id is not None:
        raise InvalidInput("position_id", "whose stay you see, the sharer says")
    if not is_open:
        checked_scope(wish.scope, wish.position_id, wish.until, now)
    if (wish.way is InvitationWay.PHONE) != (wish.phone is not None):
        raise InvalidInput("phone", "PHONE, and no other way, has a number")
    name = checked_name("own_name", wish.own_name)
    if not name:
        raise InvalidInput("own_name", "say who asks: the other side does not see your address")
    return Wish(
        side=wish.side, way=wish.way, scope=wish.scope, position_id=wish.position_id,
        until=wish.until, phone=None if wish.phone is None else _number(wish.phone),
        own_name=name, their_name=checked_name("their_name", wish.their_name), locale=wish.locale,
    )  # fmt: skip


def _number(text: str) -> str:
    address = parse_address(text, "phone")
    if address.kind != "phone":
        raise InvalidInput("phone", "expected a phone number such as +8613800138000")
    return address.value


async def _person(sql: Sql, person_id: int) -> Profile:
    person = await person_of(sql, person_id)
    if person is None:
        raise Unauthenticated("this account does not exist any more; sign in again")
    return person


async def _count_phone(sql: Sql, person: Profile, phone: str, key: bytes, now: datetime) -> None:
    """Each costs money, and somebody's peace."""
    if person.phone == phone:
        raise NotYourself("this is your own number; give that of the other person")
    await take_attempt(sql, INVITED_PER_DAY, str(person.id), key, now)
    await take_attempt(sql, INVITED_PHONE, phone, key, now)


async def _insert(sql: Sql, person: Profile, wish: Wish, now: datetime) -> int:
    is_sharer = wish.side is BindingSide.SHARER
    names = (wish.own_name, wish.their_name) if is_sharer else (wish.their_name, wish.own_name)
    locale = _locale(wish, person) if is_sharer else best_locale(person.locale)
    [row] = await sql.fetch(
        _INSERT,
        person.id if is_sharer else None,
        None if is_sharer else person.id,
        BindingState.REQUESTED,
        wish.scope,
        wish.position_id,
        wish.until,
        wish.side,
        wish.way,
        wish.phone or "",
        *names,
        locale,
        now,
        now + INVITATION_LASTS,
    )
    return int(row["id"])


def _locale(wish: Wish, person: Profile) -> str:
    return best_locale(wish.locale or person.locale)


async def _send(
    sql: Sql, wish: Wish, binding_id: int, link: str, locale: str, now: datetime
) -> None:
    is_sharer = wish.side is BindingSide.SHARER
    telling = Telling(
        key=f"binding:{binding_id}:asked",
        topic=NoticeTopic.POSITION_INVITED if is_sharer else NoticeTopic.POSITION_ASKED,
        fields={"name": wish.own_name, "link": link},
        locale=locale,
        about=f"position_binding:{binding_id}",
        useful_until=now + INVITATION_LASTS,
    )
    await tell_person(sql, Reach(phone=wish.phone), telling, now)
