"""Opening a secure link: the door, where every try is counted, and the view, which is one of many.

Whoever stands before a door that does not open learns nothing: a false token looks like one that
was revoked, has expired, is used up, or whose car is gone (CLAIMS E13, E16).
"""

from datetime import timedelta
from enum import Enum

from parking.accounts.attempts import Limit, give_back_attempt, source_network
from parking.clock import Clock
from parking.devices.sealing import Sealer
from parking.errors import NotFound
from parking.events.bus import Bus
from parking.events.held import HeldBus
from parking.ids import token_hash
from parking.locations.kinds import LinkOutcome
from parking.locations.limits import (
    OPENINGS_PER_LINK_MAX,
    OPENINGS_PER_SOURCE_MAX,
    PASSCODES_PER_SOURCE_MAX,
)
from parking.locations.links.close import GUESSED, close_link_in
from parking.locations.links.log import log_knock, log_opening
from parking.locations.links.passcodes import is_passcode
from parking.locations.links.rows import link_by_token, locked_link
from parking.locations.links.rules import (
    PasscodeNeeded,
    WrongPasscode,
    is_open,
    may_be_viewed,
    tries_left,
    typed_passcode,
)
from parking.locations.links.telling import tell_guessed
from parking.locations.positions.rows import position_row
from parking.locations.records import LinkRecord
from parking.locations.tokens import is_token
from parking.locations.topics import tell_position
from parking.reservations.attempts import FIVE_MINUTES, count_attempt
from parking.storage.sql import Sql, database
from parking.storage.transactions import retried, transaction

OPENINGS_PER_SOURCE = Limit("position_links_of_source", OPENINGS_PER_SOURCE_MAX, FIVE_MINUTES)
OPENINGS_PER_LINK = Limit("openings_of_link", OPENINGS_PER_LINK_MAX, FIVE_MINUTES)
PASSCODES_PER_SOURCE = Limit("passcodes_of_source", PASSCODES_PER_SOURCE_MAX, timedelta(hours=1))


class _Answer(Enum):
    """What the door says."""

    COME_IN = "COME_IN"
    CLOSED = "CLOSED"
    NEEDS_PASSCODE = "NEEDS_PASSCODE"
    WRONG_PASSCODE = "WRONG_PASSCODE"


async def at_link(
    token: str,
    passcode: str,
    *,
    source: str,
    device: str,
    clock: Clock,
    bus: Bus,
    sealer: Sealer,
) -> LinkRecord:
    """The link of the token, when it works and the passcode is right, where it has one. Nothing is
    shown by this yet, and no view is counted: see `count_view`.

    `source` is the address that the request came from, `device` a coarse word for the log. Not
    inside a transaction: its end could undo the count of a wrong try. Raises `NotFound`,
    `PasscodeNeeded`, `WrongPasscode` and `TooManyTries`.
    """
    assert not database().is_transaction, "a rollback would give wrong tries back"
    whence, digits = source_network(source), typed_passcode(passcode)
    await count_attempt(OPENINGS_PER_SOURCE, whence, clock)
    found = await link_by_token(database(), token_hash(token)) if is_token(token) else None
    if found is None:
        raise missing()
    await count_attempt(OPENINGS_PER_LINK, str(found.id), clock)
    is_tried = found.has_passcode and bool(digits)
    if is_tried:
        await count_attempt(PASSCODES_PER_SOURCE, whence, clock)
    answer, link = await retried(lambda: _at_door(found.id, digits, device, clock, bus, sealer))
    if is_tried and answer is not _Answer.WRONG_PASSCODE:
        await give_back_attempt(database(), PASSCODES_PER_SOURCE, whence, b"")
    if answer is _Answer.NEEDS_PASSCODE:
        raise PasscodeNeeded("this link has a passcode; ask whoever gave you the link for it")
    if answer is _Answer.WRONG_PASSCODE:
        raise WrongPasscode(tries_left(link.wrong_tries + 1))
    if answer is _Answer.CLOSED:
        raise missing()
    return link


async def _at_door(
    link_id: int, digits: str, device: str, clock: Clock, bus: Bus, sealer: Sealer
) -> tuple[_Answer, LinkRecord]:
    """Decided and written under the row's lock: so tries at the same time are counted one by one,
    and none is made of a link that has borne its last."""
    async with HeldBus(bus) as held, transaction() as sql:
        link, now = await locked_link(sql, link_id), clock.now()
        if link is None:
            raise missing()
        if not is_open(link, now):
            await log_knock(sql, link.position_id, link.id, device, now)
            return _Answer.CLOSED, link
        if not link.has_passcode:
            return _Answer.COME_IN, link
        if not digits:
            return _Answer.NEEDS_PASSCODE, link
        if await is_passcode(await _stored(sql, link.id), digits, sealer):
            return _Answer.COME_IN, link
        await _count_wrong(sql, held, link, device, clock)
        return _Answer.WRONG_PASSCODE, link


async def _count_wrong(sql: Sql, bus: Bus, link: LinkRecord, device: str, clock: Clock) -> None:
    now, is_last = clock.now(), tries_left(link.wrong_tries + 1) == 0
    await sql.execute(
        "UPDATE position_link SET wrong_tries = wrong_tries + 1, version = version + 1"
        " WHERE id = $1",
        link.id,
    )
    outcome = LinkOutcome.TOO_MANY_TRIES if is_last else LinkOutcome.WRONG_PASSCODE
    await log_opening(sql, link.position_id, link.id, outcome, device, now)
    position = await position_row(sql, link.position_id)
    assert position is not None, "a link ends with its position, or before"
    if is_last:
        await close_link_in(sql, bus, link, position.person_id, now, GUESSED)
        await tell_guessed(position, link, now)
    else:
        await tell_position(sql, bus, now, position.id, [position.person_id])


async def count_view(link_id: int, device: str, *, clock: Clock, bus: Bus) -> int:
    """Open the link once: the number of the version that is shown. Raises `NotFound` where that was
    the last view already, or it does not work any more.

    For whom `at_link` let in.
    """

    async def write() -> int:
        async with HeldBus(bus) as held, transaction() as sql:
            link, now = await locked_link(sql, link_id), clock.now()
            if link is None or not may_be_viewed(link, now):
                raise missing()
            position = await position_row(sql, link.position_id)
            assert position is not None, "a link ends with its position, or before"
            await sql.execute(
                "UPDATE position_link SET views = views + 1, version = version + 1 WHERE id = $1",
                link.id,
            )
            shown = LinkOutcome.SHOWN
            await log_opening(sql, position.id, link.id, shown, device, now, position.version)
            await tell_position(sql, held, now, position.id, [position.person_id])
            return position.version

    return await retried(write)


async def note_used_up(link: LinkRecord, device: str, *, clock: Clock) -> None:
    """Somebody was let in at the door whose view would have been one too many."""
    async with transaction() as sql:
        await log_knock(sql, link.position_id, link.id, device, clock.now())


async def _stored(sql: Sql, link_id: int) -> str:
    [row] = await sql.fetch("SELECT passcode_hash FROM position_link WHERE id = $1", link_id)
    return str(row["passcode_hash"])


def missing() -> NotFound:
    """What every door that does not open says."""
    return NotFound("there is no such link, or it does not work any more; ask for another")
